#include "server/http/status.hpp"

#include <cassert>
#include <cstdint>

namespace kernd::http {
namespace {

constexpr unsigned first_status = 100;
constexpr std::uint8_t unknown = 0xff;

constexpr auto make_index() {
  std::array<std::uint8_t, 500> index{};
  index.fill(unknown);
  for (std::size_t i = 0; i < known_statuses.size(); ++i) {
    index[known_statuses[i].status - first_status] = static_cast<std::uint8_t>(i);
  }
  return index;
}

constexpr auto index_of = make_index();

}  // namespace

std::size_t status_index(unsigned status) noexcept {
  assert(status - first_status < index_of.size() && index_of[status - first_status] != unknown);
  return index_of[status - first_status];
}

}  // namespace kernd::http
