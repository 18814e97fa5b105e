#include "kernd/registry.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace kernd {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> domains = {{
    {"core", "Core"},
    {"finance", "QuantitativeFinance"},
    {"graph", "GraphAnalytics"},
    {"ml", "StatisticalML"},
    {"orderbook", "OrderMatching"},
    {"signal", "SignalProcessing"},
    {"sim", "Simulation"},
    {"stats", "Statistics"},
    {"text", "TextProcessing"},
}};

bool is_word(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_version(std::string_view version) {
  return std::count(version.begin(), version.end(), '.') == 2 && version.front() != '.' &&
         version.back() != '.' && version.find("..") == std::string_view::npos &&
         version.find_first_not_of("0123456789.") == std::string_view::npos;
}

error refuse_kernel(std::string_view id, const std::string& why) {
  return {errc::internal_error, "kernel '" + std::string{id} + "' cannot be registered: " + why};
}

std::string_view prefix_of(std::string_view id) {
  return id.substr(0, id.find('/'));
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool selects(const kernel_query& query, const kernel_info& info) {
  if (query.mode && *query.mode != info.mode) return false;
  if (!query.domain.empty() && query.domain != info.domain && query.domain != prefix_of(info.id)) {
    return false;
  }
  return contains_ignoring_case(info.id, query.text) ||
         contains_ignoring_case(info.description, query.text);
}

/// Why messages could be taken for one another; empty when they cannot. One that is both handled
/// and emitted is one.
std::string fault_of(const ring_kernel& k) {
  std::vector<message_type> all = k.handled;
  all.insert(all.end(), k.emitted.begin(), k.emitted.end());
  for (auto a = all.begin(); a != all.end(); ++a) {
    const bool is_handled = a - all.begin() < std::ssize(k.handled);
    for (auto b = std::next(a); b != all.end(); ++b) {
      const bool is_also_handled = b - all.begin() < std::ssize(k.handled);
      if (a->type == b->type && is_handled && !is_also_handled) continue;
      if (a->type_id == b->type_id) {
        return "two of its messages have the type id " + std::to_string(a->type_id);
      }
      if (a->name == b->name) return "two of its messages are '" + std::string{a->name} + "'";
    }
  }
  return {};
}

}  // namespace

std::string_view domain_name(std::string_view id_prefix) {
  const auto found = std::find_if(domains.begin(), domains.end(),
                                  [&](const auto& d) { return d.first == id_prefix; });
  return found == domains.end() ? std::string_view{} : found->second;
}

const ring_message_entry* ring_entry::find(std::uint32_t type_id) const noexcept {
  const auto found =
      std::find_if(messages.begin(), messages.end(),
                   [&](const ring_message_entry& m) { return m.type.type_id == type_id; });
  return found == messages.end() ? nullptr : &*found;
}

const ring_message_entry* ring_entry::find(std::string_view name) const noexcept {
  const auto found = std::find_if(messages.begin(), messages.end(),
                                  [&](const ring_message_entry& m) { return m.type.name == name; });
  return found == messages.end() ? nullptr : &*found;
}

std::vector<std::string_view> kernel_entry::varying_members() const {
  std::vector<std::string_view> names;
  for (const field_info& rules : kernel.info.fields) {
    if (rules.varies && rules.owner == kernel.output) {
      names.push_back(rules.owner->members[rules.member].name);
    }
  }
  return names;
}

result<void> kernel_registry::add(kernel k) {
  if (k.info.mode == kernel_mode::ring) return refuse_kernel(k.info.id, "it is no ring kernel");
  return add(std::move(k), nullptr);
}

result<void> kernel_registry::add(ring_kernel k) {
  const std::string_view id = k.info.id;
  if (k.run_once == nullptr) return refuse_kernel(id, "its first message has no reply");
  if (const auto fault = fault_of(k); !fault.empty()) return refuse_kernel(id, fault);
  auto ring = std::make_unique<ring_entry>();
  try {
    for (const message_type& m : k.handled) {
      ring->messages.push_back({m, true, codec{*m.type, k.info.fields}});
    }
    for (const message_type& m : k.emitted) {
      ring->messages.push_back({m, false, codec{*m.type, k.info.fields, codec::direction::output}});
    }
  } catch (const std::logic_error& incomplete) {
    return refuse_kernel(id, incomplete.what());
  }
  const message_type& first = k.handled.front();
  kernel as_one_run{.info = k.info,
                    .input = first.type,
                    .output = ring->find(first.reply)->type.type,
                    .validate = [](const void*) { return result<void>{}; },
                    .run_on_cpu = k.run_once};
  as_one_run.info.mode = kernel_mode::ring;
  ring->kernel = std::move(k);
  return add(std::move(as_one_run), std::move(ring));
}

result<void> kernel_registry::add(kernel k, std::unique_ptr<const ring_entry> ring) {
  const std::string_view id = k.info.id;
  const auto slash = id.find('/');
  if (slash == std::string_view::npos || !is_word(id.substr(0, slash)) ||
      !is_word(id.substr(slash + 1))) {
    return refuse_kernel(id, "an id is domain/name of lower-case letters, digits and '-'");
  }
  if (domain_name(prefix_of(id)).empty()) {
    return refuse_kernel(id, "the domain '" + std::string{prefix_of(id)} + "' is unknown");
  }
  if (k.info.version.empty() || !is_version(k.info.version)) {
    return refuse_kernel(id, "its version is '" + std::string{k.info.version} + "', not x.y.z");
  }
  if (k.info.max_batch_size < 1 || k.info.max_batch_size > largest_batch_size) {
    return refuse_kernel(id, "its max_batch_size is " + std::to_string(k.info.max_batch_size) +
                                 ", not 1 to " + std::to_string(largest_batch_size));
  }
  if (by_id_.contains({id, k.info.mode})) return refuse_kernel(id, "the id is taken in that mode");
  for (const field_info& rules : k.info.fields) {
    if (rules.varies && rules.owner != k.output) {
      const std::string_view name = rules.owner->members[rules.member].name;
      return refuse_kernel(id, "member '" + std::string{name} + "' varies but is not the output's");
    }
  }
  k.info.domain = domain_name(prefix_of(id));
  try {
    codec input{*k.input, k.info.fields};
    codec output{*k.output, k.info.fields, codec::direction::output};
    entries_.push_back(std::make_unique<kernel_entry>(kernel_entry{
        std::move(k), std::move(input), std::move(output), entries_.size(), std::move(ring)}));
  } catch (const std::logic_error& incomplete) {
    return refuse_kernel(id, incomplete.what());
  }
  const kernel_entry& added = *entries_.back();
  by_id_[{added.kernel.info.id, added.kernel.info.mode}] = &added;
  return {};
}

const kernel_entry* kernel_registry::find(std::string_view id,
                                          std::optional<kernel_mode> mode) const {
  for (const kernel_mode candidate : {kernel_mode::batch, kernel_mode::ring}) {
    if (mode && *mode != candidate) continue;
    const auto found = by_id_.find({id, candidate});
    if (found != by_id_.end()) return found->second;
  }
  return nullptr;
}

std::vector<const kernel_entry*> kernel_registry::find_all(const kernel_query& query) const {
  std::vector<const kernel_entry*> result;
  for (const auto& [key, entry] : by_id_) {
    if (selects(query, entry->kernel.info)) result.push_back(entry);
  }
  return result;
}

registry_stats kernel_registry::stats() const {
  registry_stats result;
  std::map<std::string_view, std::size_t> domains_seen;
  for (const auto& entry : entries_) {
    ++result.total;
    ++(entry->kernel.info.mode == kernel_mode::batch ? result.batch : result.ring);
    ++domains_seen[entry->kernel.info.domain];
  }
  result.by_domain.assign(domains_seen.begin(), domains_seen.end());
  return result;
}

}  // namespace kernd
