#include "server/http/connection_census.hpp"

namespace kernd::http {

connection_census::ticket connection_census::admit(kind which) {
  const std::lock_guard lock{mutex_};
  ++(which == kind::served ? served_ : turned_away_);
  ++unfinished_;
  return {*this, which};
}

std::size_t connection_census::open(kind which) const {
  const std::lock_guard lock{mutex_};
  return which == kind::served ? served_ : turned_away_;
}

bool connection_census::wait_finished(std::chrono::milliseconds timeout) {
  std::unique_lock lock{mutex_};
  return all_finished_.wait_for(lock, timeout, [this] { return unfinished_ == 0; });
}

connection_census::ticket::~ticket() {
  if (census_ == nullptr) return;
  finish();
  const std::lock_guard lock{census_->mutex_};
  --(kind_ == kind::served ? census_->served_ : census_->turned_away_);
}

void connection_census::ticket::finish() noexcept {
  if (std::exchange(finished_, true)) return;
  const std::lock_guard lock{census_->mutex_};
  if (--census_->unfinished_ == 0) census_->all_finished_.notify_all();
}

}  // namespace kernd::http
