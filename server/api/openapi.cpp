#include "server/api/openapi.hpp"

#include "kernd/version.hpp"
#include "server/api/openapi_examples.hpp"
#include "server/api/openapi_schemas.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <vector>

namespace kernd::api {

namespace {

using json = nlohmann::ordered_json;

/// Follows `{domain}/{name}` in the pattern of the route that executes any kernel.
constexpr std::string_view execute_suffix = "/kernels/{domain}/{name}/execute";

constexpr auto description =
    "Serves compute kernels. HEAD works wherever GET does, and OPTIONS on every path. A kernel's "
    "id may also be one percent-encoded segment: /kernels/core%2Faxpy; one that ends with /execute "
    "or /clear has to be. Whatever is wrong with a request as such (framing, sizes, time limits, "
    "the number of connections) is answered on every path as the default response says.";

json reference(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + std::string{schema}}};
}

json content(std::string_view type, json schema) {
  json result;
  result[std::string{type}]["schema"] = std::move(schema);
  return result;
}

std::string lower_case(http::method verb) {
  std::string name{http::name_of(verb)};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

json parameter(const http::parameter_document& p) {
  return {{"name", p.name},
          {"in", p.in},
          {"description", p.description},
          {"required", p.in == "path"},
          {"schema", json::parse(p.schema)}};
}

json response(const http::response_document& r) {
  json result = {{"description", r.description}};
  for (const auto& h : r.headers) {
    result["headers"][h.name] = {{"description", h.description}, {"schema", json::parse(h.schema)}};
  }
  if (r.content_type.empty()) return result;  // it has no body
  const json schema = r.schema.empty() ? json{{"type", "string"}} : reference(r.schema);
  json& held = result["content"] = content(r.content_type, schema);
  if (r.schema == "problem")
    held[std::string{r.content_type}]["examples"] = examples_named_in(r.description);
  if (r.status == 429 || r.status == 503) {
    result["headers"]["Retry-After"] = {{"description", "Seconds, where waiting helps."},
                                        {"schema", {{"type", "integer"}}}};
  }
  return result;
}

/// What any path answers to a request that is wrong as such.
json default_response() {
  json result = response(http::problem_document(
      400,
      "BAD_REQUEST, REQUEST_TIMEOUT, URI_TOO_LONG, EXPECTATION_FAILED, HEADERS_TOO_LARGE, "
      "INTERNAL_ERROR, UNSUPPORTED_TRANSFER_ENCODING, CONNECTION_LIMIT or "
      "HTTP_VERSION_NOT_SUPPORTED"));
  result["description"] =
      "A problem with the request as such: " + result["description"].get<std::string>();
  return result;
}

json operation(const http::route_document& document) {
  json result = {
      {"operationId", document.operation}, {"summary", document.summary}, {"tags", {document.tag}}};
  for (const auto& p : document.parameters) result["parameters"].push_back(parameter(p));
  if (!document.request.empty()) {
    result["requestBody"] = {{"required", true},
                             {"content", content("application/json", reference(document.request))}};
  }
  for (const auto& r : document.responses) {
    // One status may come in two forms: a document, and with ?verbose a text.
    json& slot = result["responses"][std::to_string(r.status)];
    json fresh = response(r);
    if (slot.is_null()) {
      slot = std::move(fresh);
    } else {
      slot["content"].update(fresh["content"]);
    }
  }
  result["responses"]["default"] = {{"$ref", "#/components/responses/problem"}};
  return result;
}

/// A kernel's schema as part of the document, whose dialect is the same.
json embedded(json schema) {
  schema.erase("$schema");
  return schema;
}

json request_schema(const kernel_entry& entry) {
  json schema = {{"type", "object"}};
  schema["properties"]["input"] = embedded(entry.input.schema());
  schema["properties"]["metadata"] = reference("execute_metadata");
  schema["required"] = {"input"};
  schema["additionalProperties"] = false;
  return schema;
}

json result_schema(const kernel_entry& entry) {
  json schema = {{"type", "object"}};
  schema["properties"] = {{"request_id", {{"type", "string"}}},
                          {"kernel_id", {{"const", entry.kernel.info.id}}},
                          {"output", embedded(entry.output.schema())},
                          {"metadata", reference("result_metadata")}};
  schema["required"] = {"request_id", "kernel_id", "output", "metadata"};
  schema["additionalProperties"] = false;
  return schema;
}

/// What `generic` says of every kernel, made to say it of one.
json kernel_operation(const json& generic, const kernel_entry& entry) {
  const kernel_info& info = entry.kernel.info;
  json result = generic;
  std::string name{info.id};
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  result["operationId"] = "execute_" + name;
  result["summary"] = info.description;
  result["tags"] = {info.domain};
  json parameters = json::array();
  for (const json& p : generic["parameters"]) {
    if (p["in"] != "path") parameters.push_back(p);
  }
  result["parameters"] = std::move(parameters);
  json& request = result["requestBody"]["content"]["application/json"];
  request["schema"] = request_schema(entry);
  if (!info.example.input.empty()) {
    request["example"]["input"] = json::parse(info.example.input);
  }
  json& good = result["responses"]["200"]["content"]["application/json"];
  good["schema"] = result_schema(entry);
  if (!info.example.input.empty()) good["example"] = result_example(entry);
  return result;
}

/// Those that `execute` runs.
std::vector<const kernel_entry*> executable(const kernel_registry& registry,
                                            bool execute_ring_kernels) {
  auto found = registry.find_all();
  std::erase_if(found, [&](const kernel_entry* entry) {
    const bool is_ring = entry->ring != nullptr;
    // Where both modes have the id, the other wins.
    return is_ring && (!execute_ring_kernels || registry.find(entry->kernel.info.id) != entry);
  });
  return found;
}

void add_route(json& paths, const http::route& r,
               const std::vector<const kernel_entry*>& executable) {
  json documented = operation(r.document);
  const std::string verb = lower_case(r.verb);
  if (!r.pattern.ends_with(execute_suffix)) {
    paths[r.pattern][verb] = std::move(documented);
    return;
  }
  paths[r.pattern][verb] = documented;
  constexpr std::string_view parameters = "{domain}/{name}/execute";
  const std::string base = r.pattern.substr(0, r.pattern.size() - parameters.size());
  for (const kernel_entry* entry : executable) {
    paths[base + std::string{entry->kernel.info.id} + "/execute"][verb] =
        kernel_operation(documented, *entry);
  }
}

}  // namespace

std::string openapi_document(const http::router& routes, const kernel_registry& registry,
                             bool execute_ring_kernels) {
  json document = {{"openapi", "3.1.0"},
                   {"info",
                    {{"title", "kernd"},
                     {"version", version()},
                     {"description", description},
                     {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
                   {"servers", {{{"url", "/"}}}}};
  json& paths = document["paths"];
  const auto kernels = executable(registry, execute_ring_kernels);
  for (const http::route& r : routes.routes()) {
    if (!r.document.operation.empty()) add_route(paths, r, kernels);
  }
  json& schemas = document["components"]["schemas"] = json::parse(openapi_schemas());
  schemas.update(json::parse(component_schemas()));
  schemas.update(json::parse(actor_schemas()));
  schemas.update(json::parse(actor_request_schemas()));
  schemas.update(json::parse(device_schemas()));
  document["components"]["examples"] = problem_examples();
  document["components"]["responses"]["problem"] = default_response();
  return document.dump();
}

void add_openapi_route(http::router& routes, const kernel_registry& registry,
                       bool execute_ring_kernels) {
  const auto page = std::make_shared<std::string>();
  routes.add({.verb = http::method::get,
              .pattern = "/openapi.json",
              .handle = [page](http::request&) { return http::json_response(*page); },
              .document = {.operation = "get_openapi",
                           .summary = "This document",
                           .tag = "documentation",
                           .responses = {{200, "OpenAPI 3.1", "application/json", "openapi"}}}});
  *page = openapi_document(routes, registry, execute_ring_kernels);
}

}  // namespace kernd::api
