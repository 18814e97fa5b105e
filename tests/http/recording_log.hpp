#pragma once

#include "server/http/access_log.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace kernd::test {

/// Keeps what the server reported, with copies of the views.
class recording_log final : public http::access_log {
 public:
  struct entry {
    std::string method, route, code, request_id, trace_id, parent_span_id, tenant_id, peer,
        error_text;
    unsigned status;
    std::uint64_t bytes_in, bytes_out;
  };

  void record(const http::access_record& r) noexcept override;
  /// The oldest entry that was not taken yet; throws when none comes within 5 s.
  entry take();
  bool empty();

 private:
  std::mutex mutex_;  // guards entries_
  std::condition_variable added_;
  std::deque<entry> entries_;
};

}  // namespace kernd::test
