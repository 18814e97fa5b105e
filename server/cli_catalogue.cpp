#include "server/cli_catalogue.hpp"

#include "kernels/catalogue.hpp"
#include "server/api/kernel_documents.hpp"

#include <string>

namespace kernd::cli {

kernel_registry catalogue() {
  kernel_registry registry;
  kernels::add_all(registry).value();
  return registry;
}

expected<const kernel_entry*> find_kernel(const kernel_registry& registry, std::string_view id) {
  if (const kernel_entry* entry = registry.find(id)) return entry;
  const std::string meant = api::suggest(registry, id);
  return refusal_message{exit_code::usage,
                         {errc::kernel_not_found,
                          "there is no kernel '" + std::string{id} + "'" +
                              (meant.empty() ? "; `kernd kernels list` names them all" : meant)}};
}

}  // namespace kernd::cli
