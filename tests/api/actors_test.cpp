#include "server/api/actors.hpp"

#include "tests/api/actor_api_test.hpp"

#include <string>
#include <vector>

namespace kernd::test {
namespace {

using ActorsTest = ActorApiTest;

TEST_F(ActorsTest, LaunchesAndSaysWhere) {
  start();

  const reply r = launch("a");

  EXPECT_EQ(r.status, 201);
  EXPECT_EQ(r.header("Location"), "/api/v1/actors/a");
  const json body = json_of(r);
  EXPECT_EQ(body["id"], "a");
  EXPECT_EQ(body["kernel_id"], "core/test-acting");
  EXPECT_EQ(body["state"], "active");
  EXPECT_EQ(body["mode"], "persistent");
  EXPECT_EQ(body["backend"], "cpu");
  EXPECT_EQ(body["failure"], nullptr);
}

TEST_F(ActorsTest, NamesAnActorThatHasNoName) {
  start();

  const reply r = ask(post("/api/v1/actors", R"({"kernel_id":"core/test-acting"})"));

  ASSERT_EQ(r.status, 201);
  const auto id = json_of(r)["id"].get<std::string>();
  EXPECT_EQ(id, "core.test-acting.1");
  EXPECT_EQ(r.header("Location"), "/api/v1/actors/" + id);
  EXPECT_EQ(ask(get(r.header("Location"))).status, 200);
}

TEST_F(ActorsTest, ListsWhatLives) {
  start();
  EXPECT_EQ(read("/api/v1/actors"), json::parse(R"({"total":0,"actors":[]})"));
  launch("b");
  launch("a");

  const json body = read("/api/v1/actors");

  EXPECT_EQ(body["total"], 2);
  EXPECT_EQ(body["actors"][0]["id"], "a");
  EXPECT_EQ(body["actors"][1]["id"], "b");
}

TEST_F(ActorsTest, ListsTheMessagesThatItHandles) {
  start();
  launch("a");

  const json messages = status("a")["messages"];

  ASSERT_EQ(messages.size(), 6u);
  EXPECT_EQ(messages[0], json::parse(R"({"type_id":9101,"name":"ask","reply":"answer"})"));
  EXPECT_EQ(messages[1], json::parse(R"({"type_id":9103,"name":"tell","reply":null})"));
}

TEST_F(ActorsTest, ObeysEveryOption) {
  start();
  const std::string chosen =
      R"({"mode":"event_driven","input_queue_capacity":8,"output_queue_capacity":16,)"
      R"("auto_activate":false,"priority":"high","overflow":"wait","restart":"one_for_one",)"
      R"("state_bytes":64,"group":"g","grid_size":1,"block_size":256,"shared_memory_size":0,)"
      R"("backend":"cpu"})";

  const reply r = launch("a", chosen);

  ASSERT_EQ(r.status, 201) << r.body;
  const json body = json_of(r);
  EXPECT_EQ(body["state"], "launched");
  EXPECT_EQ(body["options"], json::parse(R"({"mode":"event_driven","input_queue_capacity":8,
    "output_queue_capacity":16,"auto_activate":false,"priority":"high","overflow":"wait",
    "restart":"one_for_one","state_bytes":64,"group":"g"})"));
}

TEST_F(ActorsTest, KeepsAsMuchOutputAsIsConfigured) {
  ring_options.output_log = 100;
  start();

  launch("a");

  EXPECT_EQ(status("a")["options"]["output_queue_capacity"], 128);
}

TEST_F(ActorsTest, RefusesWhatIsNoRingKernel) {
  start();
  const auto launch_of = [this](const std::string& kernel) {
    return ask(post("/api/v1/actors", R"({"kernel_id":")" + kernel + "\"}"));
  };

  const reply unknown = launch_of("core/test-actin");
  const reply batch = launch_of("core/test-adding");
  const reply near_batch = launch_of("core/test-addin");

  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(code_of(unknown), "KERNEL_NOT_FOUND");
  EXPECT_EQ(json_of(unknown)["message"],
            "there is no kernel 'core/test-actin'; did you mean `core/test-acting`?");
  EXPECT_EQ(json_of(near_batch)["message"].get<std::string>().find("core/test-adding"),
            std::string::npos);
  EXPECT_EQ(batch.status, 404);
  EXPECT_EQ(code_of(batch), "KERNEL_NOT_FOUND");
  EXPECT_EQ(json_of(batch)["message"],
            "'core/test-adding' is a batch kernel; only ring kernels are launched");
}

TEST_F(ActorsTest, RefusesATakenId) {
  start();
  launch("a");

  const reply r = launch("a");

  EXPECT_EQ(r.status, 409);
  EXPECT_EQ(code_of(r), "ALREADY_EXISTS");
  EXPECT_EQ(json_of(r)["message"], "there is an actor 'a'");
}

struct refusal {
  const char* body;
  const char* code;
  const char* message;
};

TEST_F(ActorsTest, RefusesBodiesThatAreNoLaunch) {
  start();
  const std::vector<refusal> rows = {
      {"", "INVALID_JSON", "the body is not JSON"},
      {"{", "INVALID_JSON", "the body is not JSON"},
      {"[]", "INVALID_REQUEST",
       "the body: object with the member kernel_id expected, found an array"},
      {"1", "INVALID_REQUEST",
       "the body: object with the member kernel_id expected, found a single value"},
      {"{}", "INVALID_REQUEST", "/kernel_id: the id of a ring kernel expected, found nothing"},
      {R"({"kernel_id":7})", "INVALID_REQUEST", "/kernel_id: text expected, found 7"},
      {R"({"kernel_id":"core/test-acting","actor_id":[]})", "INVALID_REQUEST",
       "/actor_id: text expected, found an array"},
      {R"({"kernel_id":"core/test-acting","actor_id":""})", "INVALID_REQUEST",
       "/actor_id: 1 to 64 letters, digits, . _ - expected, found an empty text"},
      {R"({"kernel_id":"core/test-acting","actor_id":"a/b"})", "INVALID_REQUEST",
       "actor_id must be 1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'"},
      {R"({"kernel_id":"core/test-acting","optoins":{}})", "INVALID_REQUEST",
       "/optoins: one of the members kernel_id, actor_id, options expected, found that name"},
      {R"({"kernel_id":"core/test-acting","options":7})", "INVALID_REQUEST",
       "/options: object expected, found 7"},
      {R"({"kernel_id":"core/test-acting","kernel_id":"core/test-acting"})", "INVALID_REQUEST",
       "/kernel_id: one member of that name expected, found a second one"},
      {R"({"kernel_id":"core/test-acting","options":{"group":"a","group":"b"}})", "INVALID_REQUEST",
       "/options/group: one member of that name expected, found a second one"}};
  for (const refusal& row : rows) {
    const reply r = ask(post("/api/v1/actors", row.body));
    EXPECT_EQ(r.status, 400) << row.body;
    EXPECT_EQ(code_of(r), row.code) << row.body;
    EXPECT_EQ(json_of(r)["message"], row.message) << row.body;
  }
  EXPECT_EQ(read("/api/v1/actors")["total"], 0);
}

TEST_F(ActorsTest, NamesTheOptionThatIsWrongAndItsLimit) {
  start();
  const std::string count = " integer from 0 to 4294967295 expected, found ";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {R"("mode":"fast")",
       R"(/options/mode: one of persistent, event_driven expected, found "fast")"},
      {R"("mode":1)", "/options/mode: one of persistent, event_driven expected, found 1"},
      {R"("overflow":"drop")",
       R"(/options/overflow: one of refuse, wait, dead_letter expected, found "drop")"},
      {R"("restart":"always")",
       R"(/options/restart: one of permanent, one_for_one expected, found "always")"},
      {R"("priority":"urgent")",
       R"(/options/priority: one of low, normal, high, critical expected, found "urgent")"},
      {R"("priority":[1])",
       "/options/priority: one of low, normal, high, critical expected, found an array"},
      {R"("auto_activate":"yes")",
       R"(/options/auto_activate: true or false expected, found "yes")"},
      {R"("group":7)", "/options/group: text expected, found 7"},
      {R"("group":"a b")",
       "group must be 1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'"},
      {R"("grid_size":-1)", "/options/grid_size:" + count + "-1"},
      {R"("grid_size":2)", "grid_size is 2, must be 1 on the CPU"},
      {R"("block_size":64)", "block_size is 64, must be 256 on the CPU"},
      {R"("block_size":"x")", "/options/block_size:" + count + "\"x\""},
      {R"("shared_memory_size":1)", "shared_memory_size is 1, must be 0 on the CPU"},
      {R"("shared_memory_size":{})", "/options/shared_memory_size:" + count + "an object"},
      {R"("input_queue_capacity":1.5)", "/options/input_queue_capacity:" + count + "1.5"},
      {R"("input_queue_capacity":100)",
       "input_queue_capacity is 100, must be a power of two from 2 to 65536"},
      {R"("output_queue_capacity":131072)",
       "output_queue_capacity is 131072, must be a power of two from 2 to 65536"},
      {R"("output_queue_capacity":4294967296)",
       "/options/output_queue_capacity:" + count + "4294967296"},
      {R"("state_bytes":1073741825)", "state_bytes is 1073741825, must be 1073741824 at most"},
      {R"("state_bytes":null)", "/options/state_bytes:" + count + "null"},
      {R"("backend":"metal")",
       "/options/backend: auto, cpu or cuda: actors for that backend are not built expected, "
       "found \"metal\""},
      {R"("backend":"tpu")", R"(/options/backend: one of auto, cpu, cuda expected, found "tpu")"},
      {R"("overflw":"wait")", "/options/overflw: 'overflow' expected, found that name"}};
  for (const auto& [option, message] : rows) {
    const reply r = launch("a", "{" + option + "}");
    EXPECT_EQ(r.status, 400) << option;
    EXPECT_EQ(code_of(r), "INVALID_REQUEST") << option;
    EXPECT_EQ(json_of(r)["message"], message) << option;
  }
}

TEST_F(ActorsTest, SaysWhichValueIsRefusedForPrograms) {
  start();
  const auto details = [](const char* pointer, const char* expected, const char* actual) {
    return json{{"pointer", pointer}, {"expected", expected}, {"actual", actual}};
  };
  const char* const capacity = "a power of two from 2 to 65536";
  const char* const id = "1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'";
  const std::vector<std::pair<std::string, json>> rows = {
      {R"({"grid_size":2})", details("/options/grid_size", "1 on the CPU", "2")},
      {R"({"block_size":64})", details("/options/block_size", "256 on the CPU", "64")},
      {R"({"shared_memory_size":1})", details("/options/shared_memory_size", "0 on the CPU", "1")},
      {R"({"input_queue_capacity":3})", details("/options/input_queue_capacity", capacity, "3")},
      {R"({"output_queue_capacity":1})", details("/options/output_queue_capacity", capacity, "1")},
      {R"({"state_bytes":1073741825})",
       details("/options/state_bytes", "1073741824 at most", "1073741825")},
      {R"({"group":"a b"})", details("/options/group", id, "'a b'")}};
  for (const auto& [chosen, expected] : rows) {
    EXPECT_EQ(json_of(launch("a", chosen))["details"], expected) << chosen;
  }
  EXPECT_EQ(json_of(launch("a/b"))["details"], details("/actor_id", id, "'a/b'"));
  EXPECT_EQ(json_of(launch(".."))["details"],
            details("/actor_id", "neither '.' nor '..', which have a meaning in paths", "'..'"));
}

TEST_F(ActorsTest, SaysThatNoOtherBackendIsBuilt) {
  start();

  const reply r = launch("a", R"({"backend":"cuda"})");

  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(code_of(r), "BACKEND_UNAVAILABLE");
}

TEST_F(ActorsTest, RefusesAnOptionHoweverDeepItIs) {
  start();

  const reply r =
      launch("a", R"({"mode":)" + std::string(30000, '[') + std::string(30000, ']') + "}");

  EXPECT_EQ(json_of(r)["message"],
            "/options/mode: one of persistent, event_driven expected, found an array");
}

TEST_F(ActorsTest, RefusesALaunchOfMoreThan64KiB) {
  start();

  const reply r = ask(post("/api/v1/actors", std::string(65537, ' ')));

  EXPECT_EQ(r.status, 413);
  EXPECT_EQ(code_of(r), "BODY_TOO_LARGE");
  EXPECT_EQ(json_of(r)["message"], "a launch of 65537 bytes; limit 65536");
}

TEST_F(ActorsTest, RefusesOtherMediaTypes) {
  start();
  launch("a");

  for (const char* what : {"", "/a/messages", "/a/call"}) {
    const reply r =
        ask(post("/api/v1/actors" + std::string{what}, "{}", "Content-Type: text/plain\r\n"));
    EXPECT_EQ(r.status, 415) << what;
    EXPECT_EQ(code_of(r), "UNSUPPORTED_MEDIA_TYPE") << what;
  }
}

TEST_F(ActorsTest, LaunchesAsManyAsAreAllowed) {
  ring_options.max_actors = 1;
  start();
  launch("a");

  const reply second = launch("b");
  remove("a");

  EXPECT_EQ(second.status, 503);
  EXPECT_EQ(code_of(second), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(json_of(second)["message"], "there is 1 actor, limit 1");
  EXPECT_EQ(launch("b").status, 201);
}

TEST_F(ActorsTest, LaunchesNoMoreThanThereIsMemoryFor) {
  ring_options.memory_bytes = 8 << 20;
  start();

  const reply refused = launch("a", R"({"state_bytes":8388608})");
  const reply accepted = launch("a", R"({"state_bytes":1048576})");

  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code_of(refused), "MEMORY_EXHAUSTED");
  EXPECT_TRUE(refused.has("Retry-After"));
  EXPECT_EQ(accepted.status, 201);
}

TEST_F(ActorsTest, RefusesIdsThatPathsCannotName) {
  start();

  for (const std::string id : {".", ".."}) {
    const reply r = launch(id);

    EXPECT_EQ(r.status, 400) << id;
    EXPECT_EQ(code_of(r), "INVALID_REQUEST") << id;
  }
}

}  // namespace
}  // namespace kernd::test
