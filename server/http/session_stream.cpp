#include "server/http/answer_taker.hpp"
#include "server/http/problem.hpp"
#include "server/http/session.hpp"
#include "server/http/stream_choice.hpp"

#include <boost/asio/co_spawn.hpp>

#include <variant>

namespace kernd::http {

namespace asio = boost::asio;

bool session::start(const stream_handlers& handlers) {
  auto chosen = choose_stream(request_, {reader_.is_http_1_0(), reader_.has_body()}, handlers,
                              loop_.current().cors);
  if (auto* const refusal = std::get_if<response>(&chosen)) return respond(std::move(*refusal));

  const bool is_socket = std::get<stream_kind>(chosen) == stream_kind::web_socket;
  alarm_.cancel();
  disconnect_ = std::stop_source{};
  request_.disconnected = disconnect_.get_token();
  try {
    stream_ = is_socket ? make_web_socket(*this, handlers) : make_event_stream(*this, handlers);
    asio::co_spawn(loop_.io(), stream_->run(), answer_taker{*this});
  } catch (...) {
    stream_.reset();
    return respond(answer_failure(std::current_exception()));
  }
  // A WebSocket reads for itself, as soon as its handler has accepted it.
  if (!is_socket) read();
  return false;
}

void session::on_stream_end(std::exception_ptr failure, result<void> outcome) {
  stream_->handler_ended();
  switch (phase_) {
    case phase::handling:
      if (ended_ || handed_over_) return close();
      if (respond(answer_unopened(std::move(failure), outcome))) advance();
      return;
    case phase::streaming:
      if (failure) {
        const response problem = answer_failure(std::move(failure));
        return stream_->finish(&problem);
      }
      if (!outcome) {
        const response answer = problem(outcome.error(), request_.request_id);
        if (!answer.internal.empty()) error_text_ = answer.internal;
        return stream_->finish(&answer);
      }
      return stream_->finish(nullptr);
    case phase::lingering:
      return read();  // its request's head is free now
    default:
      return;
  }
}

/// The answer where the handler did not open its stream.
response session::answer_unopened(std::exception_ptr failure, const result<void>& outcome) {
  if (failure) return answer_failure(std::move(failure));
  if (!outcome) return problem(outcome.error(), request_.request_id);
  if (is_stopping()) {
    return problem({errc::service_unavailable, "the server is stopping"}, request_.request_id);
  }
  error_text_ = "the handler returned without opening its stream";
  return problem({errc::internal_error, "the request could not be completed"}, request_.request_id);
}

void session::begin_stream(response answer, head_context::framing framing, std::string& head) {
  answer_ = std::move(answer);
  if (request_.verb != method::head) stays_open_ = false;
  head_context context = describe_head();
  context.body = framing;
  write_head(head, answer_, context);
  phase_ = phase::streaming;
}

void session::hand_over() {
  handed_over_ = true;
  stays_open_ = false;
  boost::system::error_code ignored;
  if (reading_) socket_.cancel(ignored);
}

void session::switch_protocols() {
  answer_.status = 101;
  phase_ = phase::streaming;
}

void session::stream_said_all() {
  if (phase_ != phase::streaming) return;
  if (finish_exchange()) yield();
}

}  // namespace kernd::http
