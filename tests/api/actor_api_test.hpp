#pragma once

#include "tests/api/acting_kernel.hpp"
#include "tests/api/api_test.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace kernd::test {

/// The API with a ring kernel, and requests for its actors.
struct ActorApiTest : ApiTest {
  using json = nlohmann::json;

  ActorApiTest() { registry.add(make_ring_kernel<acting>()).value(); }

  static std::string path(const std::string& actor, const std::string& what = {}) {
    return "/api/v1/actors/" + actor + what;
  }
  static std::string launch_body(const std::string& actor, const std::string& chosen = "{}") {
    return R"({"kernel_id":"core/test-acting","actor_id":")" + actor + R"(","options":)" + chosen +
           "}";
  }
  /// `type`, with an empty payload or that one, and more members.
  static std::string message(const std::string& type, const std::string& payload = "{}",
                             const std::string& more = {}) {
    return R"({"type":")" + type + R"(","payload":)" + payload + more + "}";
  }
  static std::string ask_body(int value, const std::string& more = {}) {
    return message("ask", R"({"value":)" + std::to_string(value) + "}", more);
  }
  static std::string tell_body(int value, const std::string& more = {}) {
    return message("tell", R"({"value":)" + std::to_string(value) + "}", more);
  }
  std::string hold_body(int tag = 0, const std::string& more = {}) const {
    const auto address = reinterpret_cast<std::uintptr_t>(&where);
    return message(
        "hold", R"({"gate":)" + std::to_string(address) + R"(,"tag":)" + std::to_string(tag) + "}",
        more);
  }
  static std::string del(const std::string& path) {
    return "DELETE " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  static std::string put(const std::string& path, const std::string& body) {
    return "PUT" + post(path, body).substr(4);
  }

  reply launch(const std::string& actor, const std::string& chosen = "{}") {
    return ask(post("/api/v1/actors", launch_body(actor, chosen)));
  }
  /// An actor that handles a message which waits at the gate.
  void launch_held(const std::string& actor, const std::string& chosen = "{}") {
    ASSERT_EQ(launch(actor, chosen).status, 201);
    ASSERT_EQ(send(actor, hold_body()).status, 202);
    where.wait_entered(1);
  }
  reply send(const std::string& actor, const std::string& body) {
    return ask(post(path(actor, "/messages"), body));
  }
  reply call(const std::string& actor, const std::string& body) {
    return ask(post(path(actor, "/call"), body));
  }
  reply output(const std::string& actor, const std::string& query = {}) {
    return ask(get(path(actor, "/messages" + query)));
  }
  reply remove(const std::string& actor) { return ask(del(path(actor))); }
  json status(const std::string& actor) { return json_of(ask(get(path(actor)))); }
  json read(const std::string& path) { return json_of(ask(get(path))); }
  std::uint64_t number_of(const std::string& actor) { return actors->find(actor)->number(); }

  /// Asks until what is at `pointer` in an actor's status is `value`: counts follow what clients
  /// hear.
  template <class T>
  void wait_until(const std::string& actor, const char* pointer, const T& value) {
    while (status(actor).at(json::json_pointer{pointer}) != json(value)) {
    }
  }
  /// The sample's value on the page; -1 when it has none.
  double sample(const std::string& series) {
    const std::string text = ask(get("/metrics")).body;
    const auto at = text.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }
};

}  // namespace kernd::test
