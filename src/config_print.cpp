#include "kernd/config_keys.hpp"
#include "kernd/config_loader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kernd {

std::string to_toml(const loaded_config& loaded) {
  const auto keys = config_keys();
  std::vector<std::string> assignments;
  std::size_t width = 0;
  for (const auto& key : keys) {
    assignments.push_back(std::string{key.leaf()} + " = " + to_toml(key.get(loaded.values)));
    width = std::max(width, assignments.back().size());
  }

  std::string text;
  std::string_view section;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].section() != section) {
      if (!section.empty()) text += '\n';
      section = keys[i].section();
      text += "[" + std::string{section} + "]\n";
    }
    assignments[i].resize(width, ' ');
    text += assignments[i] + "  # " + to_string(loaded.origins[i]) + '\n';
  }
  return text;
}

nlohmann::ordered_json to_json(const loaded_config& loaded) {
  nlohmann::ordered_json sections = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < loaded.origins.size(); ++i) {
    const config_key& key = config_keys()[i];
    nlohmann::ordered_json value;
    std::visit([&](const auto& v) { value = v; }, key.get(loaded.values));
    sections[std::string{key.section()}][std::string{key.leaf()}] = {
        {"value", std::move(value)}, {"origin", to_string(loaded.origins[i])}};
  }
  return sections;
}

}  // namespace kernd
