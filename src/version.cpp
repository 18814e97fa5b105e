#include "kernd/version.hpp"

namespace kernd {

std::string_view version() noexcept {
  return KERND_VERSION;
}

std::string_view revision() noexcept {
  return KERND_REVISION;
}

}  // namespace kernd
