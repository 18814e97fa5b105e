#include "kernd/log.hpp"

#include "support/patience.hpp"
#include "support/temporary_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace kernd {
namespace {

using namespace std::chrono_literals;

/// A descriptor that closes itself.
class descriptor {
 public:
  explicit descriptor(int number) : number_{number} { EXPECT_GE(number, 0); }
  explicit descriptor(const std::string& path)
      : descriptor{::open(path.c_str(), O_WRONLY | O_APPEND)} {}
  ~descriptor() { close(); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct LogTest : ::testing::Test {
  std::vector<std::string> lines() const {
    std::istringstream stream{file.text()};
    std::vector<std::string> result;
    for (std::string line; std::getline(stream, line);) result.push_back(line);
    return result;
  }

  test::temporary_file file;
  descriptor output{file.path()};
};

struct pipe_ends {
  pipe_ends() {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    reader.emplace(ends[0]);
    writer.emplace(ends[1]);
  }
  std::optional<descriptor> reader, writer;
};

TEST_F(LogTest, FlushReturnsAfterTheLineIsOut) {
  logger log{log_level::info, log_format::text, output.number()};

  log.info("started", {{"port", std::int64_t{8080}}});
  log.flush();

  ASSERT_EQ(lines().size(), 1u);
  EXPECT_TRUE(lines()[0].ends_with("Z info  started port=8080")) << lines()[0];
}

TEST_F(LogTest, TheDestructorWritesWhatIsQueued) {
  {
    logger log{log_level::info, log_format::text, output.number()};
    for (int i = 0; i < 500; ++i) log.info("line");
  }

  EXPECT_EQ(lines().size(), 500u);
}

TEST_F(LogTest, LinesKeepTheirOrder) {
  logger log{log_level::info, log_format::json, output.number()};

  for (std::int64_t i = 0; i < 500; ++i) log.info("line", {{"i", i}});
  log.flush();

  const auto written = lines();
  ASSERT_EQ(written.size(), 500u);
  for (std::size_t i = 0; i < written.size(); ++i) {
    EXPECT_EQ(nlohmann::json::parse(written[i])["i"], i);
  }
}

TEST_F(LogTest, LinesBelowTheLevelAreNotWritten) {
  logger log{log_level::warn, log_format::text, output.number()};

  log.info("no");
  log.warn("yes");
  log.flush();

  EXPECT_EQ(lines().size(), 1u);
  EXPECT_FALSE(log.enabled(log_level::info));
  EXPECT_TRUE(log.enabled(log_level::warn));
}

TEST_F(LogTest, TheLevelChangesAtRunTime) {
  logger log{log_level::warn, log_format::text, output.number()};

  log.set_level(log_level::trace);
  log.write(log_level::trace, "yes");
  log.flush();

  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(LogTest, TheFormatChangesAtRunTime) {
  logger log{log_level::info, log_format::text, output.number()};

  log.info("first");
  log.set_format(log_format::json);
  log.info("second");
  log.flush();

  ASSERT_EQ(lines().size(), 2u);
  EXPECT_FALSE(nlohmann::json::accept(lines()[0]));
  EXPECT_EQ(nlohmann::json::parse(lines()[1])["msg"], "second");
}

TEST_F(LogTest, ThreadsDoNotTearEachOthersLines) {
  {
    logger log{log_level::info, log_format::json, output.number()};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log] {
        for (int i = 0; i < 200; ++i) log.info("line", {{"text", std::string(300, 'x')}});
      });
    }
  }

  EXPECT_EQ(lines().size(), 800u);
  for (const auto& line : lines()) EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST_F(LogTest, TheWritingThreadIsNamed) {
  logger log{log_level::info, log_format::text, output.number()};
  log.info("so that the thread has begun");
  log.flush();

  std::vector<std::string> names;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream{task.path() / "comm"} >> names.emplace_back();
  }

  EXPECT_EQ(std::count(names.begin(), names.end(), "kernd-log"), 1);
}

TEST(LogOutputTest, AStalledReaderCostsTheOldestLinesAndNoTime) {
  pipe_ends pipe;
  logger log{log_level::info, log_format::text, pipe.writer->number()};

  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20'000; ++i) log.info("a line that nobody reads");

  EXPECT_LT(std::chrono::steady_clock::now() - start, test::patience);
  EXPECT_GT(log.dropped(), 10'000u);
}

TEST(LogOutputTest, AFlushToAStalledReaderIsBounded) {
  pipe_ends pipe;
  logger log{log_level::info, log_format::text, pipe.writer->number()};
  for (int i = 0; i < 5'000; ++i) log.info("a line that nobody reads");

  const auto start = std::chrono::steady_clock::now();
  log.flush();

  EXPECT_LT(std::chrono::steady_clock::now() - start, test::patience);
}

TEST(LogOutputTest, TheDestructorDoesNotWaitForAStalledReader) {
  pipe_ends pipe;
  auto log = std::make_unique<logger>(log_level::info, log_format::text, pipe.writer->number());
  for (int i = 0; i < 5'000; ++i) log->info("a line that nobody reads");

  const auto start = std::chrono::steady_clock::now();
  log.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - start, test::patience);
}

TEST(LogOutputTest, AReaderThatWentAwayDoesNotEndTheProcess) {
  pipe_ends pipe;
  pipe.reader->close();
  logger log{log_level::info, log_format::text, pipe.writer->number()};

  log.info("nobody there");
  log.flush();

  EXPECT_EQ(log.dropped(), 1u);
}

TEST(LogOutputTest, AFullDiskCostsTheLine) {
  const descriptor full{std::string{"/dev/full"}};
  logger log{log_level::info, log_format::text, full.number()};

  log.info("one");
  log.info("two");
  log.flush();

  EXPECT_EQ(log.dropped(), 2u);
}

TEST(LogOutputTest, ADescriptorOnlyForReadingCostsTheLine) {
  const descriptor input{::open("/dev/null", O_RDONLY)};
  logger log{log_level::info, log_format::text, input.number()};

  log.info("one");
  log.flush();

  EXPECT_EQ(log.dropped(), 1u);
}

}  // namespace
}  // namespace kernd
