#pragma once

#include <string>

namespace CLI {
class App;
}

namespace kernd::cli {

/// What to say of `word`, which the command `given` does not know: a flag, a command or an
/// argument, and what may have been meant. That may also be a flag of a command below, which is
/// named then.
std::string describe_unknown(const std::string& word, const CLI::App& given);

}  // namespace kernd::cli
