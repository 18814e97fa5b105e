#pragma once

#include <boost/uuid/random_generator.hpp>

#include <string>
#include <string_view>

namespace kernd::http {

/// A client's own id is kept when it is 1 to 128 visible ASCII characters.
bool is_usable_request_id(std::string_view id) noexcept;

/// Makes random (version 4) UUIDs. Confined to one thread at a time.
class request_id_source {
 public:
  /// Replaces `out` by a fresh id of 36 characters.
  void write(std::string& out);

 private:
  boost::uuids::random_generator_mt19937 next_;
};

}  // namespace kernd::http
