#include "server/http/answer_taker.hpp"
#include "server/http/fallback.hpp"
#include "server/http/problem.hpp"
#include "server/http/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>

#include <new>

namespace kernd::http {
namespace {

namespace asio = boost::asio;

/// A body up to here is read even when nobody wants it, to keep the connection.
constexpr std::uint64_t discarded_body_bytes = 16 * 1024;
/// Up to here copying a body behind its head is cheaper than handing the system another piece.
constexpr std::size_t copied_body_bytes = 2048;

std::uint64_t microseconds(std::chrono::nanoseconds duration) {
  return static_cast<std::uint64_t>(duration.count() / 1000);
}

}  // namespace

void session::turn_away() {
  loop_.request_ids().write(request_.request_id);
  respond(problem({errc::connection_limit,
                   "all " + std::to_string(limits().max_connections) + " connections are in use"},
                  request_.request_id));
}

void session::begin_exchange() {
  if (loop_.shared().log != nullptr && peer_text_.empty()) peer_text_ = request_.peer.to_string();
  loop_.counts().request_started();
  in_exchange_ = true;
  ++requests_;
  if (request_.received == deadline::clock::time_point{}) {
    request_.received = deadline::clock::now();
  }
  if (request_.request_id.empty()) loop_.request_ids().write(request_.request_id);
  match_ = {};
  stream_.reset();
  stream_bytes_in_ = 0;
  sent_ = 0;
  finish_by_ = deadline::clock::time_point::max();
  error_text_.clear();
}

bool session::open_exchange() {
  begin_exchange();
  auto match = loop_.shared().routes.match(request_);
  if (!match) return refuse(match.error());
  match_ = std::move(*match);
  if (match_.matched != nullptr && match_.matched->time_limit) {
    finish_by_ = request_.received + match_.matched->time_limit(request_);
  }
  return reader_.has_body() ? admit_body() : true;
}

bool session::admit_body() {
  const bool is_short = !reader_.is_chunked() && reader_.content_length() <= discarded_body_bytes;
  if (match_.matched == nullptr && (reader_.expects_continue() || !is_short)) {
    stays_open_ = false;
    return respond(answer_without_route(request_, match_));
  }
  if (reader_.accept_body(request_, limits()) == request_reader::progress::refused) {
    return answer_refusal();
  }
  if (!reader_.expects_continue() || reader_.has_body_bytes()) return true;

  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  boost::system::error_code ec;
  if (socket_.write_some(asio::buffer(go_on), ec) == go_on.size()) return true;
  close();
  return false;
}

bool session::dispatch() {
  phase_ = phase::handling;
  stays_open_ = reader_.keep_alive();
  if (match_.matched == nullptr) return respond(answer_without_route(request_, match_));
  if (const auto* const at_once = std::get_if<handler>(&match_.matched->handle)) {
    return run(*at_once);
  }
  if (const auto* const later = std::get_if<async_handler>(&match_.matched->handle)) {
    return start(*later);
  }
  return start(std::get<stream_handlers>(match_.matched->handle));
}

bool session::run(const handler& handle) {
  response answer;
  try {
    answer = handle(request_);
  } catch (...) {
    answer = answer_failure(std::current_exception());
  }
  return respond(std::move(answer));
}

bool session::start(const async_handler& handle) {
  alarm_.cancel();
  disconnect_ = std::stop_source{};
  request_.disconnected = disconnect_.get_token();
  try {
    asio::co_spawn(loop_.io(), handle(request_), answer_taker{*this});
  } catch (...) {
    return respond(answer_failure(std::current_exception()));
  }
  // One bounded read stays open: it sees the client go away, and what it brings is kept.
  read();
  return false;
}

void session::on_answer(std::exception_ptr failure, response answer) {
  if (phase_ != phase::handling) return;
  if (ended_) return close();
  if (failure) answer = answer_failure(std::move(failure));
  if (respond(std::move(answer))) advance();
}

response session::answer_failure(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::bad_alloc&) {
    error_text_ = "std::bad_alloc";
    return problem({errc::memory_exhausted, "the process is out of memory"}, request_.request_id);
  } catch (const std::exception& e) {
    error_text_ = e.what();
  } catch (...) {
    error_text_ = "unknown exception";
  }
  return problem({errc::internal_error, "the request could not be completed"}, request_.request_id);
}

bool session::refuse(error why) {
  reader_.refuse(request_, std::move(why));
  return answer_refusal();
}

bool session::answer_refusal() {
  if (!in_exchange_) begin_exchange();
  stays_open_ = false;
  return respond(problem(reader_.refusal(), request_.request_id));
}

/// What does not depend on the answer, once it is known whether the connection stays open.
head_context session::describe_head() {
  const std::uint64_t most = limits().max_requests_per_connection;
  if ((most != 0 && requests_ >= most) || loop_.shared().draining.load(std::memory_order_relaxed)) {
    stays_open_ = false;
  }
  using persistence = head_context::persistence;
  const persistence connection = !stays_open_            ? persistence::close
                                 : reader_.is_http_1_0() ? persistence::keep_alive
                                                         : persistence::implied;
  return {loop_.date(),           request_.request_id,
          &loop_.current().cors,  request_.header("Origin"),
          is_preflight(request_), connection};
}

bool session::respond(response answer) {
  answer_ = std::move(answer);
  if (!answer_.internal.empty()) error_text_ = std::move(answer_.internal);
  write_head(head_, answer_, describe_head());

  const bool is_bodyless = request_.verb == method::head || answer_.status == 204;
  const bool is_copied = body_size(answer_) <= copied_body_bytes;
  for (text_buffer& chunk : answer_.body) {
    if (!is_bodyless && is_copied) head_ += chunk.view();
    if (is_bodyless || is_copied) chunk.clear();
  }
  sent_ = 0;
  switch (write_now()) {
    case written::all:
      return finish_exchange();
    case written::later:
      write_later();
      return false;
    case written::failed:
      break;
  }
  close();
  return false;
}

bool session::finish_exchange() {
  if (in_exchange_) record(answer_.status, answer_.code);
  answer_ = {};
  if (!stays_open_) {
    // The request stays as it is: a read may still go into its body.
    linger();
    return false;
  }
  request_.reset();
  reader_.next();
  return true;
}

void session::record(unsigned status, std::string_view code) noexcept {
  in_exchange_ = false;
  metrics& counts = loop_.shared().counts;
  const auto duration = deadline::clock::now() - request_.received;
  const std::uint64_t bytes_in = reader_.bytes_in() + stream_bytes_in_;
  const std::size_t label = match_.path_known ? counts.label_of(match_.index) : counts.unmatched();
  loop_.counts().request_finished({label, request_.verb, status, code, duration, bytes_in, sent_});
  if (stream_ != nullptr && stream_->is_open()) {
    loop_.counts().stream_ended(stream_->kind(), stream_->reason());
  }

  access_log* const log = loop_.shared().log;
  if (log == nullptr || !loop_.current().access_log) return;
  log->record({.method = name_of(request_.verb),
               .route = counts.text_of(label),
               .status = status,
               .code = code,
               .bytes_in = bytes_in,
               .bytes_out = sent_,
               .duration_us = microseconds(duration),
               .request_id = request_.request_id,
               .trace_id = request_.trace_id,
               .parent_span_id = request_.parent_span_id,
               .tenant_id = request_.tenant_id,
               .peer = peer_text_,
               .error_text = error_text_});
}

}  // namespace kernd::http
