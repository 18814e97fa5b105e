#include "tests/api/api_test.hpp"

#include "server/api/metrics.hpp"
#include "server/api/openapi.hpp"
#include "server/http/metrics.hpp"

namespace kernd::test {

ApiTest::ApiTest() {
  registry.add(make_kernel<gated>()).value();
  registry.add(make_kernel<adding>()).value();
  registry.add(make_kernel<failing>()).value();
}

ApiTest::~ApiTest() {
  where.open();
  if (server) server->stop();
}

void ApiTest::start() {
  bodies.set_limit(limits.body_memory_bytes);
  backend.emplace(registry, cuda, gpu_options, nullptr);
  jobs.emplace(registry, jobs_options, limits, &*backend);
  actors.emplace(ring_options);
  monitor.emplace(registry, jobs->outcomes(), health_options);
  kernels.emplace(registry, *jobs, *actors, jobs_options, ring_options.execute_over_rest);
  actor_routes.emplace(registry, *actors, ring_options, jobs_options, end_patience);
  dispatcher.emplace(registry, *actors, jobs_options);
  dead_letters.emplace(registry, *actors);
  actor_counts.emplace(*actors);
  monitor->add([this] { return actor_counts->judge(); });
  monitor->add([this] { return backend->judge(); });
  components.emplace(registry, jobs->monitor(), *actors);
  life.subscribe([this](const lifecycle_event& event) { jobs->monitor().follow(event); });
  health.emplace(
      life, registry, *jobs, *monitor,
      [this](std::chrono::milliseconds limit) { return loops_turn && server->loops_alive(limit); },
      [this] { return api::health_api::clock::now() + ahead.load(); });
  in_force.emplace(load_config(sources).value(), sources);
  desk.emplace(
      [this] {
        if (desk_is_served) desk->serve();
      },
      desk_patience);
  runtime.emplace(life, *jobs, *actors, *in_force, *desk,
                  api::runtime_actions{[this] { return in_force->reload(); },
                                       [this] { return life.move_to(lifecycle_state::draining); }});
  kernels->add_routes(routes, options.api_prefix);
  actor_routes->add_routes(routes, options.api_prefix);
  dispatcher->add_routes(routes, options.api_prefix);
  dead_letters->add_routes(routes, options.api_prefix);
  components->add_routes(routes, options.api_prefix);
  devices.emplace(cuda, *backend);
  devices->add_routes(routes, options.api_prefix);
  runtime->add_routes(routes, options.api_prefix);
  health->add_routes(routes);
  api::add_metrics_route(routes, page);
  api::add_openapi_route(routes, registry, ring_options.execute_over_rest);
  server.emplace(routes, options, limits, bodies, &log);
  page.add(*jobs);
  page.add(*actor_counts);
  page.add(*backend);
  page.add(life);
  page.add(server->http_metrics());
  server->start();
}

std::string ApiTest::get(std::string_view path) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

std::string ApiTest::post(std::string_view path, std::string_view body, std::string_view headers) {
  return "POST " + std::string{path} + " HTTP/1.1\r\nHost: test\r\n" + std::string{headers} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string ApiTest::execute(std::string_view kernel, std::string_view body,
                             std::string_view headers) {
  return post("/api/v1/kernels/" + std::string{kernel} + "/execute", body, headers);
}

std::string ApiTest::gated_request(const gate& where, std::int64_t tag, std::string_view headers) {
  return execute("core/test-gated", gated_body(where, tag).view(), headers);
}

nlohmann::json ApiTest::json_of(const reply& r) {
  return nlohmann::json::parse(r.body);
}

std::string ApiTest::code_of(const reply& r) {
  return json_of(r).at("code").get<std::string>();
}

}  // namespace kernd::test
