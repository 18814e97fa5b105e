// Memory that runs out on an event loop, at each allocation in turn, from accepting a connection to
// logging its request.

#include "kernd/log.hpp"
#include "kernd/ring/runtime.hpp"
#include "server/access_log_writer.hpp"
#include "server/api/kernels.hpp"
#include "server/http/server.hpp"
#include "tests/faults/allocation_fault.hpp"
#include "tests/http/client.hpp"
#include "tests/unit/test_kernels.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace kernd::test {
namespace {

/// What a client saw; nothing when the connection closed without an answer.
using sight = std::optional<int>;

struct null_device {
  const int descriptor = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  null_device() = default;
  null_device(const null_device&) = delete;
  null_device& operator=(const null_device&) = delete;
  ~null_device() { ::close(descriptor); }
};

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

std::string execute(const std::string& body) {
  return "POST /api/v1/kernels/core/test-adding/execute HTTP/1.1\r\nHost: test\r\n"
         "Content-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct SessionAllocationTest : ::testing::Test {
  null_device nowhere;
  logger lines{log_level::info, log_format::json, nowhere.descriptor};
  access_log_writer log{lines};
  kernel_registry registry;
  http::router routes;
  body_budget bodies{std::size_t{1} << 20};
  std::optional<http::server> server;
  executor_config options{.workers = 1};
  limits_config limits;
  std::optional<executor> jobs;
  ring_runtime actors{ring_config{}};
  std::optional<api::kernel_api> kernels;

  SessionAllocationTest() {
    registry.add(make_kernel<adding>()).value();
    server_config serving{.host = "::1", .port = 0, .io_threads = 1};  // a long address to log
    jobs.emplace(registry, options, limits);
    kernels.emplace(registry, *jobs, actors, options, true);
    kernels->add_routes(routes, "/api/v1");
    server.emplace(routes, serving, limits, bodies, &log);
    server->start();
  }
  ~SessionAllocationTest() override { server->stop(); }

  sight ask(const std::string& request) {
    client c{server->port(), "::1"};
    try {
      return c.ask(request).status;
    } catch (const std::system_error& failure) {
      if (failure.code() == std::errc::connection_reset) return std::nullopt;
      ADD_FAILURE() << "neither answered nor closed: " << failure.what();
      return std::nullopt;
    } catch (const std::runtime_error&) {
      return std::nullopt;  // closed
    }
  }

  /// The fault is over soon after it struck: as long as there is no memory nobody is accepted.
  sight ask_through_fault(const std::string& request, std::int64_t first,
                          allocation_fault::extent which, bool& struck) {
    sight seen;
    std::atomic<bool> has_ended{false};
    const allocation_fault fault{"kernd-io", first, which};
    std::jthread client{[&] {
      seen = ask(request);
      has_ended = true;
    }};
    while (!has_ended && !fault.struck()) std::this_thread::yield();
    struck = fault.struck();
    fault.lift();
    client.join();
    return seen;
  }

  /// Every fault ends in the right answer, in MEMORY_EXHAUSTED or in a closed connection, and the
  /// next client has its answer.
  void walk(const std::string& request, int status) {
    ASSERT_EQ(ask(request), status);
    for (const auto which :
         {allocation_fault::extent::once, allocation_fault::extent::from_then_on}) {
      bool struck = true;
      int answers = 0;
      for (std::int64_t first = 0; struck; ++first) {
        const sight seen = ask_through_fault(request, first, which, struck);
        if (seen) ++answers;
        ASSERT_TRUE(!seen || seen == 503 || seen == status)
            << "allocation " << first << ": " << *seen;
        ASSERT_EQ(ask(request), status) << "after allocation " << first;
        ASSERT_TRUE(jobs->wait_idle(std::chrono::seconds{30}));
      }
      EXPECT_GT(answers, 0);
    }
    EXPECT_EQ(bodies.used(), 0u);
  }
};

TEST_F(SessionAllocationTest, AnExecutionIsAnsweredOrClosed) {
  walk(execute(R"({"input":{"a":1},"metadata":{"trace_id":"0123456789abcdef0123456789"}})"), 200);
}

TEST_F(SessionAllocationTest, AnExecutionOfALargeBodyIsAnsweredOrClosed) {
  const std::string spaces(40'000, ' ');
  walk(execute(R"({"input":{"a":1}})" + spaces), 200);
}

TEST_F(SessionAllocationTest, ARefusalIsAnsweredOrClosed) {
  walk(get("/there/is/nothing/at/this/path"), 404);
}

TEST_F(SessionAllocationTest, ABadRequestIsAnsweredOrClosed) {
  walk("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
}

}  // namespace
}  // namespace kernd::test
