#include "kernd/gpu/backend.hpp"
#include "server/cli.hpp"
#include "server/cli_catalogue.hpp"
#include "server/cli_findings.hpp"
#include "server/cli_table.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace kernd::cli {
namespace {

using level = finding::level;

std::size_t count(const std::vector<finding>& findings, level severity) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const finding& found) { return found.severity == severity; }));
}

std::vector<finding> examine(const config_sources& sources) {
  const auto loaded = load_config(sources);
  const config options = loaded ? loaded->values : config{};
  const host_facts host = read_host();
  const kernel_registry registry = catalogue();
  std::vector<finding> findings{
      check_cpu(host, options), check_simd(host), check_memory(host, options),
      check_open_files(host, options),
      check_devices(gpu::look_for_cuda(registry, gpu::silent_host, options.gpu), options.gpu)};
  auto configured = loaded ? check_configuration(*loaded) : check_configuration(loaded.error());
  std::move(configured.begin(), configured.end(), std::back_inserter(findings));
  if (loaded) {
    findings.push_back(check_address(options.server));
    if (options.server.probe_port != 0) findings.push_back(check_probe_address(options.server));
  }
  for (const kernel_entry* entry : registry.find_all()) {
    findings.push_back(check_kernel(*entry, options));
  }
  return findings;
}

void print_json(const std::vector<finding>& findings, std::ostream& out) {
  using json = nlohmann::ordered_json;
  json document = {{"ok", count(findings, level::failure) == 0},
                   {"failures", count(findings, level::failure)},
                   {"warnings", count(findings, level::warning)},
                   {"checks", json::array()}};
  for (const finding& found : findings) {
    json check = {{"name", found.name},
                  {"level", name_of(found.severity)},
                  {"found", found.found},
                  {"advice", nullptr}};
    if (!found.advice.empty()) check["advice"] = found.advice;
    check["values"] = found.values;
    document["checks"].push_back(std::move(check));
  }
  out << document.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
}

void print(const std::vector<finding>& findings, std::ostream& out) {
  text_table table;
  for (const finding& found : findings) {
    table.add({std::string{name_of(found.severity)}, found.name, found.found});
    if (!found.advice.empty()) table.add({"", "", "-> " + found.advice});
  }
  table.print(out);
  out << "\nfailures " << count(findings, level::failure) << ", warnings "
      << count(findings, level::warning) << '\n';
}

}  // namespace

exit_code run(const doctor_command& asked, std::ostream& out, std::ostream&) {
  const auto findings = examine(asked.sources);
  if (asked.json) {
    print_json(findings, out);
  } else {
    print(findings, out);
  }
  return count(findings, level::failure) == 0 ? exit_code::ok : exit_code::failed;
}

}  // namespace kernd::cli
