#pragma once

#include "kernd/config_keys.hpp"
#include "kernd/config_loader.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kernd {

/// One value of a configuration file, already checked against its key.
struct file_setting {
  const config_key* key;
  config_value value;
  std::size_t line;
};

/// Reads a TOML file of at most 1 MiB. All that is wrong with it goes to `errors`, after which
/// what is returned is incomplete.
std::vector<file_setting> read_config_file(const std::string& path, config_errors& errors);

}  // namespace kernd
