#include "server/http/stream_choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kernd::http {
namespace {

namespace asio = boost::asio;

asio::awaitable<result<void>> no_events(request&, event_stream&) {
  co_return result<void>{};
}
asio::awaitable<result<void>> no_socket(request&, web_socket&) {
  co_return result<void>{};
}

/// A request that is a sound handshake, for the tests to spoil.
struct StreamChoiceTest : ::testing::Test {
  request req;
  request_framing framing;
  stream_handlers both{no_events, no_socket};
  stream_handlers events{.events = no_events};
  stream_handlers socket{.socket = no_socket};
  cors_policy cors{true, {"http://good"}};

  StreamChoiceTest() {
    req.verb = method::get;
    req.path = "/stream";
    req.headers = {{"Host", "x"},
                   {"Connection", "keep-alive, Upgrade"},
                   {"Upgrade", "WebSocket"},
                   {"Sec-WebSocket-Version", "13"},
                   {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  }

  void set(std::string_view name, std::string_view value) {
    for (auto& field : req.headers) {
      if (field.first == name) {
        field.second = value;
        return;
      }
    }
    req.headers.emplace_back(name, value);
  }
  void drop(std::string_view name) {
    std::erase_if(req.headers, [&](const auto& field) { return field.first == name; });
  }
  void make_plain() { req.headers = {{"Host", "x"}}; }

  /// `events`, `websocket`, or the status.
  std::string choice(const stream_handlers& handlers) {
    const auto chosen = choose_stream(req, framing, handlers, cors);
    if (const auto* const refusal = std::get_if<response>(&chosen)) {
      return std::to_string(refusal->status);
    }
    return std::string{stream_kinds[static_cast<std::size_t>(std::get<stream_kind>(chosen))]};
  }
};

TEST_F(StreamChoiceTest, TakesASoundHandshake) {
  EXPECT_EQ(choice(socket), "websocket");
  EXPECT_EQ(choice(both), "websocket");
}

TEST_F(StreamChoiceTest, IgnoresAnUpgradeWhereThereAreOnlyEvents) {
  EXPECT_EQ(choice(events), "events");
}

TEST_F(StreamChoiceTest, IgnoresAnUpgradeToSomethingElse) {
  set("Upgrade", "h2c");

  EXPECT_EQ(choice(socket), "426");
}

TEST_F(StreamChoiceTest, FindsTheUpgradeInAList) {
  set("Upgrade", "h2c, websocket");

  EXPECT_EQ(choice(socket), "websocket");
}

TEST_F(StreamChoiceTest, HttpOneZeroCannotUpgrade) {
  framing.is_http_1_0 = true;

  EXPECT_EQ(choice(socket), "426");
}

TEST_F(StreamChoiceTest, HeadCannotUpgrade) {
  req.verb = method::head;

  EXPECT_EQ(choice(socket), "426");
}

TEST_F(StreamChoiceTest, AHandshakeNeedsItsConnectionHeader) {
  set("Connection", "keep-alive");

  EXPECT_EQ(choice(socket), "400");
}

TEST_F(StreamChoiceTest, AHandshakeHasNoBody) {
  framing.has_body = true;

  EXPECT_EQ(choice(socket), "400");
}

TEST_F(StreamChoiceTest, AHandshakeNeedsItsKey) {
  for (const std::string_view key :
       {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==x",
        "dGhlIHNhbXBsZSBub25jZ?==", "dGhlIHNhbXBsZSBub25jZQAA"}) {
    set("Sec-WebSocket-Key", key);
    EXPECT_EQ(choice(socket), "400") << key;
  }
  drop("Sec-WebSocket-Key");
  EXPECT_EQ(choice(socket), "400");
}

TEST_F(StreamChoiceTest, AHandshakeHasOneKey) {
  req.headers.emplace_back("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");

  EXPECT_EQ(choice(socket), "400");
}

TEST_F(StreamChoiceTest, OtherVersionsAreToldOurs) {
  for (const std::string_view version : {"8", "", "13, 8", "013"}) {
    set("Sec-WebSocket-Version", version);
    const auto chosen = choose_stream(req, framing, socket, cors);
    const auto& refusal = std::get<response>(chosen);
    EXPECT_EQ(refusal.status, 426u) << version;
    const std::pair<std::string_view, std::string> ours{"Sec-WebSocket-Version", "13"};
    EXPECT_NE(std::find(refusal.headers.begin(), refusal.headers.end(), ours),
              refusal.headers.end());
  }
  drop("Sec-WebSocket-Version");
  EXPECT_EQ(choice(socket), "426");
}

TEST_F(StreamChoiceTest, PagesNeedAnOriginThatCorsAllows) {
  set("Origin", "http://evil");
  EXPECT_EQ(choice(socket), "403");
  set("Origin", "null");
  EXPECT_EQ(choice(socket), "403");
  set("Origin", "http://good");
  EXPECT_EQ(choice(socket), "websocket");
}

TEST_F(StreamChoiceTest, NoPageOpensAWebSocketWithoutCors) {
  cors = cors_policy{false, {"*"}};
  EXPECT_EQ(choice(socket), "websocket");
  set("Origin", "http://good");
  EXPECT_EQ(choice(socket), "403");
}

TEST_F(StreamChoiceTest, PlainRequestsGetEventsWhereTheyAreAlone) {
  make_plain();
  EXPECT_EQ(choice(events), "events");
  set("Accept", "application/json");
  EXPECT_EQ(choice(events), "events");
}

TEST_F(StreamChoiceTest, PlainRequestsSayThatTheyAcceptEventsWhereThereIsBoth) {
  make_plain();
  EXPECT_EQ(choice(both), "426");
  for (const std::string_view accepts : {"text/event-stream", "text/html, Text/Event-Stream;q=0.5",
                                         "text/event-stream; charset=x"}) {
    set("Accept", accepts);
    EXPECT_EQ(choice(both), "events") << accepts;
  }
  for (const std::string_view refuses :
       {"*/*", "text/event-stream;q=0", "text/event-stream; q=0.00", "text/event-streams"}) {
    set("Accept", refuses);
    EXPECT_EQ(choice(both), "426") << refuses;
  }
}

TEST_F(StreamChoiceTest, APlainRequestForAWebSocketIsTold) {
  make_plain();
  const auto chosen = choose_stream(req, framing, socket, cors);

  const auto& refusal = std::get<response>(chosen);

  EXPECT_EQ(refusal.code, "UPGRADE_REQUIRED");
  EXPECT_NE(refusal.body[0].view().find("/stream is a WebSocket"), std::string_view::npos);
}

}  // namespace
}  // namespace kernd::http
