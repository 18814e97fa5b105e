#pragma once

#include "server/http/session.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <exception>
#include <utility>

namespace kernd::http {

/// Takes what an asynchronous handler returns. When it is dropped without that, because memory ran
/// out on the way, the connection closes: nobody else would ever answer.
class session::answer_taker {
 public:
  explicit answer_taker(session& s) : session_{&s} {}
  answer_taker(answer_taker&&) = default;
  answer_taker& operator=(answer_taker&&) = delete;
  ~answer_taker() {
    const bool is_end_of_loop = !session_ || session_->loop_.io().stopped();
    if (!is_end_of_loop) session_->close();
  }

  void operator()(std::exception_ptr failure, response answer) {
    const auto self = std::move(session_);
    self->enter([&] { self->on_answer(std::move(failure), std::move(answer)); });
  }
  void operator()(std::exception_ptr failure, result<void> outcome) {
    const auto self = std::move(session_);
    self->enter([&] { self->on_stream_end(std::move(failure), std::move(outcome)); });
  }

 private:
  boost::intrusive_ptr<session> session_;
};

}  // namespace kernd::http
