#include "server/cli.hpp"
#include "unit/server/one_answer_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace kernd::cli {
namespace {

struct HealthcheckTest : ::testing::Test {
  exit_code check(const config_sources& sources) {
    return run(healthcheck_command{sources, {}, std::chrono::seconds{5}}, out, err);
  }

  std::ostringstream out, err;
};

config_sources port_flag(std::uint16_t port) {
  return {.flags = {{"server.port", std::to_string(port)}}};
}

TEST_F(HealthcheckTest, ReadyIsOk) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};

  EXPECT_EQ(check(port_flag(server.port())), exit_code::ok);
  EXPECT_EQ(out.str(), "status 200\n");
}

TEST_F(HealthcheckTest, NotReadyFails) {
  test::one_answer_server server{"HTTP/1.1 503 Service Unavailable\r\n\r\n"};

  EXPECT_EQ(check(port_flag(server.port())), exit_code::failed);
  EXPECT_EQ(out.str(), "status 503\n");
}

TEST_F(HealthcheckTest, AnotherSuccessThan200Fails) {
  test::one_answer_server server{"HTTP/1.1 204 No Content\r\n\r\n"};

  EXPECT_EQ(check(port_flag(server.port())), exit_code::failed);
}

TEST_F(HealthcheckTest, AsksForReadiness) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};

  check(port_flag(server.port()));

  EXPECT_TRUE(server.request().starts_with("GET /health/ready HTTP/1.1\r\n"));
}

TEST_F(HealthcheckTest, FollowsThePortOfTheEnvironment) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};

  const auto code = check({.environment = {"KERND_SERVER__PORT=" + std::to_string(server.port())}});

  EXPECT_EQ(code, exit_code::ok);
}

TEST_F(HealthcheckTest, PrefersThePortOfTheProbes) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};
  const auto variable = "KERND_SERVER__PROBE_PORT=" + std::to_string(server.port());

  EXPECT_EQ(check({.environment = {variable}}), exit_code::ok);
}

TEST_F(HealthcheckTest, AsksThePortThatAFlagNames) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};
  auto sources = port_flag(server.port());
  sources.environment = {"KERND_SERVER__PROBE_PORT=" + std::to_string(test::closed_port())};

  EXPECT_EQ(check(sources), exit_code::ok);
}

TEST_F(HealthcheckTest, ADaemonOnAllAddressesIsAskedOnLoopback) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};
  auto sources = port_flag(server.port());
  sources.flags.push_back({"server.host", "0.0.0.0"});

  EXPECT_EQ(check(sources), exit_code::ok);
  EXPECT_NE(server.request().find("Host: 127.0.0.1:"), std::string::npos);
}

TEST_F(HealthcheckTest, AClosedPortFails) {
  const auto port = test::closed_port();

  EXPECT_EQ(check(port_flag(port)), exit_code::failed);
  EXPECT_EQ(err.str(), "kernd: 127.0.0.1:" + std::to_string(port) + ": Connection refused\n");
}

TEST_F(HealthcheckTest, AUrlIsAskedInsteadOfTheConfiguredAddress) {
  test::one_answer_server server{"HTTP/1.1 200 OK\r\n\r\n"};
  const healthcheck_command asked{
      {},
      healthcheck_command::http_url{"127.0.0.1", server.port(), "/livez"},
      std::chrono::seconds{5}};

  EXPECT_EQ(run(asked, out, err), exit_code::ok);
  EXPECT_TRUE(server.request().starts_with("GET /livez HTTP/1.1\r\n"));
}

TEST_F(HealthcheckTest, JsonHoldsTheStatus) {
  for (const unsigned status : {200u, 503u}) {
    test::one_answer_server server{"HTTP/1.1 " + std::to_string(status) + " Any\r\n\r\n"};
    std::ostringstream json;

    const auto code =
        run(healthcheck_command{port_flag(server.port()), {}, std::chrono::seconds{5}, true}, json,
            err);

    EXPECT_EQ(code, status == 200 ? exit_code::ok : exit_code::failed);
    EXPECT_EQ(
        nlohmann::json::parse(json.str()),
        (nlohmann::json{
            {"ok", status == 200}, {"status", status}, {"problems", nlohmann::json::array()}}));
  }
}

TEST_F(HealthcheckTest, JsonSaysWhyThereIsNoStatus) {
  const auto port = test::closed_port();
  const healthcheck_command closed{port_flag(port), {}, std::chrono::seconds{5}, true};

  EXPECT_EQ(run(closed, out, err), exit_code::failed);
  EXPECT_EQ(out.str(), R"({"ok":false,"status":null,"problems":["127.0.0.1:)" +
                           std::to_string(port) + ": Connection refused\"]}\n");
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace kernd::cli
