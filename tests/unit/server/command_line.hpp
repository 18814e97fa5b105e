#pragma once

#include "server/cli.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace kernd::cli {

inline command parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "kernd");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), nullptr);
}

template <class Command>
Command parsed_as(const std::vector<const char*>& arguments) {
  const command result = parse(arguments);
  if (const auto* error = std::get_if<usage_error>(&result)) ADD_FAILURE() << error->message;
  return std::get<Command>(result);
}

inline std::string refusal(const std::vector<const char*>& arguments) {
  const command result = parse(arguments);
  const auto* error = std::get_if<usage_error>(&result);
  return error != nullptr ? error->message : "not refused";
}

struct outcome {
  exit_code code;
  std::string out, err;
};

inline outcome run_it(const command& what) {
  std::ostringstream out, err;
  const exit_code code = std::visit(
      [&](const auto& asked) {
        if constexpr (std::is_same_v<std::decay_t<decltype(asked)>, serve_command>) {
          ADD_FAILURE() << "serve is not run here";
          return exit_code::failed;
        } else {
          return run(asked, out, err);
        }
      },
      what);
  return {code, out.str(), err.str()};
}

}  // namespace kernd::cli
