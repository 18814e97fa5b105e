#include "server/api/kernel_documents.hpp"

#include "kernd/did_you_mean.hpp"
#include "server/api/parameters.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

namespace kernd::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t largest_page = 1000;

std::string_view name_of(kernel_mode mode) {
  return mode == kernel_mode::batch ? "Batch" : "Ring";
}

/// What one entry is listed behind: ids are unique per mode.
std::string cursor_of(const kernel_entry& entry) {
  return std::string{entry.kernel.info.id} +
         (entry.kernel.info.mode == kernel_mode::batch ? ":batch" : ":ring");
}

std::string text_of(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<gpu::kernel_placement> placement_of(const kernel_entry& entry,
                                                  const kernel_service& service) {
  return service.devices == nullptr ? std::nullopt : service.devices->find(entry);
}

json summary(const kernel_entry& entry, const kernel_service& service) {
  const kernel_info& info = entry.kernel.info;
  const bool is_batch = info.mode == kernel_mode::batch;
  return {{"id", info.id},
          {"domain", info.domain},
          {"mode", name_of(info.mode)},
          {"description", info.description},
          {"version", info.version},
          {"backends", placement_of(entry, service) ? json{"cpu", "cuda"} : json{"cpu"}},
          {"executable", is_batch || service.execute_ring_kernels}};
}

json placement_document(const gpu::kernel_placement& place) {
  json result = {
      {"mode", name_of(place.where)}, {"cuda_from_bytes", nullptr}, {"measured", json::array()}};
  if (place.crossover_bytes) result["cuda_from_bytes"] = *place.crossover_bytes;
  for (const gpu::calibration_point& point : place.points) {
    result["measured"].push_back(
        {{"input_bytes", point.bytes}, {"cpu_us", point.cpu_us}, {"cuda_us", point.cuda_us}});
  }
  return result;
}

json messages(const ring_entry& ring) {
  json list = json::array();
  for (const ring_message_entry& m : ring.messages) {
    json message = {{"type_id", m.type.type_id},
                    {"name", m.type.name},
                    {"direction", m.is_handled ? "handled" : "emitted"},
                    {"reply", nullptr},
                    {"schema", m.coder.schema()}};
    if (m.is_handled && m.type.reply != 0) message["reply"] = m.type.reply;
    list.push_back(std::move(message));
  }
  return list;
}

error refuse_query(std::string_view name, std::string_view why) {
  return {errc::invalid_request,
          "query parameter '" + std::string{name.substr(0, 40)} + "': " + std::string{why}};
}

result<void> read_parameter(kernel_page& page, std::string_view name, std::string_view value) {
  if (name == "domain") {
    page.query.domain = value;
  } else if (name == "q") {
    page.query.text = value;
  } else if (name == "cursor") {
    page.cursor = value;
  } else if (name == "mode") {
    auto mode = read_mode(value);
    if (!mode) return std::move(mode).error();
    page.query.mode = *mode;
  } else if (name == "backend") {
    if (value != "cpu" && value != "cuda") return refuse_query(name, "cpu or cuda expected");
    page.only_on_cuda = value == "cuda";
  } else if (name == "limit") {
    const auto limit = read_integer(value, 1, largest_page);
    if (!limit) return refuse_query(name, "integer from 1 to 1000 expected");
    page.limit = static_cast<std::size_t>(*limit);
  } else {
    return refuse_query(name, "unknown; domain, mode, backend, q, limit and cursor exist");
  }
  return {};
}

}  // namespace

result<kernel_page> read_kernel_page(const http::request& req) {
  kernel_page page;
  for (const auto& [name, value] : req.query) {
    if (auto read = read_parameter(page, name, value); !read) return std::move(read).error();
  }
  return page;
}

std::string kernel_list(const kernel_registry& registry, const kernel_page& page,
                        const kernel_service& service) {
  auto matched = registry.find_all(page.query);
  if (page.only_on_cuda) {
    std::erase_if(matched,
                  [&](const kernel_entry* entry) { return !placement_of(*entry, service); });
  }
  auto at = std::find_if(matched.begin(), matched.end(), [&](const kernel_entry* entry) {
    return page.cursor.empty() || cursor_of(*entry) > page.cursor;
  });
  json document = {{"total", matched.size()}, {"kernels", json::array()}};
  for (; at != matched.end() && document["kernels"].size() < page.limit; ++at) {
    document["kernels"].push_back(summary(**at, service));
  }
  if (at != matched.end()) document["next_cursor"] = cursor_of(**std::prev(at));
  return text_of(document);
}

std::string kernel_document(const kernel_entry& entry, const kernel_service& service) {
  const kernel_info& info = entry.kernel.info;
  const auto place = placement_of(entry, service);
  json document = summary(entry, service);
  document["expected_throughput"] = static_cast<std::uint64_t>(info.expected_throughput);
  document["target_latency_us"] = info.target_latency_us;
  document["requires_gpu_native"] = info.requires_gpu_native;
  document["cpu_fallback"] = info.cpu_fallback;
  document["max_batch_size"] = info.max_batch_size;
  document["tolerance"] = info.tolerance;
  if (place) document["placement"] = placement_document(*place);
  document["input_schema"] = entry.input.schema();
  document["output_schema"] = entry.output.schema();
  if (entry.ring != nullptr) document["messages"] = messages(*entry.ring);
  if (!info.example.input.empty()) {
    document["example"] = {{"input", json::parse(info.example.input)},
                           {"output", json::parse(info.example.output)}};
  }
  return text_of(document);
}

std::string with_measured(std::string_view document, const kernel_totals& totals) {
  const auto& counts = totals.compute.counts;
  const auto computed = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  json measured = {{"executions", totals[job_outcome::success]}, {"mean_compute_us", nullptr}};
  if (computed != 0) {
    measured["mean_compute_us"] = totals.compute.sum * 1e6 / static_cast<double>(computed);
  }
  std::string result{document.substr(0, document.size() - 1)};
  return result + ",\"measured\":" + measured.dump() + "}";
}

std::string suggest(const kernel_registry& registry, std::string_view id,
                    std::optional<kernel_mode> mode) {
  std::vector<std::string_view> ids;
  for (const kernel_entry* entry : registry.find_all({.mode = mode})) {
    ids.push_back(entry->kernel.info.id);
  }
  return did_you_mean(id, ids);
}

}  // namespace kernd::api
