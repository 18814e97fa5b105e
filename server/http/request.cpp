#include "server/http/request.hpp"

#include <algorithm>
#include <array>

namespace kernd::http {
namespace {

constexpr std::array<std::string_view, method_count> method_names = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "_OTHER"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

template <class Pairs>
auto find_name(const Pairs& pairs, std::string_view name) {
  return std::find_if(pairs.begin(), pairs.end(), [&](const auto& p) { return p.first == name; });
}

auto find_field(const request& r, std::string_view name) {
  return std::find_if(r.headers.begin(), r.headers.end(),
                      [&](const auto& field) { return equal_field_names(field.first, name); });
}

}  // namespace

std::string_view name_of(method m) noexcept {
  return method_names[static_cast<std::size_t>(m)];
}

bool equal_field_names(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view request::header(std::string_view name) const {
  const auto field = find_field(*this, name);
  return field == headers.end() ? std::string_view{} : field->second;
}

bool request::has_header(std::string_view name) const {
  return find_field(*this, name) != headers.end();
}

std::string_view request::path_param(std::string_view name) const {
  const auto found = find_name(path_params, name);
  return found == path_params.end() ? std::string_view{} : std::string_view{found->second};
}

std::optional<std::string_view> request::query_param(std::string_view name) const {
  const auto found = find_name(query, name);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

void request::drop_body() noexcept {
  body = {};
  body_memory.release();
}

void request::reset() {
  verb = method::other;
  target = {};
  path.clear();
  path_params.clear();
  query.clear();
  request_id.clear();
  trace_id.clear();
  parent_span_id.clear();
  received = {};
  disconnected = {};
  drop_body();
  tenant_id.clear();
  headers.clear();
}

}  // namespace kernd::http
