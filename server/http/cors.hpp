#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kernd::http {

/// Which origins a browser may read answers from. Immutable.
class cors_policy {
 public:
  /// `origins` holds exact origins, or `*` for all. Disabled, it adds nothing to any answer.
  cors_policy(bool enabled, std::vector<std::string> origins);

  /// A page of `origin` may read our answers.
  bool allows(std::string_view origin) const;

  /// Appends the header lines that an answer to a request from `origin` (empty: none was sent)
  /// needs. `preflight`: the answer is to a preflight.
  void write(std::string& head, std::string_view origin, bool preflight) const;

 private:
  bool enabled_;
  bool any_origin_;
  std::vector<std::string> origins_;
};

}  // namespace kernd::http
