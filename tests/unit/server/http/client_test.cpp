#include "server/http/client.hpp"

#include "support/patience.hpp"
#include "unit/server/one_answer_server.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd::http {
namespace {

using namespace std::chrono_literals;

TEST(ClientTest, ReturnsTheStatus) {
  for (const unsigned status : {200u, 404u, 503u}) {
    test::one_answer_server server{"HTTP/1.1 " + std::to_string(status) +
                                   " x\r\nContent-Length: 0\r\n\r\n"};

    const auto answer = http_get_status({"127.0.0.1", server.port()}, "/health/ready", 5s);

    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, status);
  }
}

TEST(ClientTest, DoesNotWaitForTheBody) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"};

  EXPECT_EQ(http_get_status({"127.0.0.1", server.port()}, "/", 5s).value(), 200u);
}

TEST(ClientTest, SendsOneGetAndClosesTheConnection) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};
  const auto port = server.port();

  http_get_status({"127.0.0.1", port}, "/livez?verbose", 5s).value();

  EXPECT_EQ(server.request(),
            "GET /livez?verbose HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                "\r\nUser-Agent: kernd-healthcheck\r\nConnection: close\r\n\r\n");
}

TEST(ClientTest, LocalhostIsTheLoopbackAddress) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};

  EXPECT_EQ(http_get_status({"localhost", server.port()}, "/", 5s).value(), 200u);
}

TEST(ClientTest, AClosedPortIsAnError) {
  const auto port = test::closed_port();

  const auto answer = http_get_status({"127.0.0.1", port}, "/", test::patience);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST(ClientTest, SilenceEndsAtTheTimeout) {
  test::one_answer_server server{""};

  const auto start = std::chrono::steady_clock::now();
  const auto answer = http_get_status({"127.0.0.1", server.port()}, "/", 50ms);
  const auto waited = std::chrono::steady_clock::now() - start;

  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.ends_with(": no answer within 50 ms"));
  EXPECT_GE(waited, 50ms);
  EXPECT_LT(waited, test::patience);
}

TEST(ClientTest, SomethingElseThanHttpIsAnError) {
  test::one_answer_server server{"SSH-2.0-OpenSSH_9.2\r\n\r\n"};

  EXPECT_FALSE(http_get_status({"127.0.0.1", server.port()}, "/", 5s));
}

TEST(ClientTest, AnEndlessHeaderIsAnError) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\nX: " + std::string(16'384, 'x')};

  EXPECT_FALSE(http_get_status({"127.0.0.1", server.port()}, "/", 5s));
}

TEST(ClientTest, AnErrorNamesAnIpv6AddressInBrackets) {
  const auto answer = http_get_status({"::1", test::closed_port()}, "/", test::patience);

  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.starts_with("[::1]:"));
}

TEST(ClientTest, AnExchangeReturnsTheWholeBody) {
  test::one_answer_server server{
      "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"};

  const auto answer = http_exchange({"127.0.0.1", server.port()}, {"POST", "/", "{}"}, 5s);

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201u);
  EXPECT_EQ(answer->body, "onetwo");
}

TEST(ClientTest, AnExchangeSendsItsBodyAsJson) {
  test::one_answer_server server{"HTTP/1.1 204 No Content\r\n\r\n"};
  const auto port = server.port();

  EXPECT_EQ(http_exchange({"127.0.0.1", port}, {"POST", "/a", "{\"b\":1}"}, 5s)->body, "");

  EXPECT_EQ(server.request(),
            "POST /a HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                "\r\nUser-Agent: kernd\r\nConnection: close\r\nContent-Type: application/json\r\n"
                "Content-Length: 7\r\n\r\n{\"b\":1}");
}

TEST(ClientTest, AnExchangeWithoutABodyDeclaresNone) {
  test::one_answer_server server{"HTTP/1.1 204 No Content\r\n\r\n"};

  EXPECT_EQ(http_exchange({"127.0.0.1", server.port()}, {"DELETE", "/a"}, 5s)->status, 204u);

  const std::string request = server.request();
  EXPECT_TRUE(request.starts_with("DELETE /a HTTP/1.1\r\n"));
  EXPECT_EQ(request.find("Content-"), std::string::npos);
}

TEST(ClientTest, ABodyThatDoesNotComeEndsAtTheTimeout) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"};

  const auto answer = http_exchange({"127.0.0.1", server.port()}, {"GET", "/"}, 50ms);

  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.ends_with(": no answer within 50 ms"));
}

std::string taken(std::uint16_t port, result<client_answer>& answer, std::size_t pieces) {
  std::string all;
  answer = http_follow({"127.0.0.1", port}, "/stream", 5s, [&](std::string_view piece) {
    all += piece;
    return --pieces != 0;
  });
  return all;
}

TEST(ClientTest, FollowingHandsOutABodyUntilItsEnd) {
  test::one_answer_server server{
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"};
  result<client_answer> answer = client_answer{};

  EXPECT_EQ(taken(server.port(), answer, 100), "onetwo");

  EXPECT_EQ(answer.value().status, 200u);
  EXPECT_NE(server.request().find("\r\nAccept: text/event-stream\r\n"), std::string::npos);
}

TEST(ClientTest, FollowingEndsWhenNoMoreIsWanted) {
  test::one_answer_server server{
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"};
  result<client_answer> answer = client_answer{};

  EXPECT_EQ(taken(server.port(), answer, 1), "one");
  EXPECT_TRUE(answer);
}

TEST(ClientTest, FollowingReturnsARefusalWhole) {
  test::one_answer_server server{"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"};
  result<client_answer> answer = client_answer{};

  EXPECT_EQ(taken(server.port(), answer, 100), "");

  EXPECT_EQ(answer.value().status, 404u);
  EXPECT_EQ(answer->body, "{}");
}

TEST(ClientTest, FollowingFailsWhenNothingIsHeardOfTheServer) {
  test::one_answer_server server{
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"};
  std::string all;

  const auto answer = http_follow({"127.0.0.1", server.port()}, "/", 50ms, [&](auto piece) {
    all += piece;
    return true;
  });

  EXPECT_EQ(all, "one");
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.ends_with(": no answer within 50 ms"));
}

}  // namespace
}  // namespace kernd::http
