#include "server/api/media_type.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace kernd::api {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

bool is_json(std::string_view type) {
  constexpr std::string_view family = "application/", suffix = "+json";
  if (http::equal_field_names(type, "application/json")) return true;
  return type.size() > family.size() + suffix.size() &&
         http::equal_field_names(type.substr(0, family.size()), family) &&
         http::equal_field_names(type.substr(type.size() - suffix.size()), suffix);
}

/// False for `charset=…` of anything else.
bool may_be_utf8(std::string_view parameter) {
  const std::size_t equals = std::min(parameter.find('='), parameter.size() - 1);
  if (!http::equal_field_names(trimmed(parameter.substr(0, equals)), "charset")) return true;
  const std::string_view charset = trimmed(parameter.substr(equals + 1));
  return http::equal_field_names(charset, "utf-8") || http::equal_field_names(charset, "\"utf-8\"");
}

bool is_json_in_utf8(std::string_view content_type) {
  std::size_t end = std::min(content_type.find(';'), content_type.size());
  if (!is_json(trimmed(content_type.substr(0, end)))) return false;
  while (end != content_type.size()) {
    const std::size_t start = end + 1;
    end = std::min(content_type.find(';', start), content_type.size());
    const std::string_view parameter = content_type.substr(start, end - start);
    if (!parameter.empty() && !may_be_utf8(parameter)) return false;
  }
  return true;
}

}  // namespace

std::optional<error> refused_media(const http::request& req) {
  const auto types = std::count_if(req.headers.begin(), req.headers.end(), [](const auto& field) {
    return http::equal_field_names(field.first, "Content-Type");
  });
  const std::string_view type = req.header("Content-Type");
  if (types > 1) return error{errc::unsupported_media_type, "there is more than one Content-Type"};
  if (!type.empty() && !is_json_in_utf8(type)) {
    return error{errc::unsupported_media_type,
                 "Content-Type is '" + std::string{type} + "'; send application/json in UTF-8"};
  }
  const std::string_view coding = req.header("Content-Encoding");
  if (!coding.empty() && !http::equal_field_names(coding, "identity")) {
    return error{errc::unsupported_media_type,
                 "Content-Encoding is '" + std::string{coding} + "'; send the body as it is"};
  }
  return std::nullopt;
}

}  // namespace kernd::api
