// Any bytes as the value of a `traceparent` header, held against the definition of version 00 as it
// stands in W3C's Trace Context, written down once more as a list of what each place may hold.

#include "server/http/trace_context.hpp"
#include "tests/fuzz/property.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kernd::http {
namespace {

using fuzz::require;

/// `x` is a lower-case hex digit, everything else itself.
constexpr std::string_view version_00 = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

bool fits(char place, char found) {
  constexpr std::string_view hex = "0123456789abcdef";
  return place == 'x' ? hex.find(found) != hex.npos : place == found;
}

bool is_zero(std::string_view id) {
  for (const char c : id) {
    if (c != '0') return false;
  }
  return true;
}

bool is_valid(std::string_view value) {
  if (value.size() != version_00.size()) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!fits(version_00[i], value[i])) return false;
  }
  return !is_zero(value.substr(3, 32)) && !is_zero(value.substr(36, 16));
}

void check(std::string_view value) {
  const auto found = parse_traceparent(value);

  require(found.has_value() == is_valid(value), "accepted exactly when valid", value);
  if (!found) return;
  require(found->trace_id.data() == value.data() + 3 && found->trace_id.size() == 32,
          "the trace id is the second field", found->trace_id);
  require(found->span_id.data() == value.data() + 36 && found->span_id.size() == 16,
          "the span id is the third field", found->span_id);
}

}  // namespace
}  // namespace kernd::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kernd::http::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
