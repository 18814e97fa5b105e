#pragma once

#include "kernd/registry.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace kernd::api {

/// One example of a problem document for each code that a client can get, as members of OpenAPI's
/// `components/examples`.
nlohmann::ordered_json problem_examples();

/// References to those of the codes that `text` names: `INVALID_JSON or INVALID_INPUT`. Every word
/// in capitals that is no code is passed over.
nlohmann::ordered_json examples_named_in(std::string_view text);

/// The answer to an execute request with the example of `entry`, which has one.
nlohmann::ordered_json result_example(const kernel_entry& entry);

}  // namespace kernd::api
