#include "kernd/process_metrics.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <exception>
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

}  // namespace

process_metrics::process_metrics() : figures_{read()} {
  thread_ = std::jthread{[this](const std::stop_token& ending) { run(ending); }};
}

void process_metrics::run(const std::stop_token& ending) {
  pthread_setname_np(pthread_self(), "kernd-process");
  std::unique_lock lock{mutex_};
  while (!wake_.wait_for(lock, ending, interval, [&] { return ending.stop_requested(); })) {
    lock.unlock();
    try {
      refresh();
    } catch (const std::exception&) {
      // Out of memory, which is no reason to end the process: the last figures stay.
    }
    lock.lock();
  }
}

void process_metrics::refresh() {
  const figures fresh = read();
  const std::lock_guard lock{mutex_};
  figures_ = fresh;
}

process_metrics::figures process_metrics::read() {
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  figures found;
  if (const auto stat = read_stat()) {
    found.cpu_seconds = (stat->user_ticks + stat->system_ticks) / ticks_per_second;
    found.threads = stat->threads;
    found.virtual_bytes = stat->virtual_bytes;
    found.resident_bytes = stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
    if (const auto boot = boot_time()) {
      found.start_seconds = *boot + stat->start_ticks / ticks_per_second;
    }
  }
  found.open_descriptors = open_descriptors();
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    found.max_descriptors = static_cast<double>(descriptors.rlim_cur);
  }
  return found;
}

void process_metrics::collect(metric_families& out) const {
  std::unique_lock lock{mutex_};
  const figures now = figures_;
  lock.unlock();

  using kind = metric_family::kind;
  const auto add = [&](kind k, const char* name, const char* help,
                       const std::optional<double>& value) {
    if (value) metric_family{out, k, name, help}.add({}, *value);
  };
  add(kind::counter, "process_cpu_seconds_total", "User and system CPU time.", now.cpu_seconds);
  add(kind::gauge, "process_threads", "Threads of this process.", now.threads);
  add(kind::gauge, "process_virtual_memory_bytes", "Virtual memory.", now.virtual_bytes);
  add(kind::gauge, "process_resident_memory_bytes", "Resident memory.", now.resident_bytes);
  add(kind::gauge, "process_start_time_seconds", "Start of this process, seconds since the epoch.",
      now.start_seconds);
  add(kind::gauge, "process_open_fds", "Open file descriptors.", now.open_descriptors);
  add(kind::gauge, "process_max_fds", "Limit of open file descriptors.", now.max_descriptors);
}

}  // namespace kernd
