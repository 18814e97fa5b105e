// A request line's method and target, held against a second reading of RFC 3986: segments between
// slashes, each decoded once and never resolved.

#include "server/http/router.hpp"

#include "server/http/target.hpp"
#include "tests/fuzz/property.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::http {
namespace {

using fuzz::require;
using segment_list = std::vector<std::string>;

router make_router() {
  router routes;
  const auto add = [&](method verb, std::string pattern) {
    routes.add({verb, std::move(pattern), handler{[](request&) { return response{}; }}});
  };
  add(method::get, "/");
  add(method::get, "/health");
  add(method::get, "/health/live");
  add(method::get, "/kernels");
  add(method::get, "/kernels/{id}");
  add(method::get, "/kernels/{domain}/{name}");
  add(method::post, "/kernels/{id}/execute");
  add(method::post, "/kernels/{domain}/{name}/execute");
  add(method::delete_, "/kernels/{id}");
  add(method::put, "/kernels/core/{name}");
  return routes;
}

/// What one match left behind.
struct outcome {
  bool is_valid = false;
  std::optional<route_match> match;
  std::string path;
  std::vector<std::pair<std::string, std::string>> params;
  query_list query;

  bool operator==(const outcome& other) const {
    const auto route_of = [](const outcome& o) { return o.match ? o.match->matched : nullptr; };
    const auto allow_of = [](const outcome& o) { return o.match ? o.match->allow : ""; };
    return is_valid == other.is_valid && route_of(*this) == route_of(other) &&
           allow_of(*this) == allow_of(other) && path == other.path && params == other.params &&
           query == other.query;
  }
};

outcome ask(const router& routes, method verb, std::string_view target) {
  request req;
  req.verb = verb;
  req.target = target;
  auto match = routes.match(req);
  if (!match) {
    const error why = match.error();
    require(why.code == errc::bad_request, "a refused target is a bad request", why.message);
    return {};
  }
  return {true, *match, req.path, req.path_params, req.query};
}

std::optional<unsigned> hex_value(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto at = digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
  if (at == digits.npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

/// Decoded once; nothing for a broken escape or a control byte.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    char c = text.front();
    std::size_t used = 1;
    if (c == '%') {
      const auto high = text.size() < 3 ? std::nullopt : hex_value(text[1]);
      const auto low = text.size() < 3 ? std::nullopt : hex_value(text[2]);
      if (!high || !low) return std::nullopt;
      c = static_cast<char>(*high * 16 + *low);
      used = 3;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
    text.remove_prefix(used);
  }
  return out;
}

/// The segments of an absolute path; `/` has none.
std::optional<segment_list> split(std::string_view path) {
  segment_list segments;
  while (!path.empty() && path != "/") {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const auto segment = decode(path.substr(0, end));
    if (!segment) return std::nullopt;
    segments.push_back(*segment);
    path.remove_prefix(end);
    if (path == "/") {
      segments.emplace_back();
      break;
    }
  }
  return segments;
}

void check_segments(std::string_view target) {
  const auto parts = parse_target(target);
  if (!parts) return;
  const bool is_path = target.starts_with('/');
  require(is_path || target.find("://") < sizeof "https", "what is no path names a host", target);
  if (!is_path) return;
  const auto expected = split(target.substr(0, target.find('?')));
  require(expected.has_value(), "a broken escape or a control byte is refused", target);
  require(parts->segments == *expected, "segments are decoded once and never resolved", target);
}

void check_match(const outcome& found, std::string_view target) {
  if (!found.is_valid) {
    require(!found.match && found.params.empty(), "a refused target has no parameters", target);
    return;
  }
  require(found.match->matched == nullptr || found.match->path_known, "a match knows its path",
          target);
  for (const auto& [name, value] : found.params) {
    require(!value.empty(), "a parameter is never empty", name);
    const bool is_clean = std::ranges::none_of(
        value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    require(is_clean, "a parameter holds no control byte", value);
  }
  if (found.match->matched == nullptr || !target.starts_with('/')) return;
  // Every brace of the pattern is one parameter, and every slash of the path one of the pattern.
  const std::string_view pattern = found.match->matched->pattern;
  require(std::ranges::count(pattern, '{') == static_cast<std::ptrdiff_t>(found.params.size()),
          "every parameter of the pattern has a value", pattern);
  const std::string_view path = target.substr(0, target.find('?'));
  require(std::ranges::count(pattern, '/') == std::ranges::count(path, '/'),
          "no slash is added or dropped", target);
}

/// `Allow` lists exactly the methods that are answered.
void check_allowed(const router& routes, const outcome& found, std::string_view target) {
  if (!found.is_valid || !found.match->path_known) return;
  if (found.match->matched != nullptr) return;
  const std::string list = ", " + found.match->allow + ",";
  for (const method verb :
       {method::get, method::head, method::post, method::put, method::delete_}) {
    const bool is_listed = list.find(", " + std::string{name_of(verb)} + ",") != list.npos;
    const outcome other = ask(routes, verb, target);
    require(is_listed == (other.match->matched != nullptr), "Allow lists what is answered",
            found.match->allow);
  }
}

/// The same path and query behind a host mean the same.
void check_absolute(const router& routes, const outcome& found, method verb,
                    std::string_view target) {
  if (!target.starts_with('/')) return;
  const outcome absolute = ask(routes, verb, "http://host:80" + std::string{target});
  if (!found.is_valid) return;
  require(absolute == found, "origin-form and absolute-form agree", target);
}

void check(std::string_view line) {
  static const router routes = make_router();
  constexpr method verbs[] = {method::get,     method::head,    method::post, method::put,
                              method::delete_, method::options, method::other};
  if (line.empty()) return;
  const method verb = verbs[static_cast<unsigned char>(line.front()) % std::size(verbs)];
  const std::string target{line.substr(1)};  // so that the sanitizer sees its end

  const outcome found = ask(routes, verb, target);

  check_match(found, target);
  check_segments(target);
  check_allowed(routes, found, target);
  check_absolute(routes, found, verb, target);
  require(ask(routes, method::head, target) == ask(routes, method::get, target),
          "HEAD is answered as GET is", target);
}

}  // namespace
}  // namespace kernd::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kernd::http::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
