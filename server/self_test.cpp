#include "server/self_test.hpp"

#include "kernd/executor.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace kernd {

namespace {

using nlohmann::json;

// Holds every f64 and every 64-bit integer exactly.
static_assert(std::numeric_limits<long double>::digits >= 64);

long double value_of(const json& number) {
  if (number.is_number_unsigned()) return number.get<std::uint64_t>();
  if (number.is_number_float()) return number.get<double>();
  const auto signed_value = number.get<std::int64_t>();
  // Only what begins with a minus is of this type.
  return signed_value == 0 ? -0.0L : signed_value;
}

bool near(long double expected, long double found, double tolerance) {
  if (tolerance == 0) return expected == found && std::signbit(expected) == std::signbit(found);
  const long double scale = std::max(std::fabs(expected), std::fabs(found));
  return std::fabs(expected - found) <= tolerance * scale;
}

/// The pointer of the first difference; empty when there is none.
std::string first_difference(const json& expected, const json& found, double tolerance,
                             const std::string& at) {
  if (expected.is_number() && found.is_number()) {
    const bool same = near(value_of(expected), value_of(found), tolerance);
    return same ? std::string{} : at + "/";
  }
  if (expected.type() != found.type() || expected.size() != found.size()) return at + "/";
  if (!expected.is_structured()) return expected == found ? std::string{} : at + "/";
  for (auto e = expected.begin(), f = found.begin(); e != expected.end(); ++e, ++f) {
    const bool named = expected.is_object();
    if (named && e.key() != f.key()) return at + "/" + e.key();
    const std::string name = named ? e.key() : std::to_string(e - expected.begin());
    auto difference = first_difference(*e, *f, tolerance, at + "/" + name);
    if (!difference.empty()) return difference;
  }
  return {};
}

}  // namespace

result<void> self_test(const kernel_entry& entry, const config& configuration,
                       const std::atomic<bool>& stop, gpu::cuda_backend* devices) {
  const kernel_info& info = entry.kernel.info;
  job_request request;
  request.body.append("{\"input\":");
  request.body.append(info.example.input);
  request.body.append("}");
  auto output =
      run_now(entry, request, configuration.executor, configuration.limits, stop, devices);
  if (!output) return std::move(output).error();
  if (devices != nullptr && !output->device) {
    return error{errc::device_error, "it did not run on a device"};
  }
  json expected = json::parse(info.example.output);
  const json found = json::parse(output->output.view());
  for (const std::string_view name : entry.varying_members()) {
    if (found.contains(name)) expected[std::string{name}] = found[std::string{name}];
  }
  const auto difference = first_difference(expected, found, info.tolerance, {});
  if (difference.empty()) return {};
  return error{errc::internal_error, "output differs from the example at " + difference};
}

}  // namespace kernd
