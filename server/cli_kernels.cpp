#include "server/api/kernel_documents.hpp"
#include "server/cli.hpp"
#include "server/cli_address.hpp"
#include "server/cli_catalogue.hpp"
#include "server/cli_kernel_page.hpp"
#include "server/cli_table.hpp"

#include <ostream>
#include <string>

namespace kernd::cli {

exit_code run(const kernels_list_command& asked, std::ostream& out, std::ostream& err) {
  const kernel_registry registry = catalogue();
  const kernel_query query{.domain = asked.domain, .mode = asked.mode, .text = asked.text};
  if (asked.json) {
    out << api::kernel_list(registry, {query, registry.size(), {}}) << '\n';
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
  const kernel_registry registry = catalogue();
  const kernel_entry* entry = find_kernel(registry, asked.id, err);
  if (entry == nullptr) return exit_code::usage;
  if (asked.json) {
    out << api::kernel_document(*entry) << '\n';
  } else {
    print_kernel_page(*entry, out);
  }
  return exit_code::ok;
}

exit_code run(const kernels_example_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  if (!loaded) return report(loaded.error(), err);
  const kernel_registry registry = catalogue();
  const kernel_entry* entry = find_kernel(registry, asked.id, err);
  if (entry == nullptr) return exit_code::usage;
  const kernel_example& example = entry->kernel.info.example;
  if (example.input.empty()) {
    err << "kernd: " << asked.id << " has no example\n";
    return exit_code::failed;
  }
  const server_config& server = loaded->values.server;
  if (server.port == 0) {
    err << "kernd: server.port is 0, so the port is not known; give --port\n";
    return exit_code::configuration;
  }
  const std::string url =
      reachable_url(server) + server.api_prefix + "/kernels/" + asked.id + "/execute";
  out << "curl -s " << shell_word(url) << " -H 'Content-Type: application/json' -d "
      << shell_word("{\"input\":" + std::string{example.input} + "}") << '\n';
  return exit_code::ok;
}

}  // namespace kernd::cli
