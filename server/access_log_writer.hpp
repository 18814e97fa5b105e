#pragma once

#include "kernd/log.hpp"
#include "server/http/access_log.hpp"

namespace kernd {

/// Writes one log line per request: what was asked and what became of it, never the body.
class access_log_writer final : public http::access_log {
 public:
  /// `log` outlives it.
  explicit access_log_writer(logger& log) : log_{log} {}

  void record(const http::access_record& r) noexcept override;

 private:
  logger& log_;
};

}  // namespace kernd
