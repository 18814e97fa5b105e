#include "server/cli_catalogue.hpp"

#include "kernels/catalogue.hpp"
#include "server/api/kernel_documents.hpp"

#include <ostream>

namespace kernd::cli {

kernel_registry catalogue() {
  kernel_registry registry;
  kernels::add_all(registry).value();
  return registry;
}

const kernel_entry* find_kernel(const kernel_registry& registry, std::string_view id,
                                std::ostream& err) {
  const kernel_entry* entry = registry.find(id);
  if (entry == nullptr) {
    err << "kernd: there is no kernel '" << id << "'" << api::suggest(registry, id) << '\n'
        << "`kernd kernels list` names them all.\n";
  }
  return entry;
}

}  // namespace kernd::cli
