#include "kernd/error.hpp"

#include <stdexcept>

namespace kernd {

namespace {

std::string message_of(const invalid_value& invalid) {
  return (invalid.pointer.empty() ? "the body" : invalid.pointer) + ": " + invalid.expected +
         " expected, found " + invalid.found;
}

}  // namespace

error refuse_value(errc code, std::string pointer, std::string expected, std::string found) {
  invalid_value invalid{std::move(pointer), std::move(expected), std::move(found)};
  std::string message = message_of(invalid);
  return {code, std::move(message), std::move(invalid)};
}

error within(std::string_view name, error e) {
  if (!e.invalid) return e;
  std::string prefix = "/";
  for (const char c : name) {
    if (c == '~')
      prefix += "~0";
    else if (c == '/')
      prefix += "~1";
    else
      prefix += c;
  }
  e.invalid->pointer.insert(0, prefix);
  e.message = message_of(*e.invalid);
  return e;
}

error within(std::size_t index, error e) {
  return within(std::to_string(index), std::move(e));
}

void throw_exception_from_error(const error& e, const boost::source_location&) {
  throw std::runtime_error(e.message);
}

}  // namespace kernd
