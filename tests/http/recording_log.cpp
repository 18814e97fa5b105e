#include "tests/http/recording_log.hpp"

#include "tests/support/patience.hpp"

#include <stdexcept>

namespace kernd::test {

void recording_log::record(const http::access_record& r) noexcept {
  const std::lock_guard lock{mutex_};
  entries_.push_back({std::string{r.method}, std::string{r.route}, std::string{r.code},
                      std::string{r.request_id}, std::string{r.trace_id},
                      std::string{r.parent_span_id}, std::string{r.tenant_id}, std::string{r.peer},
                      std::string{r.error_text}, r.status, r.bytes_in, r.bytes_out});
  added_.notify_all();
}

recording_log::entry recording_log::take() {
  std::unique_lock lock{mutex_};
  if (!added_.wait_for(lock, patience, [this] { return !entries_.empty(); })) {
    throw std::runtime_error("no access record came");
  }
  entry first = std::move(entries_.front());
  entries_.pop_front();
  return first;
}

bool recording_log::empty() {
  const std::lock_guard lock{mutex_};
  return entries_.empty();
}

}  // namespace kernd::test
