#include "server/api/json_body.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kernd::api {

namespace {

using json = nlohmann::json;

/// Sees every name while the document is read, and keeps the first that comes a second time.
class name_checker {
 public:
  void see(json::parse_event_t event, const json& parsed) {
    using enum json::parse_event_t;
    if (event == object_start) open_.push_back({.names = {}, .newest = {}, .is_array = false});
    if (event == array_start) open_.push_back({.names = {}, .newest = {}, .is_array = true});
    if (event == object_end || event == array_end) open_.pop_back();
    if (event == key) see_name(parsed.get<std::string>());
  }

  std::optional<error> refused;

 private:
  struct container {
    std::set<std::string> names;
    std::string newest;
    bool is_array;
  };

  void see_name(std::string name) {
    container& object = open_.back();
    object.newest = name;
    if (object.names.insert(std::move(name)).second || refused) return;
    refused = refuse_value(errc::invalid_request, {}, "one member of that name", "a second one");
    for (auto at = open_.rbegin(); at != open_.rend(); ++at) {
      if (!at->is_array) refused = within(at->newest, *std::move(refused));
    }
  }

  std::vector<container> open_;
};

}  // namespace

result<json> read_json(std::string_view body) {
  name_checker checker;
  const auto see = [&checker](int, json::parse_event_t event, const json& parsed) {
    checker.see(event, parsed);
    return true;
  };
  json document = json::parse(body, see, false);
  if (document.is_discarded()) return error{errc::invalid_json, "the body is not JSON"};
  if (checker.refused) return *std::move(checker.refused);
  return document;
}

}  // namespace kernd::api
