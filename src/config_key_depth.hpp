#pragma once

#include <cstddef>
#include <string_view>

namespace kernd {

/// The line of the first key in a TOML text that has more than `most` parts joined by dots; 0 when
/// there is none. Each part is a table inside a table, which the parser frees recursively: enough
/// of them overflow the stack. Text that is no TOML is read as far as it makes sense.
std::size_t line_of_deep_key(std::string_view text, std::size_t most);

}  // namespace kernd
