// Prints, for `schema_test.py`, one JSON object a line: a schema, an input, and whether the codec
// accepts it. The schemas are those of every kernel and of a struct with every kind of member.

#include "kernd/execute_body.hpp"
#include "kernels/catalogue.hpp"
#include "unit/codec_probe.hpp"

#include <boost/describe/enum.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>

namespace kernd {
namespace {

enum class side : std::uint8_t { left, right };
BOOST_DESCRIBE_ENUM(side, left, right)

struct inner {
  float a = 0.25F;
  text b;
};
BOOST_DESCRIBE_STRUCT(inner, (), (a, b))

struct everything {
  float rate = 0.5F;
  std::uint8_t level = 3;
  std::int64_t id = 0;
  bool flag = true;
  side where = side::right;
  text name;
  std::optional<double> maybe;
  array<std::int32_t> list;
  array<inner> parts;
  matrix<float> table;
  csr_graph graph;
  numbers data;
  bounded_text<4> tag;
  bounded_array<std::uint32_t, 2> pair;
};
BOOST_DESCRIBE_STRUCT(everything, (),
                      (rate, level, id, flag, where, name, maybe, list, parts, table, graph, data,
                       tag, pair))

/// Each replaces members of an input that is accepted.
constexpr const char* patches[] = {
    R"({})",
    R"({"rate":0.75,"level":9,"id":-9223372036854775808,"flag":false,"where":"left","maybe":1e300})",
    R"({"rate":0.7500001})",
    R"({"rate":-0.0000001})",
    R"({"rate":"0.5"})",
    R"({"rate":null})",
    R"({"level":10})",
    R"({"level":-1})",
    R"({"level":1.5})",
    R"({"id":9223372036854775808})",
    R"({"flag":1})",
    R"({"where":"up"})",
    R"({"where":0})",
    R"({"name":""})",
    R"({"name":"é"})",
    R"({"name":7})",
    R"({"maybe":null})",
    R"({"maybe":[1]})",
    R"({"list":[]})",
    R"({"list":[1,0]})",
    R"({"list":[1,2147483648]})",
    R"({"list":[1,[2]]})",
    R"({"list":{}})",
    R"({"parts":[]})",
    R"({"parts":[{"a":1}]})",
    R"({"parts":[{"b":"x","c":1}]})",
    R"({"parts":[null]})",
    R"({"table":[]})",
    R"({"table":[[]]})",
    R"({"table":[[2]]})",
    R"({"table":[[0.5,1]]})",
    R"({"table":{"shape":[1,2],"data":[0,1]}})",
    R"({"table":{"shape":[1],"data":[0]}})",
    R"({"table":{"shape":[1,1]}})",
    R"({"table":{"shape":[1,1],"data":[0],"order":"C"}})",
    R"({"table":5})",
    R"({"graph":{"num_nodes":2,"edges":[[0,1]],"weights":[0.5],"directed":true}})",
    R"({"graph":{"num_nodes":2,"edges":[[0,1,1]]}})",
    R"({"graph":{"num_nodes":2,"edges":[[0]]}})",
    R"({"graph":{"num_nodes":0,"edges":[]}})",
    R"({"graph":{"num_nodes":1,"edges":[],"weights":[]}})",
    R"({"graph":{"num_nodes":1,"edges":[[0,0]],"weights":[-1]}})",
    R"({"graph":{"num_nodes":1,"row_offsets":[0,1],"col_indices":[0],"weights":[1]}})",
    R"({"graph":{"num_nodes":1,"row_offsets":[0,1]}})",
    R"({"graph":{"num_nodes":1,"row_offsets":[0,0],"col_indices":[],"directed":true}})",
    R"({"graph":{"num_nodes":1,"row_offsets":[0,0],"col_indices":[],"edges":[]}})",
    R"({"graph":{"num_nodes":1}})",
    R"({"graph":[]})",
    R"({"data":[1,2.5]})",
    R"({"data":["1"]})",
    R"({"data":1})",
    R"({"tag":""})",
    R"({"tag":"abcd"})",
    R"({"tag":"abcde"})",
    R"({"tag":1})",
    R"({"pair":[]})",
    R"({"pair":[1,2]})",
    R"({"pair":[1,2,3]})",
    R"({"pair":[-1]})",
    R"({"surplus":1})"};

void print_case(const codec& coder, const std::string& name, const nlohmann::json& input) {
  arena memory{1 << 20};
  void* const value = memory.allocate_bytes(coder.type().size_bytes);
  coder.type().construct(value);
  const auto decoded = coder.decode(input.dump(), value, memory);
  const nlohmann::json line = {{"name", name},
                               {"schema", coder.schema()},
                               {"input", input},
                               {"accepted", decoded.has_value()},
                               {"message", decoded ? "" : decoded.error().message}};
  std::puts(line.dump().c_str());
}

void print_cases_of_everything() {
  const test::codec_probe<everything> probe{
      {field<&everything::rate>{.doc = "d", .min = 0, .max = 0.75},
       field<&everything::level>{.doc = "d", .min = -5, .max = 9},
       field<&everything::name>{.doc = "d", .min_size = 1},
       field<&everything::list>{.doc = "d", .min = 1, .min_size = 2},
       field<&everything::table>{.doc = "d", .max = 1, .min_size = 1},
       field<&everything::graph>{.doc = "d", .min = 0, .min_size = 1}}};
  const auto good = nlohmann::json::parse(
      R"({"name":"n","list":[1,2],"parts":[{"b":"x"}],"table":[[0.5]],"data":[],"tag":"t","pair":[7],)"
      R"("graph":{"num_nodes":1,"row_offsets":[0,1],"col_indices":[0]}})");
  for (const char* patch : patches) {
    auto input = good;
    input.update(nlohmann::json::parse(patch));
    print_case(probe.coder(), std::string{"everything with "} + patch, input);
  }
  for (const auto& [member, value] : good.items()) {
    auto input = good;
    input.erase(member);
    print_case(probe.coder(), "everything without " + member, input);
  }
  print_case(probe.coder(), "everything as an array", nlohmann::json::array());
}

void print_cases_of_kernels() {
  kernel_registry registry;
  kernels::add_all(registry).value();
  for (const kernel_entry* entry : registry.find_all()) {
    const std::string id{entry->kernel.info.id};
    const auto input = nlohmann::json::parse(entry->kernel.info.example.input);
    print_case(entry->input, id + " example input", input);
    print_case(entry->output, id + " example output",
               nlohmann::json::parse(entry->kernel.info.example.output));
    print_case(entry->input, id + " empty input", nlohmann::json::object());
    auto surplus = input;
    surplus["surplus"] = 1;
    print_case(entry->input, id + " surplus member", surplus);
  }
}

}  // namespace
}  // namespace kernd

int main() {
  kernd::print_cases_of_everything();
  kernd::print_cases_of_kernels();
}
