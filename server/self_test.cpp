#include "server/self_test.hpp"

#include "kernd/executor.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace kernd {

namespace {

using nlohmann::json;

bool near(double expected, double found, double tolerance) {
  const double scale = std::max({std::fabs(expected), std::fabs(found)});
  return expected == found || std::fabs(expected - found) <= tolerance * scale;
}

/// The pointer of the first difference; empty when there is none.
std::string first_difference(const json& expected, const json& found, double tolerance,
                             const std::string& at) {
  if (expected.is_number() && found.is_number()) {
    const bool same = near(expected.get<double>(), found.get<double>(), tolerance);
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

result<void> self_test(const kernel_entry& entry, const config& configuration) {
  const kernel_info& info = entry.kernel.info;
  job_request request;
  request.body.append("{\"input\":");
  request.body.append(info.example.input);
  request.body.append("}");
  auto output = run_now(entry, request, configuration.executor, configuration.limits);
  if (!output) return std::move(output).error();
  const auto difference = first_difference(json::parse(info.example.output),
                                           json::parse(output->output.view()), info.tolerance, {});
  if (difference.empty()) return {};
  return error{errc::internal_error, "output differs from the example at " + difference};
}

}  // namespace kernd
