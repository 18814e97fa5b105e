#pragma once

#include <string>

namespace CLI {
class App;
}

namespace kernd::cli {

/// A bash script that completes the commands, flags and values of `app` and of all below it. A
/// value's form is its option's type name: `FILE`, names with `|` between them, or what cannot be
/// completed; a positional `ID` is one of the kernels that the completed program lists.
std::string bash_completion(const CLI::App& app);

}  // namespace kernd::cli
