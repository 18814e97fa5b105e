#include "kernd/exposition.hpp"

#include "kernd/executor.hpp"
#include "kernd/lifecycle.hpp"
#include "kernd/process_metrics.hpp"
#include "test_kernels.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

namespace kernd {
namespace {

using namespace std::chrono_literals;

/// The value of the sample that begins with `name` and a blank.
std::optional<double> value_of(const std::string& page, const std::string& name) {
  std::istringstream lines{page};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
  }
  return std::nullopt;
}

struct source {
  void collect(metric_families& out) const {
    metric_family{out, metric_family::kind::counter, "kernd_test_events_total", "Events."}
        .add({{"kind", "a"}}, 1)
        .add({{"kind", "b"}}, 2);
    metric_family{out, metric_family::kind::gauge, "kernd_test_level", "Level."}.add({}, 0.5);
  }
};

TEST(ExpositionTest, WritesWhatTheSourcesAdd) {
  const source events;
  exposition page{{}};
  page.add(events);

  const auto text = page.text();

  EXPECT_NE(text.find("# HELP kernd_test_events_total Events.\n"
                      "# TYPE kernd_test_events_total counter\n"
                      "kernd_test_events_total{kind=\"a\"} 1\n"
                      "kernd_test_events_total{kind=\"b\"} 2\n"),
            std::string::npos);
  EXPECT_EQ(value_of(text, "kernd_test_level"), 0.5);
}

TEST(ExpositionTest, SaysWhichProgramThisIs) {
  const exposition page{{.version = "1.2.3", .revision = "abc", .compiler = "g++"}};

  EXPECT_NE(
      page.text().find("kernd_build_info{version=\"1.2.3\",revision=\"abc\",compiler=\"g++\"} 1\n"),
      std::string::npos);
}

TEST(ExpositionTest, ShowsTheStateOfTheLifecycle) {
  lifecycle life;
  ASSERT_TRUE(life.move_to(lifecycle_state::starting));
  exposition page{{}};
  page.add(life);

  const auto text = page.text();

  EXPECT_EQ(value_of(text, "kernd_lifecycle_state{state=\"Starting\"}"), 1);
  for (const auto* other : {"Created", "Running", "Draining", "Stopped", "Failed"}) {
    EXPECT_EQ(value_of(text, std::string{"kernd_lifecycle_state{state=\""} + other + "\"}"), 0);
  }
}

/// The page with what `figures` knows.
std::string page_of(const process_metrics& figures) {
  exposition page{{}};
  page.add(figures);
  return page.text();
}

TEST(ProcessMetricsTest, AgreeWithTheSystem) {
  const process_metrics figures;
  const auto page = page_of(figures);
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());

  EXPECT_GE(value_of(page, "process_cpu_seconds_total").value(), 0);
  EXPECT_GE(value_of(page, "process_threads").value(), 1);
  EXPECT_GT(value_of(page, "process_resident_memory_bytes").value(), 1e6);
  EXPECT_GT(value_of(page, "process_virtual_memory_bytes").value(),
            value_of(page, "process_resident_memory_bytes").value());
  EXPECT_NEAR(value_of(page, "process_start_time_seconds").value(), now.count(), 3600);
  EXPECT_LE(value_of(page, "process_open_fds").value(), value_of(page, "process_max_fds").value());
}

TEST(ProcessMetricsTest, CountOpenDescriptors) {
  process_metrics figures;
  const auto before = value_of(page_of(figures), "process_open_fds").value();
  const int extra = dup(STDOUT_FILENO);
  ASSERT_GE(extra, 0);

  figures.refresh();
  const auto after = value_of(page_of(figures), "process_open_fds").value();

  EXPECT_EQ(after, before + 1);
  close(extra);
}

TEST(ProcessMetricsTest, FollowTheSystemByThemselves) {
  const process_metrics figures;
  const auto before = value_of(page_of(figures), "process_open_fds").value();
  const int extra = dup(STDOUT_FILENO);
  ASSERT_GE(extra, 0);

  while (value_of(page_of(figures), "process_open_fds") != before + 1) std::this_thread::yield();

  close(extra);
}

TEST(ExpositionTest, PassesPromtool) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed";
  }
  kernel_registry registry;
  registry.add(make_kernel<test::adding>()).value();
  const executor jobs{registry, {.workers = 1}, {}};
  const lifecycle life;
  exposition page{{.version = "1.2.3", .revision = "abc", .compiler = "g++ 12"}};
  page.add(jobs);
  page.add(life);
  const auto path = ::testing::TempDir() + "kernd_exposition_" + std::to_string(getpid());
  std::ofstream{path} << page.text();

  const int status = std::system(("promtool check metrics < " + path).c_str());

  EXPECT_EQ(status, 0);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace kernd
