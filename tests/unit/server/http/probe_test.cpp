#include "server/http/probe.hpp"

#include "unit/server/one_answer_server.hpp"

#include <gtest/gtest.h>

namespace kernd::http {
namespace {

using namespace std::chrono_literals;

TEST(ProbeTest, ReturnsTheStatus) {
  for (const unsigned status : {200u, 404u, 503u}) {
    test::one_answer_server server{"HTTP/1.1 " + std::to_string(status) +
                                   " x\r\nContent-Length: 0\r\n\r\n"};

    const auto answer = http_get_status("127.0.0.1", server.port(), "/health/ready", 5s);

    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, status);
  }
}

TEST(ProbeTest, DoesNotWaitForTheBody) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"};

  EXPECT_EQ(http_get_status("127.0.0.1", server.port(), "/", 5s).value(), 200u);
}

TEST(ProbeTest, SendsOneGetAndClosesTheConnection) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};
  const auto port = server.port();

  http_get_status("127.0.0.1", port, "/livez?verbose", 5s).value();

  EXPECT_EQ(server.request(),
            "GET /livez?verbose HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                "\r\nUser-Agent: kernd-healthcheck\r\nConnection: close\r\n\r\n");
}

TEST(ProbeTest, LocalhostIsTheLoopbackAddress) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};

  EXPECT_EQ(http_get_status("localhost", server.port(), "/", 5s).value(), 200u);
}

TEST(ProbeTest, AClosedPortIsAnError) {
  const auto port = test::closed_port();

  const auto answer = http_get_status("127.0.0.1", port, "/", 5s);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST(ProbeTest, SilenceEndsAtTheTimeout) {
  test::one_answer_server server{""};

  const auto start = std::chrono::steady_clock::now();
  const auto answer = http_get_status("127.0.0.1", server.port(), "/", 50ms);
  const auto waited = std::chrono::steady_clock::now() - start;

  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.ends_with(": no answer within 50 ms"));
  EXPECT_GE(waited, 50ms);
  EXPECT_LT(waited, 5s);
}

TEST(ProbeTest, SomethingElseThanHttpIsAnError) {
  test::one_answer_server server{"SSH-2.0-OpenSSH_9.2\r\n\r\n"};

  EXPECT_FALSE(http_get_status("127.0.0.1", server.port(), "/", 5s));
}

TEST(ProbeTest, AnEndlessHeaderIsAnError) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\nX: " + std::string(16'384, 'x')};

  EXPECT_FALSE(http_get_status("127.0.0.1", server.port(), "/", 5s));
}

TEST(ProbeTest, AnErrorNamesAnIpv6AddressInBrackets) {
  const auto answer = http_get_status("::1", test::closed_port(), "/", 5s);

  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.starts_with("[::1]:"));
}

}  // namespace
}  // namespace kernd::http
