#include "server/http/target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace kernd::http {
namespace {

namespace urls = boost::urls;

error refuse(std::string_view what) {
  return {errc::bad_request, "the request target " + std::string{what}};
}

bool has_control_byte(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

result<query_list> decode(const urls::params_encoded_view& params) {
  urls::encoding_opts form;
  form.space_as_plus = true;
  query_list found;
  for (const auto& p : params) {
    if (p.key.empty() && !p.has_value) continue;
    auto& [key, value] = found.emplace_back();
    key = p.key.decode(form);
    if (p.has_value) value = p.value.decode(form);  // else `p.value` refers to nothing
    if (has_control_byte(key) || has_control_byte(value)) {
      return refuse("has a control byte in its query");
    }
  }
  return found;
}

/// RFC 9110, 4.2: with a host, and without a user. A path that does not start with a slash was
/// taken off a port that is not a number.
bool is_http_url(const urls::url_view& url) {
  const bool is_http =
      url.scheme_id() == urls::scheme::http || url.scheme_id() == urls::scheme::https;
  const auto path = url.encoded_path();
  return is_http && url.has_authority() && !url.encoded_host().empty() && !url.has_userinfo() &&
         (path.empty() || path.starts_with('/'));
}

boost::system::result<urls::url_view> parse_form(std::string_view target) {
  if (target.starts_with('/')) return urls::parse_origin_form(target);
  auto url = urls::parse_absolute_uri(target);
  if (url && !is_http_url(*url)) {
    return boost::system::errc::make_error_code(boost::system::errc::protocol_not_supported);
  }
  return url;
}

/// What stands between the slashes; the library's own view of segments leaves a leading `/.` out.
result<std::vector<std::string>> decode(std::string_view path) {
  std::vector<std::string> segments;
  segments.reserve(static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')));
  while (!path.empty()) {
    path.remove_prefix(1);
    const urls::pct_string_view segment{path.substr(0, path.find('/'))};
    if (has_control_byte(segments.emplace_back(segment.decode()))) {
      return refuse("has a control byte in its path");
    }
    path.remove_prefix(segment.size());
  }
  return segments;
}

}  // namespace

result<target_parts> parse_target(std::string_view target) {
  const auto url = parse_form(target);
  if (!url) return refuse("is neither a valid path nor an http URL");

  target_parts parts;
  auto segments = decode(std::string_view{url->encoded_path()});
  if (!segments) return segments.error();
  parts.segments = std::move(*segments);
  // `/` is no segment, not an empty one.
  if (parts.segments.size() == 1 && parts.segments.front().empty()) parts.segments.clear();

  auto query = decode(url->encoded_params());
  if (!query) return query.error();
  parts.query = std::move(*query);
  return parts;
}

}  // namespace kernd::http
