#include "tests/http/server_test.hpp"

#include "server/http/metrics.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace kernd::test {

namespace asio = boost::asio;

asio::awaitable<http::response> gate::wait(http::request& req) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto timer =
      std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const std::stop_callback on_disconnect{req.disconnected, [this, timer] {
                                           timer->cancel();
                                           raise(disconnected_);
                                         }};
  {
    const std::lock_guard lock{mutex_};
    timer_ = timer;
  }
  raise(entered_);
  const auto token = asio::as_tuple(asio::use_awaitable);
  co_await timer->async_wait(token);
  co_return http::json_response("\"opened\"");
}

void gate::await_entry() {
  await(entered_);
}
void gate::await_disconnect() {
  await(disconnected_);
}

void gate::open() {
  const std::lock_guard lock{mutex_};
  const auto timer = timer_.lock();
  if (timer == nullptr) throw std::runtime_error("gate: nobody waits");
  asio::post(timer->get_executor(), [timer = timer_] {
    if (const auto waiting = timer.lock()) waiting->cancel();
  });
}

http::response blockade::block(http::request&) {
  entered_.set_value();
  released_.get_future().wait();
  return {};
}

void gate::await(const bool& flag) {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, patience, [&] { return flag; }))
    throw std::runtime_error("gate: nothing happened");
}

void gate::raise(bool& flag) {
  const std::lock_guard lock{mutex_};
  flag = true;
  changed_.notify_all();
}

namespace {

asio::awaitable<http::response> answer_soon(http::request&) {
  co_return http::json_response("\"soon\"");
}

asio::awaitable<http::response> throw_later(http::request&) {
  throw std::runtime_error("secret of a coroutine");
  co_return http::response{};
}

http::response echo(http::request& req) {
  http::response answer;
  answer.content_type = "application/octet-stream";
  answer.body[1] = std::move(req.body);
  return answer;
}

http::response throw_now(http::request&) {
  throw std::runtime_error("secret of a handler");
}
http::response out_of_memory(http::request&) {
  throw std::bad_alloc{};
}

}  // namespace

ServerTest::ServerTest() {
  using http::async_handler;
  using http::handler;
  using http::method;
  options.port = 0;
  options.io_threads = 1;
  routes.add({method::get, "/hello",
              handler{[](http::request&) { return http::json_response("\"hello\""); }}});
  routes.add({method::post, "/echo", handler{echo}});
  routes.add({method::get, "/item/{id}", handler{[](http::request& req) {
                return http::json_response(req.path_param("id"));
              }}});
  const async_handler wait = [this](http::request& req) { return waiting.wait(req); };
  routes.add({method::get, "/wait", wait});
  routes.add({method::post, "/wait", wait});
  routes.add({method::get, "/soon", async_handler{answer_soon}});
  routes.add({method::get, "/big", handler{[this](http::request&) {
                http::response answer;
                answer.body[0].append(std::string(big_bytes / 2, 'a'));
                answer.body[1].append(std::string(big_bytes / 2, 'b'));
                return answer;
              }}});
  routes.add({method::get, "/throw", handler{throw_now}});
  routes.add({method::get, "/throw-later", async_handler{throw_later}});
  routes.add({method::get, "/no-memory", handler{out_of_memory}});
  routes.add(
      {method::get, "/stuck", handler{[this](http::request& req) { return stuck.block(req); }}});
}

void ServerTest::start() {
  bodies.set_limit(limits.body_memory_bytes);
  server = std::make_unique<http::server>(routes, options, limits, bodies, &log);
  server->start();
}

client ServerTest::connect_and_ask() {
  client c = connect();
  if (c.ask(get("/hello")).status != 200) throw std::runtime_error("no answer to /hello");
  return c;
}

double ServerTest::metric(const std::string& name, std::vector<std::string> labels) {
  double sum = 0;
  metric_families families;
  server->http_metrics().collect(families);
  for (const auto& family : families) {
    if (family.name != name) continue;
    for (const auto& value : family.metric) {
      const bool fits = std::all_of(labels.begin(), labels.end(), [&](const std::string& wanted) {
        return std::any_of(value.label.begin(), value.label.end(),
                           [&](const auto& l) { return l.name + "=" + l.value == wanted; });
      });
      if (fits) sum += value.counter.value + value.gauge.value;
    }
  }
  return sum;
}

std::string ServerTest::get(std::string_view path, std::string_view headers) {
  std::string text = "GET ";
  return text.append(path).append(" HTTP/1.1\r\nHost: x\r\n").append(headers).append("\r\n");
}

std::string ServerTest::post(std::string_view path, std::string_view body,
                             std::string_view headers) {
  std::string text = "POST ";
  return text.append(path)
      .append(" HTTP/1.1\r\nHost: x\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n")
      .append(headers)
      .append("\r\n")
      .append(body);
}

std::string ServerTest::code_of(const reply& r) {
  return nlohmann::json::parse(r.body).value("code", "");
}

}  // namespace kernd::test
