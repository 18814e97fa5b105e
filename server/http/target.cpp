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

boost::system::result<urls::url_view> parse_form(std::string_view target) {
  if (target.starts_with('/')) return urls::parse_origin_form(target);
  auto url = urls::parse_absolute_uri(target);
  if (url && url->scheme_id() != urls::scheme::http && url->scheme_id() != urls::scheme::https) {
    return boost::system::errc::make_error_code(boost::system::errc::protocol_not_supported);
  }
  // RFC 9110, 4.2.1: without a host it means nothing, and `http:a` would have no slash before it.
  if (url && url->encoded_host().empty()) {
    return boost::system::errc::make_error_code(boost::system::errc::destination_address_required);
  }
  return url;
}

/// What stands between the slashes, as sent; the library's own view leaves a leading `/.` out.
std::vector<urls::pct_string_view> split(urls::pct_string_view path) {
  std::vector<urls::pct_string_view> segments;
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    segments.emplace_back(segment);
    rest.remove_prefix(segment.size());
  }
  return segments;
}

}  // namespace

result<target_parts> parse_target(std::string_view target) {
  const auto url = parse_form(target);
  if (!url) return refuse("is neither a valid path nor an http URL");

  target_parts parts;
  for (const auto& segment : split(url->encoded_path())) {
    if (has_control_byte(parts.segments.emplace_back(segment.decode()))) {
      return refuse("has a control byte in its path");
    }
  }
  // `/` is no segment, not an empty one.
  if (parts.segments.size() == 1 && parts.segments.front().empty()) parts.segments.clear();

  auto query = decode(url->encoded_params());
  if (!query) return query.error();
  parts.query = std::move(*query);
  return parts;
}

}  // namespace kernd::http
