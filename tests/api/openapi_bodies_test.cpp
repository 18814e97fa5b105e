#include "tests/api/actor_api_test.hpp"

#include <map>
#include <string>

namespace kernd::test {
namespace {

struct OpenApiBodiesTest : ActorApiTest {
  json document() { return json_of(ask(get("/openapi.json"))); }
};

TEST_F(OpenApiBodiesTest, HasTheBodyOfEveryRouteThatReadsOne) {
  start();
  const json document = this->document();

  std::map<std::string, std::string> named;  // by operationId
  for (const auto& [path, operations] : document.at("paths").items()) {
    if (path.ends_with("/execute") && !path.ends_with("{name}/execute")) continue;
    for (const json& operation : operations) {
      const auto id = operation.at("operationId").get<std::string>();
      EXPECT_EQ(operation.contains("requestBody"), operation["responses"].contains("415")) << id;
      if (!operation.contains("requestBody")) continue;
      const json& body = operation["requestBody"];
      EXPECT_EQ(body.at("required"), true) << id;
      const json& schema = body.at("content").at("application/json").at("schema").at("$ref");
      const json::json_pointer place{schema.get<std::string>().substr(1)};
      ASSERT_TRUE(document.contains(place)) << schema;
      EXPECT_EQ(document[place]["additionalProperties"], false) << schema;
      named[id] = place.back();
    }
  }
  const std::map<std::string, std::string> expected = {
      {"execute_kernel", "execute_request"}, {"launch_actor", "launch_request"},
      {"send_to_actor", "message_request"},  {"call_actor", "call_request"},
      {"put_route", "route_request"},        {"dispatch", "dispatch_request"}};
  EXPECT_EQ(named, expected);
}

TEST_F(OpenApiBodiesTest, SaysThatALaunchAnswersWithTheActorsPath) {
  start();
  const json document = this->document();

  const json& launched = document["paths"]["/api/v1/actors"]["post"]["responses"]["201"];
  EXPECT_EQ(launched["headers"].at("Location").at("schema").at("type"), "string");
  EXPECT_TRUE(launch("a").has("Location"));
}

}  // namespace
}  // namespace kernd::test
