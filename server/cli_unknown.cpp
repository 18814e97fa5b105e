#include "server/cli_unknown.hpp"

#include "kernd/did_you_mean.hpp"

#include <CLI/App.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace kernd::cli {
namespace {

using names = std::vector<std::string>;

std::vector<std::string_view> views_of(const names& all) {
  return {all.begin(), all.end()};
}

names flags_of(const CLI::App& app) {
  names flags;
  for (const auto* option : app.get_options()) {
    if (!option->get_positional()) flags.push_back(option->get_name());
  }
  return flags;
}

std::string path_of(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return (parent == nullptr ? "" : path_of(*parent) + " ") + app.get_name();
}

/// The first near flag of the commands below `given`, one level after the other.
std::string flag_below(const std::string& name, const CLI::App& given) {
  std::vector<const CLI::App*> level{&given};
  while (!level.empty()) {
    std::vector<const CLI::App*> next;
    for (const auto* parent : level) {
      for (const auto* app : parent->get_subcommands({})) {
        const names flags = flags_of(*app);
        const auto meant = closest_name(name, views_of(flags));
        if (!meant.empty()) return path_of(*app) + " " + std::string{meant};
        next.push_back(app);
      }
    }
    level = std::move(next);
  }
  return {};
}

std::string flag_meant(const std::string& name, const CLI::App& given) {
  auto own = did_you_mean(name, views_of(flags_of(given)));
  if (!own.empty()) return own;
  const std::string below = flag_below(name, given);
  return below.empty() ? below : "; did you mean `" + below + "`?";
}

}  // namespace

std::string describe_unknown(const std::string& word, const CLI::App& given) {
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    return "unknown flag `" + name + "`" + flag_meant(name, given);
  }
  names known;
  for (const auto* sub : given.get_subcommands({})) known.push_back(sub->get_name());
  const char* kind = known.empty() ? "argument" : "command";
  return std::string{"unknown "} + kind + " `" + word + "`" + did_you_mean(word, views_of(known));
}

}  // namespace kernd::cli
