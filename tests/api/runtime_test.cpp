#include "server/api/runtime.hpp"

#include "tests/api/api_test.hpp"
#include "tests/support/temporary_file.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <fstream>
#include <utility>

namespace kernd::test {
namespace {

constexpr std::string_view base = "/api/v1/runtime";

struct RuntimeTest : ApiTest {
  void run() {
    life.move_to(lifecycle_state::starting).value();
    life.move_to(lifecycle_state::running).value();
  }
  reply order(const std::string& what, std::string_view headers = {}) {
    return ask(post(std::string{base} + "/" + what, "", headers));
  }
  /// The route's answer to a client at `peer`.
  http::response order_from(const char* peer) {
    boost::asio::io_context io;
    http::request req;
    req.peer = boost::asio::ip::make_address(peer);
    req.verb = http::method::post;
    req.target = "/api/v1/runtime/drain";
    const auto match = routes.match(req);
    http::response got;
    boost::asio::co_spawn(io, std::get<http::async_handler>(match->matched->handle)(req),
                          [&got](std::exception_ptr failure, http::response answer) {
                            if (failure) std::rethrow_exception(failure);
                            got = std::move(answer);
                          });
    io.run();
    return got;
  }
};

TEST_F(RuntimeTest, ShowsTheDaemonsState) {
  start();
  run();

  const auto body = json_of(ask(get(base)));

  EXPECT_EQ(body["state"], "Running");
  EXPECT_EQ(body["configuration"]["revision"], 1);
  EXPECT_EQ(body["stats"]["jobs_in_flight"], 0);
  EXPECT_EQ(body["stats"]["workers"], 1);
}

TEST_F(RuntimeTest, CountsTheJobsThatRun) {
  start();
  client c = connect();
  c.send(gated_request(where));
  where.wait_entered(1);

  const auto stats = json_of(ask(get(base)))["stats"];

  EXPECT_EQ(stats["jobs_in_flight"], 1);
  EXPECT_EQ(stats["jobs_running"], 1);
  where.open();
  EXPECT_EQ(c.read_reply().status, 200);
}

TEST_F(RuntimeTest, ShowsEachValueOfTheConfigurationWithItsOrigin) {
  const temporary_file file{"limits.max_body_bytes = 2048\n"};
  sources.file = file.path();
  start();

  const auto body = json_of(ask(get(std::string{base} + "/config")));

  EXPECT_EQ(body["limits"]["max_body_bytes"]["value"], 2048);
  EXPECT_EQ(body["limits"]["max_body_bytes"]["origin"], "file " + file.path() + ":1");
  EXPECT_EQ(body["server"]["port"]["origin"], "default");
}

TEST_F(RuntimeTest, ReloadsTheConfiguration) {
  start();
  run();

  const reply r = order("reload");

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, R"({"revision":2,"changed":[]})");
  EXPECT_EQ(json_of(ask(get(base)))["configuration"]["revision"], 2);
}

TEST_F(RuntimeTest, SaysWhatIsWrongWithAFile) {
  const temporary_file file{"limits.max_body_bytes = 2048\n"};
  sources.file = file.path();
  start();
  run();
  std::ofstream{file.path(), std::ios::app} << "log.level = 'loud'\n";

  const reply r = order("reload");

  EXPECT_EQ(r.status, 409);
  EXPECT_EQ(code_of(r), "CONFIGURATION_INVALID");
  EXPECT_NE(r.body.find(file.path() + ":2: log.level"), std::string::npos) << r.body;
  EXPECT_EQ(json_of(ask(get(base)))["configuration"]["revision"], 1);
}

TEST_F(RuntimeTest, NamesTheKeysThatNeedARestart) {
  const temporary_file file{""};
  sources.file = file.path();
  start();
  run();
  std::ofstream{file.path()} << "executor.workers = 7\n";

  const reply r = order("reload");

  EXPECT_EQ(code_of(r), "RESTART_REQUIRED");
  EXPECT_NE(r.body.find("executor.workers"), std::string::npos);
}

TEST_F(RuntimeTest, SaysThatReloadingIsDisabled) {
  sources.flags.push_back({"runtime.hot_reload", "false"});
  start();
  run();

  const reply r = order("reload");

  EXPECT_EQ(r.status, 409);
  EXPECT_EQ(code_of(r), "RELOAD_DISABLED");
}

TEST_F(RuntimeTest, DrainsOnlyOnce) {
  start();
  run();

  const reply first = order("drain");
  const reply second = order("drain");

  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(json_of(first)["state"], "Draining");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(code_of(second), "INVALID_STATE_TRANSITION");
}

TEST_F(RuntimeTest, ObeysOnlyWhileRunning) {
  start();
  life.move_to(lifecycle_state::starting).value();

  for (const char* what : {"reload", "drain"}) {
    const reply r = order(what);
    EXPECT_EQ(r.status, 409) << what;
    EXPECT_EQ(code_of(r), "INVALID_STATE_TRANSITION") << what;
  }
}

TEST_F(RuntimeTest, ObeysNeitherBrowsersNorProxies) {
  start();
  run();

  for (const char* header : {"Origin: http://127.0.0.1\r\n", "Origin: null\r\n",
                             "X-Forwarded-For: 127.0.0.1\r\n", "Forwarded: for=127.0.0.1\r\n"}) {
    for (const char* what : {"reload", "drain"}) {
      const reply r = order(what, header);
      EXPECT_EQ(r.status, 403) << header;
      EXPECT_EQ(code_of(r), "PERMISSION_DENIED") << header;
    }
  }
  EXPECT_EQ(life.state(), lifecycle_state::running);
}

TEST_F(RuntimeTest, ObeysNoOtherMachine) {
  start();
  run();

  for (const char* peer : {"192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"}) {
    EXPECT_EQ(order_from(peer).status, 403u) << peer;
  }
  EXPECT_EQ(life.state(), lifecycle_state::running);
}

TEST_F(RuntimeTest, ObeysThisMachineByWhateverProtocol) {
  start();
  run();

  EXPECT_EQ(order_from("::ffff:127.0.0.1").status, 200u);
  for (const char* peer : {"127.0.0.9", "::1"}) EXPECT_EQ(order_from(peer).status, 409u) << peer;
}

TEST_F(RuntimeTest, SaysWhenNobodyServesTheDesk) {
  desk_is_served = false;
  desk_patience = std::chrono::milliseconds{1};
  start();
  run();

  const reply r = order("drain");

  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(life.state(), lifecycle_state::running);
}

TEST_F(RuntimeTest, SaysThatTheDeskIsClosed) {
  start();
  run();
  desk->close();

  EXPECT_EQ(order("reload").status, 503);
}

}  // namespace
}  // namespace kernd::test
