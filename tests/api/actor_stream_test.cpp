#include "tests/api/actor_api_test.hpp"
#include "tests/http/web_socket_client.hpp"

#include <string>

namespace kernd::test {
namespace {

constexpr std::string_view events = "Accept: text/event-stream\r\n";

struct ActorStreamTest : ActorApiTest {
  /// The stream's client, which has read its head. HTTP/1.0, so that events come unframed.
  client follow(const std::string& actor, const std::string& query = {},
                const std::string& headers = {}) {
    client c = connect();
    const reply head = c.ask("GET " + path(actor, "/stream" + query) +
                             " HTTP/1.0\r\nAccept: text/event-stream\r\n" + headers + "\r\n");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Type"), "text/event-stream");
    return c;
  }
  /// What a `told` of that value begins with, as an event.
  static std::string event(int position) {
    return "id: " + std::to_string(position) +
           "\nevent: told\ndata: {\"position\":" + std::to_string(position) + ",";
  }
  static std::string line(client& c) {
    std::string text;
    while (!text.ends_with("\n\n")) text += c.read_exactly(1);
    return text;
  }
  static json data_of(const std::string& event) {
    const auto at = event.find("data: ") + 6;
    return json::parse(event.substr(at, event.size() - at - 2));
  }
  web_socket_client open(const std::string& actor, const std::string& query = {}) {
    return web_socket_client{connect(), path(actor, "/stream" + query)};
  }
};

TEST_F(ActorStreamTest, SendsWhatIsEmittedAsEvents) {
  start();
  launch("a");
  client c = follow("a");

  send("a", tell_body(7));
  const std::string got = line(c);

  EXPECT_TRUE(got.starts_with(event(1))) << got;
  const json data = data_of(got);
  EXPECT_EQ(data["type"], 9104);
  EXPECT_EQ(data["name"], "told");
  EXPECT_EQ(data["payload"], json::parse(R"({"value":7})"));
}

TEST_F(ActorStreamTest, BeginsWithWhatComesFromNowOn) {
  start();
  launch("a");
  send("a", tell_body(1));
  wait_until("a", "/counters/emitted", 1);
  client c = follow("a");

  send("a", tell_body(2));

  EXPECT_EQ(data_of(line(c))["payload"]["value"], 2);
}

TEST_F(ActorStreamTest, GoesOnBehindTheLastEvent) {
  start();
  launch("a");
  for (int i = 1; i <= 3; ++i) send("a", tell_body(i));
  wait_until("a", "/counters/emitted", 3);
  {
    client broken = follow("a", "?after=0");
    EXPECT_TRUE(line(broken).starts_with(event(1)));
  }

  client by_header = follow("a", "?after=2", "Last-Event-ID: 1\r\n");
  client by_query = follow("a", "?after=1");

  EXPECT_TRUE(line(by_header).starts_with(event(2)));
  EXPECT_TRUE(line(by_query).starts_with(event(2)));
}

TEST_F(ActorStreamTest, EndsWithItsActor) {
  start();
  launch("a");
  send("a", tell_body(1));
  wait_until("a", "/counters/emitted", 1);
  client c = follow("a", "?after=0");
  line(c);

  EXPECT_EQ(remove("a").status, 204);

  EXPECT_TRUE(c.is_closed());
}

TEST_F(ActorStreamTest, EndsWithAnActorThatFails) {
  start();
  launch("a");
  client c = follow("a");

  EXPECT_EQ(call("a", message("trip")).status, 500);

  EXPECT_TRUE(c.is_closed());
}

TEST_F(ActorStreamTest, GivesBackWhatWasSentHalfALogBehind) {
  start();
  launch("a", R"({"output_queue_capacity":4})");
  client c = follow("a", "?after=0");

  for (int i = 1; i <= 9; ++i) {
    send("a", tell_body(i));
    EXPECT_TRUE(line(c).starts_with(event(i)));
  }
  wait_until("a", "/counters/emitted", 9);

  client again = follow("a", "", "Last-Event-ID: 8\r\n");
  EXPECT_TRUE(line(again).starts_with(event(9)));
}

TEST_F(ActorStreamTest, GivesNothingBackBeforeItHasSentSomething) {
  start();
  launch("a", R"({"output_queue_capacity":4})");
  for (int i = 1; i <= 4; ++i) send("a", tell_body(i));
  wait_until("a", "/counters/emitted", 4);

  client listener = follow("a");
  web_socket_client socket = open("a");

  EXPECT_EQ(json_of(output("a"))["messages"].size(), 4u);
}

TEST_F(ActorStreamTest, RefusesPositionsThatAreNone) {
  start();
  launch("a");
  const auto ask_with = [this](const std::string& query, const std::string& header) {
    return ask("GET " + path("a", "/stream" + query) + " HTTP/1.1\r\nHost: x\r\n" +
               std::string{events} + header + "\r\n");
  };
  const reply query = ask_with("?after=x", ""), header = ask_with("", "Last-Event-ID: x\r\n"),
              future = ask_with("", "Last-Event-ID: 5\r\n");

  for (const reply& r : {query, header, future}) {
    EXPECT_EQ(r.status, 400);
    EXPECT_EQ(code_of(r), "INVALID_REQUEST");
  }
  EXPECT_EQ(json_of(query)["message"],
            "after: integer from 0 to 9223372036854775807 expected, found 'x'");
  EXPECT_EQ(json_of(future)["message"], "Last-Event-ID is 5, but the newest position is 0");
}

TEST_F(ActorStreamTest, AnswersOverAWebSocket) {
  start();
  launch("a");
  web_socket_client socket = open("a");

  socket.send(ask_body(7));
  const json got = json::parse(socket.read_text());

  EXPECT_EQ(got["reply"]["name"], "answer");
  EXPECT_EQ(got["reply"]["payload"], json::parse(R"({"value":7,"count":1})"));
}

TEST_F(ActorStreamTest, AnswersInTheOrderOfTheMessages) {
  start();
  launch("a");
  web_socket_client socket = open("a");

  for (int i = 1; i <= 100; ++i) socket.send(ask_body(i));

  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(json::parse(socket.read_text())["reply"]["payload"]["value"], i);
  }
}

TEST_F(ActorStreamTest, SendsEventsOverAWebSocket) {
  start();
  launch("a");
  web_socket_client socket = open("a");

  socket.send(tell_body(7));
  json first = json::parse(socket.read_text()), second = json::parse(socket.read_text());

  if (first.contains("event")) std::swap(first, second);
  EXPECT_TRUE(first["accepted"]["message_id"].is_string());
  EXPECT_EQ(second["event"]["position"], 1);
  EXPECT_EQ(second["event"]["payload"]["value"], 7);
}

TEST_F(ActorStreamTest, ResumesAWebSocket) {
  start();
  launch("a");
  for (int i = 1; i <= 2; ++i) send("a", tell_body(i));
  wait_until("a", "/counters/emitted", 2);

  web_socket_client socket = open("a", "?after=1");

  EXPECT_EQ(json::parse(socket.read_text())["event"]["position"], 2);
}

TEST_F(ActorStreamTest, SaysWhatIsWrongOverAWebSocketAndGoesOn) {
  start();
  launch("a");
  web_socket_client socket = open("a");
  const auto code_for = [&socket](const std::string& text) {
    socket.send(text);
    return json::parse(socket.read_text()).at("error").at("code").get<std::string>();
  };

  EXPECT_EQ(code_for("garbage"), "INVALID_JSON");
  EXPECT_EQ(code_for(R"({"type":"shout"})"), "INVALID_INPUT");
  EXPECT_EQ(code_for(R"({"type":"ask","payload":{"value":[]}})"), "INVALID_INPUT");
  EXPECT_EQ(code_for(R"({"type":"tell","priority":7})"), "INVALID_REQUEST");
  socket.send(ask_body(7));
  EXPECT_EQ(json::parse(socket.read_text())["reply"]["payload"]["value"], 7);
}

TEST_F(ActorStreamTest, SaysOverAWebSocketThatACallTookTooLong) {
  start();
  launch_held("a");
  web_socket_client socket = open("a");

  socket.send(ask_body(7, R"(,"timeout_ms":1)"));

  EXPECT_EQ(json::parse(socket.read_text())["error"]["code"], "EXECUTION_TIMEOUT");
}

TEST_F(ActorStreamTest, ClosesAWebSocketWithItsActor) {
  start();
  launch("a");
  web_socket_client socket = open("a");

  remove("a");

  EXPECT_EQ(socket.read_close(), 1000u);
}

TEST_F(ActorStreamTest, OpensNoWebSocketToAnActorThatIsNot) {
  start();

  const reply r = ask(web_socket_client::upgrade(path("none", "/stream")));

  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(code_of(r), "ACTOR_NOT_FOUND");
}

}  // namespace
}  // namespace kernd::test
