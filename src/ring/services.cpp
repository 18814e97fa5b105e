#include "src/ring/services.hpp"

namespace kernd {

void ring_services::undeliverable(const message_header& header, std::span<const std::byte> payload,
                                  dead_letter_reason reason, std::string_view actor_id,
                                  const error& why) {
  if (header.correlation == 0) return bury(header, payload, reason, actor_id);
  calls.end(header.correlation, {.header = nullptr, .payload = {}, .why = &why});
}

void ring_services::bury(const message_header& header, std::span<const std::byte> payload,
                         dead_letter_reason reason, std::string_view actor_id) {
  dead_letter letter{.reason = reason,
                     .actor_id = std::string{actor_id},
                     .payload = {payload.begin(), payload.end()},
                     .when = system_wall_clock{}()};
  copy_fields(header, letter.header);
  dead_letters.add(std::move(letter));
}

}  // namespace kernd
