#include "kernels/core/echo.hpp"

namespace kernd::kernels {

kernel_info echo::info() {
  return {
      .id = "core/echo",
      .version = "1.0.0",
      .mode = kernel_mode::ring,
      .description = "Gives back what it is sent, with a count and a time.",
      .expected_throughput = 5e6,
      .target_latency_us = 3,
      .example = {.input = R"({"value":7,"text":"hello"})",
                  .output = R"({"value":7,"count":1,"processed_ns":81724635,"text":"hello"})"},
      .fields = {
          field<&request::value>{.doc = "Any number; a sequence number, say.", .required = true},
          field<&request::text>{.doc = "Any text; empty unless given.", .required = false},
          field<&echoed::value>{.doc = "The number that was sent."},
          field<&echoed::count>{.doc = "Messages that the actor has handled, this one included."},
          field<&echoed::processed_ns>{.doc = "When it was handled, by a clock that never goes "
                                              "back; later than that of every message before.",
                                       .unit = "ns",
                                       .varies = true},
          field<&echoed::text>{.doc = "The text that was sent."}}};
}

}  // namespace kernd::kernels
