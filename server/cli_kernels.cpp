#include "server/api/kernel_documents.hpp"
#include "server/cli.hpp"
#include "server/cli_address.hpp"
#include "server/cli_catalogue.hpp"
#include "server/cli_kernel_page.hpp"
#include "server/cli_refusal.hpp"
#include "server/cli_table.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <ostream>
#include <string>
#include <utility>

namespace kernd::cli {
namespace {

const std::atomic<bool> never{false};

expected<std::string> curl_line(const kernel_info& info, const server_config& server) {
  if (info.example.input.empty()) {
    const std::string id{info.id};
    return refusal_message{exit_code::failed, {errc::not_found, id + " has no example"}};
  }
  if (server.port == 0) {
    return refusal_message{
        exit_code::configuration,
        {errc::configuration_invalid, "server.port is 0, so the port is not known; give --port"}};
  }
  const std::string url =
      reachable_url(server) + server.api_prefix + "/kernels/" + std::string{info.id} + "/execute";
  return "curl -s " + shell_word(url) + " -H 'Content-Type: application/json' -d " +
         shell_word("{\"input\":" + std::string{info.example.input} + "}");
}

/// The example's numbers stay as the kernel's author wrote them.
void print_json(const kernel_info& info, const std::string& curl, std::ostream& out) {
  out << "{\"id\":\"" << info.id << "\",\"input\":" << info.example.input
      << ",\"output\":" << info.example.output << ",\"curl\":" << nlohmann::json(curl).dump()
      << "}\n";
}

}  // namespace

exit_code run(const kernels_list_command& asked, std::ostream& out, std::ostream& err) {
  const kernel_registry registry = catalogue();
  const kernel_query query{.domain = asked.domain, .mode = asked.mode, .text = asked.text};
  if (asked.json) {
    out << api::kernel_list(registry, {.query = query, .limit = registry.size(), .cursor = {}})
        << '\n';
    return exit_code::ok;
  }
  const auto matched = registry.find_all(query);
  if (matched.empty()) {
    err << "kernd: no kernel matches\n";
    return exit_code::ok;
  }
  text_table table{{"ID", "DOMAIN", "MODE", "DESCRIPTION"}};
  for (const kernel_entry* entry : matched) {
    const kernel_info& info = entry->kernel.info;
    table.add({std::string{info.id}, std::string{info.domain},
               info.mode == kernel_mode::ring ? "ring" : "batch", std::string{info.description}});
  }
  table.print(out);
  return exit_code::ok;
}

exit_code run(const kernels_show_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  if (!loaded) return refuse(loaded.error(), asked.json, out, err);
  const kernel_registry registry = catalogue();
  const auto entry = find_kernel(registry, asked.id);
  if (!entry) return refuse(entry.error(), asked.json, out, err);
  const gpu::cuda_report cuda = gpu::look_for_cuda(registry, gpu::silent_host, loaded->values.gpu);
  gpu::cuda_backend devices{registry, cuda, loaded->values.gpu, nullptr};
  devices.calibrate(**entry, never);
  if (asked.json) {
    out << api::kernel_document(**entry, {&devices, loaded->values.ring.execute_over_rest}) << '\n';
  } else {
    print_kernel_page(**entry, devices.find(**entry), out);
  }
  return exit_code::ok;
}

exit_code run(const kernels_example_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  if (!loaded) return refuse(loaded.error(), asked.json, out, err);
  const kernel_registry registry = catalogue();
  const auto entry = find_kernel(registry, asked.id);
  if (!entry) return refuse(entry.error(), asked.json, out, err);
  const kernel_info& info = (*entry)->kernel.info;
  const auto curl = curl_line(info, loaded->values.server);
  if (!curl) return refuse(curl.error(), asked.json, out, err);
  if (asked.json) {
    print_json(info, *curl, out);
  } else {
    out << *curl << '\n';
  }
  return exit_code::ok;
}

}  // namespace kernd::cli
