#include "server/cli_refusal.hpp"

#include "server/http/problem.hpp"

#include <ostream>
#include <string>
#include <utility>

namespace kernd::cli {

exit_code refuse(const refusal_message& refused, bool json, std::ostream& out, std::ostream& err) {
  if (json) {
    out << http::problem_body(refused.why, {}).view() << '\n';
  } else {
    err << "kernd: " << refused.why.message << '\n';
  }
  if (!refused.why.internal.empty()) err << "kernd: " << refused.why.internal << '\n';
  return refused.code;
}

exit_code refuse(const config_errors& errors, bool json, std::ostream& out, std::ostream& err) {
  if (!json) return report(errors, err);
  std::string all;
  for (const auto& message : errors.messages) all += (all.empty() ? "" : "; ") + message;
  return refuse({exit_code::configuration, {errc::configuration_invalid, std::move(all)}}, json,
                out, err);
}

}  // namespace kernd::cli
