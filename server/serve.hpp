#pragma once

#include "kernd/config_loader.hpp"
#include "server/cli.hpp"
#include "server/stop_signals.hpp"

namespace kernd {

/// Serves until a signal ends it. SIGTERM and SIGINT drain, at any time, the start included; SIGHUP
/// reloads. Does not return when jobs remain at the drain timeout: the process exits with
/// `cli::exit_code::drain_timed_out`.
cli::exit_code serve(loaded_config configuration, config_sources sources, stop_signals& signals);

}  // namespace kernd
