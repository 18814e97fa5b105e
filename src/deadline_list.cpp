#include "kernd/deadline_list.hpp"

#include <algorithm>

namespace kernd {

boost::asio::execution_context::id deadline_list::id;

deadline_list::deadline_list(boost::asio::execution_context& context)
    : service{context}, timer_{static_cast<boost::asio::io_context&>(context)} {}

void deadline_list::arm(deadline& d, deadline::clock::time_point at) {
  d.expires_at_ = at;
  // Most deadlines only ever move away: such a one keeps its place and is looked at again when
  // that comes up.
  if (d.armed() && at >= d.sorted_by_) return;
  d.unlink();
  insert(d);
  if (at < waits_for_) wait_until(at);
}

void deadline_list::insert(deadline& d) {
  d.sorted_by_ = d.expires_at_;
  armed_.insert(d);
}

void deadline_list::wait_until(deadline::clock::time_point at) {
  waits_for_ = deadline::clock::time_point::max();  // in case that there is no memory
  timer_.expires_at(at);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) fire();
  });
  waits_for_ = at;
}

void deadline_list::fire() {
  const auto now = deadline::clock::now();
  // What `expired` arms below must not start a wait of its own: one follows at the end.
  waits_for_ = deadline::clock::time_point::min();
  while (!armed_.empty() && armed_.begin()->sorted_by_ <= now) {
    deadline& first = *armed_.begin();
    first.unlink();
    if (first.expires_at_ > first.sorted_by_) {
      insert(first);  // it was moved to later: its turn comes in order
    } else {
      first.expired();
    }
  }
  waits_for_ = deadline::clock::time_point::max();
  if (!armed_.empty()) wait_until(std::max(armed_.begin()->sorted_by_, now + resolution));
}

void deadline_list::resume() {
  waits_for_ = deadline::clock::time_point::max();
  if (!armed_.empty()) wait_until(armed_.begin()->sorted_by_);
}

void deadline_list::shutdown() {
  armed_.clear();
}

}  // namespace kernd
