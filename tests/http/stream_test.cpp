#include "tests/http/stream_test.hpp"

#include <stdexcept>
#include <string>
#include <thread>

namespace kernd::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using http::event_stream;
using http::web_socket;
using outcome = asio::awaitable<result<void>>;

namespace {

outcome count(http::request& req, event_stream& out) {
  const int most = std::stoi(std::string{req.path_param("n")});
  for (int i = 1; i <= most; ++i) {
    const std::string id = std::to_string(i);
    const http::server_event event{.data = id, .event = "tick", .id = id};
    const bool goes_on = co_await out.write(event);
    if (!goes_on) break;
  }
  co_return result<void>{};
}

outcome write_lines(http::request&, event_stream& out) {
  const http::server_event event{.data = "a\nb\r\n\rc"};
  const bool is_written = co_await out.write(event);
  if (!is_written) co_return error{errc::cancelled, "nobody reads"};
  co_return result<void>{};
}

outcome echo_socket(http::request&, web_socket& socket) {
  const bool is_open = co_await socket.accept();
  if (!is_open) co_return result<void>{};
  for (;;) {
    const auto text = co_await socket.read();
    if (!text) break;
    const bool goes_on = co_await socket.write(*text);
    if (!goes_on) break;
  }
  co_return result<void>{};
}

asio::awaitable<void> ignore_input(web_socket& socket) {
  for (;;) {
    const auto text = co_await socket.read();
    if (!text) break;
  }
}

asio::awaitable<void> answer_each(web_socket& socket) {
  for (;;) {
    const auto text = co_await socket.read();
    if (!text) break;
    const std::string answer = "read " + std::string{*text};
    const bool goes_on = co_await socket.write(answer);
    if (!goes_on) break;
  }
}

asio::awaitable<void> write_many(gate& where, http::request& req, web_socket& socket) {
  const std::string text(10'000, 'w');
  for (int i = 0; i < 100; ++i) {
    const bool goes_on = co_await socket.write(text);
    if (!goes_on) co_return;
  }
  const http::response unused = co_await where.wait(req);
}

outcome push(gate& where, http::request& req, web_socket& socket) {
  const bool is_open = co_await socket.accept();
  if (!is_open) co_return result<void>{};
  auto reading = answer_each(socket);
  auto writing = write_many(where, req, socket);
  co_await socket.run(std::move(reading), std::move(writing));
  co_return result<void>{};
}

outcome close_socket(http::request& req, web_socket& socket) {
  co_await socket.accept();
  const auto code = static_cast<http::close_code>(std::stoi(std::string{req.path_param("code")}));
  socket.close(code, "because");
  co_return result<void>{};
}

outcome refuse_socket(http::request&, web_socket&) {
  co_return error{errc::actor_not_found, "no actor x"};
}
outcome refuse_events(http::request&, event_stream&) {
  co_return error{errc::actor_not_found, "no actor x"};
}

outcome fail_socket(http::request& req, web_socket& socket) {
  co_await socket.accept();
  const bool is_full = req.query_param("full").has_value();
  co_return error{is_full ? errc::queue_full : errc::actor_terminated, "it is over"};
}
outcome fail_events(http::request&, event_stream& out) {
  co_await out.open();
  co_return error{errc::actor_terminated, "it is over"};
}

outcome throw_in_socket(http::request&, web_socket& socket) {
  co_await socket.accept();
  throw std::runtime_error("secret of a socket");
}
outcome throw_in_events(http::request&, event_stream& out) {
  co_await out.open();
  throw std::runtime_error("secret of a stream");
}

outcome forget_socket(http::request&, web_socket&) {
  co_return result<void>{};
}
outcome forget_events(http::request&, event_stream&) {
  co_return result<void>{};
}

outcome wait_in_events(gate& where, http::request& req, event_stream& out) {
  const bool is_open = co_await out.open();
  if (is_open) {
    const http::response unused = co_await where.wait(req);
  }
  co_return result<void>{};
}

outcome wait_in_socket(gate& where, http::request& req, web_socket& socket) {
  const bool is_open = co_await socket.accept();
  if (is_open) {
    const http::response unused = co_await where.wait(req);
  }
  co_return result<void>{};
}

outcome flood_events(std::promise<void>& ended, event_stream& out) {
  const std::string text(32 << 10, 'x');
  const http::server_event event{.data = text};
  for (bool goes_on = true; goes_on;) goes_on = co_await out.write(event);
  ended.set_value();
  co_return result<void>{};
}

asio::awaitable<void> note_input(web_socket& socket, std::promise<void>& first) {
  const auto text = co_await socket.read();
  if (text) first.set_value();
  co_await ignore_input(socket);
}

asio::awaitable<void> flood(web_socket& socket, std::promise<void>& ended) {
  const std::string text(100'000, 'x');
  for (bool goes_on = true; goes_on;) goes_on = co_await socket.write(text);
  ended.set_value();
}

outcome flood_socket(StreamTest& test, web_socket& socket) {
  const bool is_open = co_await socket.accept();
  if (!is_open) co_return result<void>{};
  auto reading = note_input(socket, test.first_message);
  auto writing = flood(socket, test.writer_ended);
  co_await socket.run(std::move(reading), std::move(writing));
  co_return result<void>{};
}

outcome resume(std::promise<std::string>& id, http::request& req, event_stream& out) {
  id.set_value(std::string{req.header("Last-Event-ID")});
  co_await out.open();
  co_return result<void>{};
}

}  // namespace

StreamTest::StreamTest() {
  using http::event_handler;
  using http::method;
  using http::socket_handler;
  using http::stream_handlers;
  const auto add = [this](std::string path, stream_handlers handlers) {
    routes.add({method::get, std::move(path), std::move(handlers)});
  };
  const event_handler wait_events = [this](http::request& req, event_stream& out) {
    return wait_in_events(waiting, req, out);
  };
  const socket_handler wait_socket = [this](http::request& req, web_socket& socket) {
    return wait_in_socket(waiting, req, socket);
  };
  add("/count/{n}", {.events = count});
  add("/lines", {.events = write_lines});
  add("/wait-events", {.events = wait_events});
  add("/beat", {.events = wait_events, .heartbeat = 10ms});
  add("/flood", {.events = [this](http::request&, event_stream& out) {
        return flood_events(writer_ended, out);
      }});
  add("/socket", {.socket = echo_socket});
  add("/wait-socket", {.socket = wait_socket});
  add("/push", {.socket = [this](http::request& req, web_socket& socket) {
        return push(waiting, req, socket);
      }});
  add("/close/{code}", {.socket = close_socket});
  add("/flood-socket", {.socket = [this](http::request&, web_socket& socket) {
        return flood_socket(*this, socket);
      }});
  add("/both", {.events = [this](http::request& req,
                                 event_stream& out) { return resume(last_event_id, req, out); },
                .socket = echo_socket});
  add("/refuse", {refuse_events, refuse_socket});
  add("/fail", {fail_events, fail_socket});
  add("/throw-in-stream", {throw_in_events, throw_in_socket});
  add("/forget", {forget_events, forget_socket});
}

client StreamTest::listen(std::string_view path) {
  client c = connect();
  c.send(get(path, "Accept: text/event-stream\r\n"));
  const reply r = c.read_reply();
  if (r.status != 200) throw std::runtime_error("no events: " + r.status_line + r.body);
  return c;
}

std::string StreamTest::read_line(client& c) {
  std::string line;
  while (!line.ends_with("\r\n")) line += c.read_exactly(1);
  return line.substr(0, line.size() - 2);
}

std::string StreamTest::read_chunk(client& c) {
  const std::size_t size = std::stoul(read_line(c), nullptr, 16);
  std::string text = c.read_exactly(size);
  c.read_exactly(2);
  return text;
}

bool StreamTest::await_metric(const std::string& name, std::vector<std::string> labels,
                              double value) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (metric(name, labels) != value) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

void StreamTest::await_ended(std::string_view kind, std::string_view reason, double count) {
  EXPECT_TRUE(await_metric("kernd_http_streams_ended_total",
                           {"kind=" + std::string{kind}, "reason=" + std::string{reason}}, count));
  EXPECT_TRUE(await_metric("kernd_http_streams", {"kind=" + std::string{kind}}, 0));
}

}  // namespace kernd::test
