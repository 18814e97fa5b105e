#include "kernd/crash_trace.hpp"
#include "server/serve.hpp"
#include "server/stop_signals.hpp"

#include <unistd.h>

#include <exception>
#include <iostream>
#include <type_traits>
#include <utility>
#include <variant>

namespace {

using namespace kernd;

cli::exit_code run(cli::serve_command asked, held_signals& held) {
  stop_signals signals{held};
  auto loaded = load_config(asked.sources);
  if (!loaded) return cli::report(loaded.error(), std::cerr);
  return serve(std::move(*loaded), std::move(asked.sources), signals);
}

cli::exit_code run(cli::command asked, held_signals& held) {
  return std::visit(
      [&held](auto& command) {
        using command_type = std::remove_reference_t<decltype(command)>;
        if constexpr (std::is_same_v<command_type, cli::serve_command>) {
          return run(std::move(command), held);
        } else {
          held.release();
          return cli::run(command, std::cout, std::cerr);
        }
      },
      asked);
}

}  // namespace

int main(int argc, char** argv) {
  held_signals held;  // first: from here on a signal means an orderly end
  trace_crashes();
  const crash_stack room;
  try {
    const cli::exit_code code = run(cli::parse_command_line(argc, argv, environ), held);
    if (std::cout.flush() || code != cli::exit_code::ok) return static_cast<int>(code);
    std::cerr << "kernd: standard output cannot be written\n";
    return static_cast<int>(cli::exit_code::failed);
  } catch (const std::exception& failure) {
    std::cerr << "kernd: " << failure.what() << '\n';
    return static_cast<int>(cli::exit_code::failed);
  }
}
