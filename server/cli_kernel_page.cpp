#include "server/cli_kernel_page.hpp"

#include "server/cli_table.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <nlohmann/json.hpp>

#include <ostream>
#include <string>
#include <string_view>

namespace kernd::cli {
namespace {

using json = nlohmann::ordered_json;

std::string name_of(dtype element) {
  return boost::describe::enum_to_string(element, "");
}

std::string type_name(const type_info& type) {
  switch (type.kind) {
    case type_kind::boolean:
      return "boolean";
    case type_kind::number:
      return name_of(type.element);
    case type_kind::text:
      return "text";
    case type_kind::enumeration: {
      std::string names;
      for (const enumerator_info& e : type.enumerators) {
        names += (names.empty() ? "" : "|") + std::string{e.name};
      }
      return names;
    }
    case type_kind::optional:
      return type_name(*type.inner);
    case type_kind::array:
      return "array of " + (type.inner ? type_name(*type.inner) : name_of(type.element));
    case type_kind::numbers:
      return "array of the type `dtype` names";
    case type_kind::matrix:
      return "matrix of " + name_of(type.element);
    case type_kind::graph:
      return "graph";
    case type_kind::bounded_text:
      return "text of at most " + std::to_string(type.limit) + " bytes";
    case type_kind::bounded_array:
      return "array of at most " + std::to_string(type.limit) + " " + type_name(*type.inner);
    case type_kind::structure:
      break;
  }
  return "object";
}

std::string number(double value) {
  const json whole = static_cast<std::int64_t>(value);
  constexpr double exact = 1LL << 53;
  const bool is_whole = value > -exact && value < exact && whole.get<double>() == value;
  return is_whole ? whole.dump() : json(value).dump();
}

std::string range_of(const field_info& rules) {
  std::string range;
  if (rules.min && rules.max) {
    range = number(*rules.min) + " to " + number(*rules.max);
  } else if (rules.min) {
    range = "at least " + number(*rules.min);
  } else if (rules.max) {
    range = "at most " + number(*rules.max);
  }
  if (!rules.min_size) return range;
  return range + (range.empty() ? "" : ", ") + "size at least " + std::to_string(*rules.min_size);
}

/// What a request has to give; nothing for an output, which has all its members.
std::string need_of(const json& structure, const std::string& member) {
  const json& schema = structure["properties"][member];
  if (schema.contains("default")) return "default " + schema["default"].dump();
  for (const json& name : structure.value("required", json::array())) {
    if (name == member) return "required";
  }
  return "optional";
}

/// The rows of a kernel's input or output; nested members stand below what holds them.
class field_rows {
 public:
  field_rows(const kernel_info& info, bool is_input) : info_{info}, is_input_{is_input} {}

  void add(const type_info& type, const json& schema, const std::string& prefix = {}) {
    for (std::size_t i = 0; i < type.members.size(); ++i) {
      const member_info& member = type.members[i];
      const std::string name{member.name};
      const field_info rules = rules_of(type, i);
      rows_.add({prefix + name, type_name(*member.type), is_input_ ? need_of(schema, name) : "",
                 range_of(rules), std::string{rules.unit}, std::string{rules.doc}});
      add_nested(*member.type, schema["properties"][name], prefix + name);
    }
  }

  void print(std::ostream& out) const { rows_.print(out); }

 private:
  void add_nested(const type_info& type, const json& schema, const std::string& name) {
    if (type.kind == type_kind::structure) {
      add(type, schema, name + ".");
    } else if (type.kind == type_kind::optional) {
      add_nested(*type.inner, schema, name);
    } else if (type.kind != type_kind::structure && type.inner != nullptr) {
      add_nested(*type.inner, schema["items"], name + "[]");
    }
  }

  field_info rules_of(const type_info& owner, std::size_t member) const {
    for (const field_info& rules : info_.fields) {
      if (rules.owner == &owner && rules.member == member) return rules;
    }
    return {};
  }

  const kernel_info& info_;
  bool is_input_;
  text_table rows_{{}, "  "};
};

void print_fields(std::string_view title, const kernel_info& info, const codec& side, bool is_input,
                  std::ostream& out) {
  field_rows rows{info, is_input};
  rows.add(side.type(), side.schema());
  out << '\n' << title << '\n';
  rows.print(out);
}

void print_messages(const ring_entry& ring, const kernel_info& info, std::ostream& out) {
  for (const ring_message_entry& m : ring.messages) {
    std::string title = std::string{m.is_handled ? "Message " : "Emits "} +
                        std::to_string(m.type.type_id) + " " + std::string{m.type.name};
    const ring_message_entry* const reply = m.is_handled ? ring.find(m.type.reply) : nullptr;
    if (reply != nullptr) {
      title +=
          ", answered by " + std::to_string(m.type.reply) + " " + std::string{reply->type.name};
    }
    print_fields(title, info, m.coder, m.is_handled, out);
  }
}

/// Which backend its jobs go to, and the times that this was found from.
void print_placement(const gpu::kernel_placement& place, std::ostream& out) {
  out << "\nPlacement\n  ";
  switch (place.where) {
    case gpu::placement::cpu:
      out << "always cpu, by gpu.cpu_kernels\n";
      return;
    case gpu::placement::cuda:
      out << "always cuda, by gpu.cuda_kernels\n";
      return;
    case gpu::placement::by_size:
      break;
  }
  if (place.crossover_bytes) {
    out << "cuda from " << *place.crossover_bytes << " bytes of input on, cpu below\n";
  } else {
    out << "cpu: it is faster whatever the size\n";
  }
  text_table measured{{"INPUT BYTES", "CPU µs", "CUDA µs"}, "  "};
  for (const gpu::calibration_point& point : place.points) {
    measured.add({std::to_string(point.bytes), number(point.cpu_us), number(point.cuda_us)});
  }
  measured.print(out);
}

}  // namespace

void print_kernel_page(const kernel_entry& entry, const std::optional<gpu::kernel_placement>& place,
                       std::ostream& out) {
  const kernel_info& info = entry.kernel.info;
  out << info.id << ' ' << info.version << "  " << info.domain << ", "
      << (info.mode == kernel_mode::ring ? "ring" : "batch") << ", runs on "
      << (place ? "cpu and cuda" : "cpu") << '\n'
      << info.description << '\n';
  if (entry.ring != nullptr) {
    print_messages(*entry.ring, info, out);
  } else {
    print_fields("Input", info, entry.input, true, out);
    print_fields("Output", info, entry.output, false, out);
  }

  out << "\nDeclared\n";
  text_table declared{{}, "  "};
  if (info.expected_throughput > 0) {
    declared.add({"throughput", number(info.expected_throughput) + " operations/s"});
  }
  if (info.target_latency_us > 0) {
    declared.add({"latency", number(info.target_latency_us) + " µs"});
  }
  if (info.max_batch_size > 1) {
    declared.add({"batches", "up to " + std::to_string(info.max_batch_size) + " small jobs"});
  }
  declared.add({"tolerance", info.tolerance > 0 ? number(info.tolerance) + " relative"
                                                : std::string{"none: bit-equal results"}});
  declared.print(out);
  if (place) print_placement(*place, out);
  if (info.example.input.empty()) return;

  out << "\nExample\n"
      << "  input   " << info.example.input << '\n'
      << "  output  " << info.example.output << '\n'
      << "`kernd kernels example " << info.id << "` prints it as a curl line.\n";
}

}  // namespace kernd::cli
