#pragma once

#include "kernd/error.hpp"
#include "server/cli.hpp"

#include <boost/system/result.hpp>

#include <iosfwd>

namespace kernd::cli {

/// Why a command ends, and with which code.
struct refusal_message {
  exit_code code;
  error why;
};

template <class T>
using expected = boost::system::result<T, refusal_message>;

/// Prints why a command has no answer: on `err` for people, or with `json` on `out`, as the API's
/// problem document without a request id. What the API would only log goes to `err` in any case.
/// Returns the code.
exit_code refuse(const refusal_message& refused, bool json, std::ostream& out, std::ostream& err);

/// The same of a configuration; people get a line for each error.
exit_code refuse(const config_errors& errors, bool json, std::ostream& out, std::ostream& err);

}  // namespace kernd::cli
