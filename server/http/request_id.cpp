#include "server/http/request_id.hpp"

#include <boost/uuid/uuid_io.hpp>

#include <algorithm>

namespace kernd::http {

bool is_usable_request_id(std::string_view id) noexcept {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= '!' && c <= '~'; });
}

void request_id_source::write(std::string& out) {
  out.resize(36);
  boost::uuids::to_chars(next_(), out.data());
}

}  // namespace kernd::http
