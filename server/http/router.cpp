#include "server/http/router.hpp"

#include "server/http/target.hpp"

#include <algorithm>
#include <cassert>

namespace kernd::http {
namespace {

using allowed_methods = std::array<bool, method_count>;

std::string allow_header(allowed_methods allowed) {
  allowed[static_cast<std::size_t>(method::options)] = true;
  if (allowed[static_cast<std::size_t>(method::get)]) {
    allowed[static_cast<std::size_t>(method::head)] = true;
  }
  std::string list;
  for (std::size_t m = 0; m < method_count; ++m) {
    if (!allowed[m]) continue;
    if (!list.empty()) list += ", ";
    list += name_of(static_cast<method>(m));
  }
  return list;
}

}  // namespace

void router::add(route r) {
  assert(r.pattern.starts_with('/') && r.verb != method::other);
  if (r.label.empty()) r.label = r.pattern;
  routes_.push_back(std::move(r));
  const route& added = routes_.back();

  auto known = std::find_if(paths_.begin(), paths_.end(),
                            [&](const path& p) { return p.pattern == added.pattern; });
  if (known == paths_.end()) {
    path fresh{added.pattern, split(added.pattern)};
    const auto place = std::upper_bound(paths_.begin(), paths_.end(), fresh, more_specific);
    known = paths_.insert(place, std::move(fresh));
  }
  std::size_t& slot = known->by_method[static_cast<std::size_t>(added.verb)];
  assert(slot == 0);
  slot = routes_.size();
  const bool is_literal = std::none_of(known->segments.begin(), known->segments.end(),
                                       [](const segment& s) { return s.is_parameter; });
  if (is_literal) literals_[added.pattern] = known->by_method;
}

result<route_match> router::match(request& req) const {
  if (req.target == "*" && req.verb == method::options) return match_server(req);

  const std::size_t mark = req.target.find('?');
  const std::string_view raw_path = req.target.substr(0, mark);
  if (const route* const found = match_literal(raw_path, req.verb)) {
    req.path = raw_path;
    if (mark != req.target.npos) {
      auto parts = parse_target(req.target);
      if (!parts) return parts.error();
      req.query = std::move(parts->query);
    }
    return route_match{found, static_cast<std::size_t>(found - routes_.data()), true};
  }

  auto parts = parse_target(req.target);
  if (!parts) return parts.error();
  req.query = std::move(parts->query);
  for (const std::string& text : parts->segments) req.path.append("/").append(text);
  if (req.path.empty()) req.path = "/";
  return match_segments(req, parts->segments);
}

const route* router::match_literal(std::string_view raw_path, method verb) const {
  const auto known = literals_.find(raw_path);
  if (known == literals_.end()) return nullptr;
  const std::size_t found = find(known->second, verb);
  return found == 0 ? nullptr : &routes_[found - 1];
}

route_match router::match_segments(request& req, const std::vector<std::string>& segments) const {
  route_match match;
  allowed_methods allowed{};
  const path* best = nullptr;
  for (const path& p : paths_) {
    if (!fits(p, segments)) continue;
    // What a path is does not depend on what is asked of it.
    if (best != nullptr && more_specific(*best, p)) break;
    best = &p;
    if (const std::size_t found = find(p.by_method, req.verb)) {
      for (std::size_t i = 0; i < segments.size(); ++i) {
        if (p.segments[i].is_parameter)
          req.path_params.emplace_back(p.segments[i].text, segments[i]);
      }
      return {&routes_[found - 1], found - 1, true};
    }
    for (std::size_t m = 0; m < method_count; ++m) {
      if (p.by_method[m] == 0) continue;
      allowed[m] = true;
      if (!match.path_known) match.index = p.by_method[m] - 1;
      match.path_known = true;
    }
  }
  if (match.path_known) match.allow = allow_header(allowed);
  return match;
}

route_match router::match_server(const request&) const {
  allowed_methods allowed{};
  for (const route& r : routes_) allowed[static_cast<std::size_t>(r.verb)] = true;
  route_match match;
  match.allow = allow_header(allowed);
  return match;
}

std::vector<router::segment> router::split(std::string_view pattern) {
  std::vector<segment> segments;
  while (pattern.size() > 1) {
    pattern.remove_prefix(1);
    const std::string_view text = pattern.substr(0, pattern.find('/'));
    const bool is_parameter = text.starts_with('{') && text.ends_with('}');
    segments.push_back(
        {std::string{is_parameter ? text.substr(1, text.size() - 2) : text}, is_parameter});
    pattern.remove_prefix(text.size());
  }
  return segments;
}

bool router::more_specific(const path& a, const path& b) {
  return std::lexicographical_compare(
      a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
      [](const segment& x, const segment& y) { return !x.is_parameter && y.is_parameter; });
}

bool router::fits(const path& p, const std::vector<std::string>& segments) {
  return std::equal(p.segments.begin(), p.segments.end(), segments.begin(), segments.end(),
                    [](const segment& expected, const std::string& found) {
                      return expected.is_parameter ? !found.empty() : expected.text == found;
                    });
}

std::size_t router::find(const method_table& by_method, method verb) {
  const std::size_t found = by_method[static_cast<std::size_t>(verb)];
  if (found != 0 || verb != method::head) return found;
  return by_method[static_cast<std::size_t>(method::get)];
}

}  // namespace kernd::http
