#pragma once

#include "kernd/config_loader.hpp"
#include "kernd/gpu/discovery.hpp"
#include "kernd/registry.hpp"
#include "server/cli_host.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::cli {

/// What `doctor` found in one place, and what to do about it.
struct finding {
  enum class level : std::uint8_t {
    ok,
    warning,
    failure,  ///< The daemon could not serve.
  };

  std::string name;
  level severity = level::ok;
  std::string found = {};
  std::string advice = {};                                           ///< Empty: nothing to do.
  nlohmann::ordered_json values = nlohmann::ordered_json::object();  ///< `found` for programs.
};

std::string_view name_of(finding::level severity);

finding check_cpu(const host_facts& host, const config& options);
finding check_simd(const host_facts& host);
finding check_memory(const host_facts& host, const config& options);
finding check_open_files(const host_facts& host, const config& options);
finding check_devices(const gpu::cuda_report& cuda, const gpu_config& options);

/// Binds the configured address for a moment; asks who answers when it is taken.
finding check_address(const server_config& server);
/// The same for `server.probe_port`, which is not 0.
finding check_probe_address(const server_config& server);

/// One for the configuration as a whole and one per key that is not the default.
std::vector<finding> check_configuration(const loaded_config& loaded);
/// One per message.
std::vector<finding> check_configuration(const config_errors& errors);

/// Runs the kernel's self-test.
finding check_kernel(const kernel_entry& entry, const config& options);

}  // namespace kernd::cli
