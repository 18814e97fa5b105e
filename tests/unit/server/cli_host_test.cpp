#include "server/cli_host.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace kernd::cli {
namespace {

namespace fs = std::filesystem;

/// A folder that stands for `/`.
struct HostTest : ::testing::Test {
  HostTest() {
    if (::mkdtemp(root.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    write("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU\n");
    write("/proc/meminfo", "MemTotal:  4096 kB\nMemFree: 1 kB\nMemAvailable:  1024 kB\n");
  }
  ~HostTest() override { fs::remove_all(root); }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path{root + path}.parent_path());
    std::ofstream{root + path} << text;
  }

  std::string root = "/tmp/kernd-test-XXXXXX";
};

TEST_F(HostTest, ReadsCpuAndMemory) {
  const host_facts host = read_host(root);

  EXPECT_EQ(host.cpu_model, "Some CPU");
  EXPECT_EQ(host.memory_bytes, 4096u * 1024);
  EXPECT_EQ(host.available_bytes, 1024u * 1024);
  EXPECT_FALSE(host.cpu_quota);
  EXPECT_FALSE(host.memory_limit_bytes);
  EXPECT_GE(host.usable_cores, 1u);
  EXPECT_GE(host.open_files, 1u);
}

TEST_F(HostTest, TheTightestGroupCounts) {
  write("/proc/self/cgroup", "0::/outer/inner\n");
  write("/sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
  write("/sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
  write("/sys/fs/cgroup/cpu.max", "400000 100000\n");
  write("/sys/fs/cgroup/outer/inner/memory.max", "1000\n");
  write("/sys/fs/cgroup/outer/memory.max", "max\n");

  const host_facts host = read_host(root);

  EXPECT_EQ(host.cpu_quota, 1.5);
  EXPECT_EQ(host.memory_limit_bytes, 1000u);
}

TEST_F(HostTest, ReadsTheFirstVersionOfGroups) {
  write("/proc/self/cgroup", "3:cpu,cpuacct:/a\n2:memory:/b\n1:name=systemd:/\n");
  write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000\n");
  write("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  write("/sys/fs/cgroup/memory/b/memory.limit_in_bytes", "2000\n");
  write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

  const host_facts host = read_host(root);

  EXPECT_EQ(host.cpu_quota, 0.5);
  EXPECT_EQ(host.memory_limit_bytes, 2000u);
}

}  // namespace
}  // namespace kernd::cli
