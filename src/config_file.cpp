#include "config_file.hpp"

#include "config_key_depth.hpp"
#include "kernd/did_you_mean.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace kernd {
namespace {

constexpr std::size_t max_file_bytes = 1 << 20;
constexpr std::size_t max_key_parts = 8;  // ours have 2

/// Reads at least one byte more than is allowed, so that a file that is too large, or endless,
/// shows.
std::optional<std::string> read_text(const std::string& path, config_errors& errors) {
  const auto refuse = [&](const std::string& why) {
    errors.messages.push_back(path + ": cannot be read: " + why);
    return std::nullopt;
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rbe"),
                                                             std::fclose};
  if (!file) return refuse(std::strerror(errno));
  std::string text;
  std::array<char, 16 * 1024> part;
  std::size_t size = part.size();
  while (size == part.size() && text.size() <= max_file_bytes) {
    size = std::fread(part.data(), 1, part.size(), file.get());
    text.append(part.data(), size);
  }
  if (std::ferror(file.get()) != 0) return refuse(std::strerror(errno));
  if (text.size() > max_file_bytes) {
    return refuse("it is larger than " + std::to_string(max_file_bytes) + " bytes");
  }
  return text;
}

/// Nothing when the node's type has no place in a configuration.
std::optional<config_value> to_value(const toml::node& node) {
  if (const auto* b = node.as_boolean()) return b->get();
  if (const auto* i = node.as_integer()) return i->get();
  if (const auto* d = node.as_floating_point()) return d->get();
  if (const auto* s = node.as_string()) return s->get();
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> items;
  for (const auto& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr) return std::nullopt;
    items.push_back(text->get());
  }
  return items;
}

std::string found_text(const toml::node& node) {
  if (const auto value = to_value(node)) return to_toml(*value);
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array with something else than strings in it";
  return "a date or time";
}

/// Walks a parsed document, which the library keeps in alphabetical order.
class document_reader {
 public:
  document_reader(const std::string& path, config_errors& errors) : path_{path}, errors_{errors} {
    for (const auto& key : config_keys()) {
      if (section_names_.empty() || section_names_.back() != key.section()) {
        section_names_.push_back(key.section());
      }
    }
  }

  std::vector<file_setting> read(const toml::table& document) {
    for (const auto& [name, node] : document) read_section(name, node);
    std::ranges::stable_sort(refusals_, {}, &refusal::line);
    for (const auto& [line, message] : refusals_) {
      errors_.messages.push_back(path_ + ":" + std::to_string(line) + ": " + message);
    }
    return std::move(settings_);
  }

 private:
  struct refusal {
    std::size_t line;
    std::string message;
  };

  void read_section(const toml::key& name, const toml::node& node) {
    const bool known =
        std::find(section_names_.begin(), section_names_.end(), name.str()) != section_names_.end();
    const auto* table = node.as_table();
    if (known && table != nullptr) {
      for (const auto& [leaf, value] : *table) read_key(name.str(), leaf, value);
    } else if (known) {
      refuse(line_of(name), "`" + std::string{name.str()} + "` is " + found_text(node) +
                                ", expected a section: [" + std::string{name.str()} + "]");
    } else if (table != nullptr) {
      refuse(line_of(name), "unknown section `" + std::string{name.str()} + "`" +
                                did_you_mean(name.str(), section_names_));
    } else {
      refuse_unknown(line_of(name), std::string{name.str()});
    }
  }

  void read_key(std::string_view section, const toml::key& leaf, const toml::node& node) {
    const std::string name = std::string{section} + "." + std::string{leaf.str()};
    const config_key* key = find_config_key(name);
    if (key == nullptr) {
      refuse_unknown(line_of(leaf), name);
      return;
    }
    auto value = to_value(node);
    // 1 is a fine way to write the number 1.0.
    if (value && std::holds_alternative<number_range>(key->range)) {
      if (const auto* i = std::get_if<std::int64_t>(&*value)) value = static_cast<double>(*i);
    }
    if (!value || !accepts(*key, *value)) {
      refuse(line_of(leaf), name + " is " + found_text(node) + ", expected " + expectation(*key));
      return;
    }
    settings_.push_back({key, std::move(*value), line_of(leaf)});
  }

  void refuse_unknown(std::size_t line, const std::string& name) {
    const config_key* meant = closest_config_key(name);
    refuse(line, "unknown key `" + name + "`" +
                     (meant ? "; did you mean `" + std::string{meant->name} + "`?" : ""));
  }

  static std::size_t line_of(const toml::key& key) { return key.source().begin.line; }

  void refuse(std::size_t line, std::string message) {
    refusals_.push_back({line, std::move(message)});
  }

  const std::string& path_;
  config_errors& errors_;
  std::vector<std::string_view> section_names_;
  std::vector<file_setting> settings_;
  std::vector<refusal> refusals_;
};

}  // namespace

std::vector<file_setting> read_config_file(const std::string& path, config_errors& errors) {
  const auto text = read_text(path, errors);
  if (!text) return {};
  if (const std::size_t line = line_of_deep_key(*text, max_key_parts)) {
    errors.messages.push_back(path + ":" + std::to_string(line) + ": a key has more than " +
                              std::to_string(max_key_parts) + " parts");
    return {};
  }
  try {
    return document_reader{path, errors}.read(toml::parse(*text));
  } catch (const toml::parse_error& e) {  // The packaged library reports in no other way.
    errors.messages.push_back(path + ":" + std::to_string(e.source().begin.line) + ":" +
                              std::to_string(e.source().begin.column) +
                              ": not valid TOML: " + std::string{e.description()});
    return {};
  }
}

}  // namespace kernd
