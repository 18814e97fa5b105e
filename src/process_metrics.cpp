#include "kernd/exposition.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace kernd {

namespace {

/// The fields of `/proc/self/stat` that we publish; times are in clock ticks.
struct process_stat {
  double user_ticks = 0;
  double system_ticks = 0;
  double threads = 0;
  double start_ticks = 0;  ///< After the machine's start.
  double virtual_bytes = 0;
  double resident_pages = 0;
};

std::optional<process_stat> read_stat() {
  std::ifstream file{"/proc/self/stat"};
  const std::string line{std::istreambuf_iterator<char>{file}, {}};
  // The second field is the program's name in parentheses, which may hold blanks and parentheses.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;

  std::istringstream fields{line.substr(name_end + 1)};
  std::string skipped;
  const auto skip = [&](int count) {
    while (count-- > 0) fields >> skipped;
  };
  process_stat stat;
  skip(11);
  fields >> stat.user_ticks >> stat.system_ticks;
  skip(4);
  fields >> stat.threads;
  skip(1);
  fields >> stat.start_ticks >> stat.virtual_bytes >> stat.resident_pages;
  if (!fields) return std::nullopt;
  return stat;
}

/// When the machine started, in seconds since the epoch.
std::optional<double> boot_time() {
  std::ifstream file{"/proc/stat"};
  std::string word;
  while (file >> word) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> open_descriptors() {
  std::error_code failed;
  const std::filesystem::directory_iterator all{"/proc/self/fd", failed};
  if (failed) return std::nullopt;
  return static_cast<double>(std::distance(begin(all), end(all)) -
                             1);  // less the one that lists them
}

void gauge(metric_families& out, const char* name, const char* help, double value) {
  metric_family{out, metric_family::kind::gauge, name, help}.add({}, value);
}

}  // namespace

void collect_process_metrics(metric_families& out) {
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  if (const auto stat = read_stat()) {
    metric_family{out, metric_family::kind::counter, "process_cpu_seconds_total",
                  "User and system CPU time."}
        .add({}, (stat->user_ticks + stat->system_ticks) / ticks_per_second);
    gauge(out, "process_threads", "Threads of this process.", stat->threads);
    gauge(out, "process_virtual_memory_bytes", "Virtual memory.", stat->virtual_bytes);
    gauge(out, "process_resident_memory_bytes", "Resident memory.",
          stat->resident_pages * page_bytes);
    if (const auto boot = boot_time()) {
      gauge(out, "process_start_time_seconds", "Start of this process, seconds since the epoch.",
            *boot + stat->start_ticks / ticks_per_second);
    }
  }
  if (const auto open = open_descriptors()) {
    gauge(out, "process_open_fds", "Open file descriptors.", *open);
  }
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    gauge(out, "process_max_fds", "Limit of open file descriptors.",
          static_cast<double>(descriptors.rlim_cur));
  }
}

}  // namespace kernd
