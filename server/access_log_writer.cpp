#include "server/access_log_writer.hpp"

#include <cstdint>

namespace kernd {

void access_log_writer::record(const http::access_record& r) noexcept {
  const bool server_fault = r.status == 500;
  log_.write(server_fault ? log_level::error : log_level::info, "request",
             {{"method", r.method},
              {"route", r.route},
              {"status", std::uint64_t{r.status}},
              {"code", r.code},
              {"duration_us", r.duration_us},
              {"bytes_in", r.bytes_in},
              {"bytes_out", r.bytes_out},
              {"request_id", r.request_id},
              {"trace_id", r.trace_id},
              {"parent_span_id", r.parent_span_id},
              {"tenant_id", r.tenant_id},
              {"peer", r.peer},
              {"error", r.error_text}});
}

}  // namespace kernd
