#pragma once

#include "kernd/config_loader.hpp"
#include "server/cli.hpp"

namespace kernd {

/// Serves until a signal ends it. SIGTERM and SIGINT drain, a second one exits at once; SIGHUP
/// reloads. Does not return when jobs remain at the drain timeout: the process exits with
/// `cli::exit_code::drain_timed_out`.
cli::exit_code serve(loaded_config configuration, config_sources sources);

}  // namespace kernd
