#pragma once

#include "kernd/config_loader.hpp"
#include "server/cli.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace kernd::cli {

/// Why a daemon did not do what it was asked.
struct daemon_refusal {
  exit_code code;
  std::string message;
  std::string
      document;  ///< The problem as the API sent it, or one that says that nothing answered.
};

template <class T>
using answered = boost::system::result<T, daemon_refusal>;

/// Prints that: its document on `out`, or its message on `err`. Returns the code.
exit_code refuse(const daemon_refusal& refused, bool json, std::ostream& out, std::ostream& err);

/// The daemon that a configuration lets listen, seen from the same machine. Blocks.
class daemon_client {
 public:
  static boost::system::result<daemon_client, config_errors> of(const config_sources& sources);

  /// Sends a request for `path`, which is below the API's prefix. The body of an answer that is no
  /// refusal. `timeout` is for the whole exchange.
  answered<std::string> ask(const std::string& method, const std::string& path,
                            const std::string& body, std::chrono::milliseconds timeout) const;
  /// Follows the server-sent events of `path`: `take` gets each one's data, false ends it.
  answered<void> follow(const std::string& path,
                        const std::function<bool(std::string_view data)>& take) const;

  /// Of the configuration; the daemon's may differ.
  const config& values() const { return values_; }

 private:
  explicit daemon_client(config values);

  config values_;
  std::string host_;
};

/// `text` as one segment of a path.
std::string path_segment(std::string_view text);

}  // namespace kernd::cli
