#include "support/temporary_file.hpp"
#include "unit/server/command_line.hpp"
#include "unit/server/one_answer_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace kernd::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// What a command prints when a daemon gives it one answer, and what it asked.
struct conversation {
  outcome done;
  std::string request;

  std::string first_line() const { return request.substr(0, request.find("\r\n")); }
  std::string body() const { return request.substr(request.find("\r\n\r\n") + 4); }
};

std::string http_answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

conversation with_daemon(const std::string& answer, std::vector<const char*> arguments) {
  test::one_answer_server server{answer};
  const std::string port = std::to_string(server.port());
  arguments.insert(arguments.begin(), "actors");
  arguments.insert(arguments.end(), {"--port", port.c_str()});
  auto done = run_it(parse(arguments));
  return {std::move(done), server.request()};
}

TEST(ActorsFlagsTest, ListTakesAnAddress) {
  const auto list = parsed_as<actors_list_command>({"actors", "list", "--port", "81", "--json"});

  EXPECT_TRUE(list.json);
  ASSERT_EQ(list.sources.flags.size(), 1u);
  EXPECT_EQ(list.sources.flags[0].key, "server.port");
}

TEST(ActorsFlagsTest, LaunchTakesAKernelAnIdAndOptions) {
  const auto launch =
      parsed_as<actors_launch_command>({"actors", "launch", "core/echo", "--id", "a", "--option",
                                        "overflow=wait", "--option", "group=x=y"});

  EXPECT_EQ(launch.kernel, "core/echo");
  EXPECT_EQ(launch.actor, "a");
  ASSERT_EQ(launch.options.size(), 2u);
  EXPECT_EQ(launch.options[0].value, "wait");
  EXPECT_EQ(launch.options[1].value, "x=y");
}

TEST(ActorsFlagsTest, CallSetsFieldsOfThePayloadNotKeys) {
  const auto call = parsed_as<actors_call_command>(
      {"actors", "call", "a", "echo", "--set", "value=3", "--timeout-ms", "7", "--host", "::"});

  EXPECT_EQ(call.actor, "a");
  EXPECT_EQ(call.type, "echo");
  EXPECT_EQ(call.timeout, 7ms);
  ASSERT_EQ(call.set.size(), 1u);
  EXPECT_EQ(call.set[0].name, "value");
  ASSERT_EQ(call.sources.flags.size(), 1u);
  EXPECT_EQ(call.sources.flags[0].key, "server.host");
}

TEST(ActorsFlagsTest, WatchTakesAPositionAndACount) {
  const auto watch =
      parsed_as<actors_watch_command>({"actors", "watch", "a", "--after", "0", "--count", "2"});

  EXPECT_EQ(watch.after, 0u);
  EXPECT_EQ(watch.count, 2u);
}

TEST(ActorsFlagsTest, WatchBeginsNowAndHasNoEndUnlessSet) {
  const auto watch = parsed_as<actors_watch_command>({"actors", "watch", "a"});

  EXPECT_FALSE(watch.after);
  EXPECT_FALSE(watch.count);
}

TEST(ActorsFlagsTest, StopTakesAnActor) {
  EXPECT_EQ(parsed_as<actors_stop_command>({"actors", "stop", "a"}).actor, "a");
}

TEST(ActorsFlagsTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(refusal({"actors"}), "a command is missing, one of: list, launch, call, watch, stop");
  EXPECT_EQ(refusal({"actors", "launch"}), "KERNEL is required");
  EXPECT_EQ(refusal({"actors", "call", "a"}), "TYPE is required");
  EXPECT_EQ(refusal({"actors", "stop"}), "ACTOR is required");
}

TEST(ActorsFlagsTest, SuggestsWhatWasMeant) {
  EXPECT_EQ(refusal({"actors", "lunch"}), "unknown command `lunch`; did you mean `launch`?");
  EXPECT_EQ(refusal({"actors", "watch", "a", "--afer", "1"}),
            "unknown flag `--afer`; did you mean `--after`?");
}

TEST(ActorsFlagsTest, ValuesOutOfRangeAreRefused) {
  EXPECT_NE(refusal({"actors", "watch", "a", "--count", "0"}), "not refused");
  EXPECT_NE(refusal({"actors", "call", "a", "echo", "--timeout-ms", "0"}), "not refused");
  EXPECT_NE(refusal({"actors", "call", "a", "echo", "--timeout-ms", "3600001"}), "not refused");
  EXPECT_EQ(refusal({"actors", "launch", "core/echo", "--option", "mode"}),
            "--option: `mode` is not NAME=VALUE");
}

TEST(ActorsFlagsTest, HelpOfWatchSaysWhatIsGivenBack) {
  const auto text = parsed_as<help_command>({"actors", "watch", "--help"}).text;

  EXPECT_NE(text.find("half an output log late"), std::string::npos) << text;
}

TEST(ActorsListTest, PrintsATable) {
  const json actors = {{{"id", "a"},
                        {"kernel_id", "core/echo"},
                        {"state", "active"},
                        {"mode", "persistent"},
                        {"input_queue_depth", 1},
                        {"output_queue_depth", 2},
                        {"messages_processed", 30},
                        {"uptime_us", 1'500'000},
                        {"failure", nullptr}}};

  const auto talk =
      with_daemon(http_answer("200 OK", json{{"total", 1}, {"actors", actors}}.dump()), {"list"});

  EXPECT_EQ(talk.first_line(), "GET /api/v1/actors HTTP/1.1");
  EXPECT_EQ(talk.done.code, exit_code::ok);
  EXPECT_EQ(talk.done.out,
            "ID  KERNEL     STATE   MODE        INPUT  OUTPUT  PROCESSED  UP\n"
            "a   core/echo  active  persistent  1      2       30         1.5 s\n");
}

TEST(ActorsListTest, SaysThatThereAreNone) {
  const auto [code, out, err] =
      with_daemon(http_answer("200 OK", R"({"total":0,"actors":[]})"), {"list"}).done;

  EXPECT_EQ(code, exit_code::ok);
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "kernd: there are no actors\n");
}

TEST(ActorsListTest, AnAnswerThatIsNoListFails) {
  for (const auto* body : {"[]", "{}", "not JSON", R"({"actors":[1]})"}) {
    EXPECT_EQ(with_daemon(http_answer("200 OK", body), {"list"}).done.code,
              exit_code::address_unavailable)
        << body;
  }
}

TEST(ActorsLaunchTest, SendsOptionsAsJsonOrElseText) {
  const auto talk =
      with_daemon(http_answer("201 Created", R"({"id":"a"})"),
                  {"launch", "core/echo", "--id", "a", "--option", "input_queue_capacity=64",
                   "--option", "overflow=wait", "--option", "auto_activate=false"});

  EXPECT_EQ(talk.first_line(), "POST /api/v1/actors HTTP/1.1");
  EXPECT_EQ(json::parse(talk.body()), json::parse(R"({"kernel_id":"core/echo","actor_id":"a",
    "options":{"input_queue_capacity":64,"overflow":"wait","auto_activate":false}})"));
  EXPECT_EQ(talk.done.out, "a\n");
}

TEST(ActorsLaunchTest, LeavesTheIdToTheDaemon) {
  const auto talk = with_daemon(http_answer("201 Created", R"({"id":"echo-1"})"),
                                {"launch", "core/echo", "--json"});

  EXPECT_EQ(talk.body(), R"({"kernel_id":"core/echo"})");
  EXPECT_EQ(talk.done.out, "{\"id\":\"echo-1\"}\n");
}

TEST(ActorsCallTest, PrintsThePayloadAsItCame) {
  const auto talk = with_daemon(
      http_answer("200 OK", R"({"request_id":"r", "payload": {"value":1.50}, "metadata":{}})"),
      {"call", "a", "echo", "--set", "value=1.50", "--timeout-ms", "9"});

  EXPECT_EQ(talk.first_line(), "POST /api/v1/actors/a/call HTTP/1.1");
  EXPECT_EQ(talk.body(), R"({"type":"echo","payload":{"value":1.50},"timeout_ms":9})");
  EXPECT_EQ(talk.done.code, exit_code::ok);
  EXPECT_EQ(talk.done.out, "{\"value\":1.50}\n");
}

TEST(ActorsCallTest, ANumberIsATypesNumber) {
  const auto talk = with_daemon(http_answer("200 OK", "{}"), {"call", "a", "17"});

  EXPECT_EQ(talk.body(), R"({"type":17,"payload":{}})");
  EXPECT_EQ(talk.done.code, exit_code::address_unavailable) << "there was no payload";
}

TEST(ActorsCallTest, FieldsReplaceThoseOfTheFile) {
  const test::temporary_file file{R"({"value":1, "other":18446744073709551615})"};

  const auto talk =
      with_daemon(http_answer("200 OK", R"({"payload":1})"),
                  {"call", "a", "echo", "--input", file.path().c_str(), "--set", "value=x"});

  EXPECT_EQ(talk.body(), R"({"type":"echo","payload":{"other":18446744073709551615,"value":"x"}})");
}

TEST(ActorsCallTest, APayloadThatIsNoJsonIsNotSent) {
  const test::temporary_file file{R"({},"timeout_ms":1)"};

  const auto done = run_it(parse({"actors", "call", "a", "echo", "--input", file.path().c_str()}));

  EXPECT_EQ(static_cast<int>(done.code), 65);
  EXPECT_EQ(done.err, "kernd: the payload is not JSON\n");
}

TEST(ActorsCallTest, APayloadThatIsNoObjectHasNoFieldToSet) {
  const test::temporary_file file{"[1]"};

  const auto done = run_it(
      parse({"actors", "call", "a", "echo", "--input", file.path().c_str(), "--set", "x=1"}));

  EXPECT_EQ(static_cast<int>(done.code), 65);
}

TEST(ActorsCallTest, AFileThatIsNotThereIsNoInput) {
  const auto done = run_it(parse({"actors", "call", "a", "echo", "--input", "/nowhere/x"}));

  EXPECT_EQ(static_cast<int>(done.code), 66);
}

constexpr auto stream =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "1c\r\n: \nid: 1\nevent: e\ndata: {\"a\"\r\n10\r\n:1}\n\ndata: {\"b\":"
    "\r\n4\r\n2}\n\n\r\n0\r\n\r\n";

TEST(ActorsWatchTest, PrintsTheDataOfEachEvent) {
  const auto talk = with_daemon(stream, {"watch", "a"});

  EXPECT_EQ(talk.first_line(), "GET /api/v1/actors/a/stream HTTP/1.1");
  EXPECT_EQ(talk.done.code, exit_code::ok);
  EXPECT_EQ(talk.done.out, "{\"a\":1}\n{\"b\":2}\n");
}

TEST(ActorsWatchTest, EndsAfterTheCount) {
  const auto talk = with_daemon(stream, {"watch", "a", "--after", "7", "--count", "1"});

  EXPECT_EQ(talk.first_line(), "GET /api/v1/actors/a/stream?after=7 HTTP/1.1");
  EXPECT_EQ(talk.done.out, "{\"a\":1}\n");
}

TEST(ActorsStopTest, DeletesTheActorAndPrintsNothing) {
  const auto talk = with_daemon("HTTP/1.1 204 No Content\r\n\r\n", {"stop", "a b/c"});

  EXPECT_EQ(talk.first_line(), "DELETE /api/v1/actors/a%20b%2Fc HTTP/1.1");
  EXPECT_EQ(talk.done.code, exit_code::ok);
  EXPECT_EQ(talk.done.out + talk.done.err, "");
}

TEST(ActorsRefusalTest, EachStatusHasItsExitCode) {
  const std::vector<std::pair<const char*, int>> codes = {
      {"400 x", 65}, {"404 x", 64}, {"409 x", 1},  {"410 x", 1},  {"413 x", 65},
      {"415 x", 65}, {"429 x", 1},  {"500 x", 70}, {"503 x", 69}, {"504 x", 1}};
  for (const auto& [status, code] : codes) {
    const auto done = with_daemon(http_answer(status, R"({"message":"no"})"), {"stop", "a"}).done;
    EXPECT_EQ(static_cast<int>(done.code), code) << status;
    EXPECT_EQ(done.err, "kernd: no\n") << status;
  }
}

TEST(ActorsRefusalTest, AsJsonItIsTheDocumentOfTheApi) {
  const auto done =
      with_daemon(http_answer("409 x", R"({"code":"C", "message":"no"})"), {"list", "--json"}).done;

  EXPECT_EQ(done.out, "{\"code\":\"C\", \"message\":\"no\"}\n");
  EXPECT_EQ(done.err, "");
}

TEST(ActorsRefusalTest, ADaemonThatIsNotThereIs69) {
  const std::string port = std::to_string(test::closed_port());
  const std::vector<std::vector<const char*>> all = {{"actors", "list"},
                                                     {"actors", "launch", "core/echo"},
                                                     {"actors", "call", "a", "echo"},
                                                     {"actors", "watch", "a"},
                                                     {"actors", "stop", "a"}};
  for (auto arguments : all) {
    arguments.insert(arguments.end(), {"--port", port.c_str()});
    const auto done = run_it(parse(arguments));
    EXPECT_EQ(static_cast<int>(done.code), 69) << arguments[1];
    EXPECT_EQ(done.err, "kernd: 127.0.0.1:" + port + ": Connection refused\n") << arguments[1];
  }
}

TEST(ActorsRefusalTest, ADaemonThatIsNotThereIsAProblemDocumentAsJson) {
  const std::string port = std::to_string(test::closed_port());

  const auto done = run_it(parse({"actors", "list", "--json", "--port", port.c_str()}));

  EXPECT_EQ(json::parse(done.out)["code"], "SERVICE_UNAVAILABLE");
  EXPECT_EQ(done.err, "");
}

TEST(ActorsRefusalTest, AnotherServerIsNoDaemon) {
  const auto done = with_daemon(http_answer("404 Not Found", "<html>"), {"stop", "a"}).done;

  EXPECT_EQ(static_cast<int>(done.code), 69);
  EXPECT_EQ(done.err,
            "kernd: what listens there is no kernd: it answered 404 without a problem document\n");
}

TEST(ActorsRefusalTest, AWrongConfigurationIs78) {
  EXPECT_EQ(static_cast<int>(run_it(parse({"actors", "list", "--port", "x"})).code), 78);
  EXPECT_EQ(run_it(parse({"actors", "list", "--port", "0"})).err,
            "kernd: server.port is 0, so the port is not known; give --port\n");
}

}  // namespace
}  // namespace kernd::cli
