#pragma once

#include "kernd/config.hpp"

#include <string>
#include <string_view>

namespace kernd::cli {

/// Where a daemon with this configuration can be reached from the same machine.
std::string reachable_host(const server_config& server);

/// `http://HOST:PORT` of that.
std::string reachable_url(const server_config& server);

/// `text` as one word of a shell.
std::string shell_word(std::string_view text);

}  // namespace kernd::cli
