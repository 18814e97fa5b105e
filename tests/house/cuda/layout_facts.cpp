// Prints, as static assertions, how the host compiler lays out the types of kernel inputs and
// outputs. layout_check.cu has nvcc check them: no device is needed for that.

#include "kernd/describe.hpp"
#include "kernd/ring/ring_kernel.hpp"
#include "layout_kernels.inc"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/utility.hpp>

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace {

template <class T>
void size(std::string_view type) {
  std::cout << "static_assert(sizeof(" << type << ") == " << sizeof(T) << ");\n"
            << "static_assert(alignof(" << type << ") == " << alignof(T) << ");\n";
}

void offset(std::string_view type, std::string_view member, std::size_t bytes) {
  std::cout << "static_assert(offsetof(" << type << ", " << member << ") == " << bytes << ");\n";
}

template <class T>
void views(const std::string& element) {
  const auto array = "kernd::array<" + element + ">";
  const auto matrix = "kernd::matrix<" + element + ">";
  size<kernd::array<T>>(array);
  offset(array, "data", offsetof(kernd::array<T>, data));
  offset(array, "size", offsetof(kernd::array<T>, size));
  size<kernd::matrix<T>>(matrix);
  offset(matrix, "data", offsetof(kernd::matrix<T>, data));
  offset(matrix, "rows", offsetof(kernd::matrix<T>, rows));
  offset(matrix, "cols", offsetof(kernd::matrix<T>, cols));
  size<std::optional<T>>("std::optional<" + element + ">");
}

template <class Struct>
void described(const std::string& type) {
  size<Struct>(type);
  for (const auto& member : kernd::describe<Struct>().members) {
    offset(type, member.name, member.offset);
  }
}

/// Under a name without commas, which `offsetof` would take for its own.
template <class Message>
void message(const std::string& type) {
  const std::string name = "message_" + std::to_string(Message::type_id);
  std::cout << "using " << name << " = " << type << ";\n";
  described<Message>(name);
}

template <class List>
void messages(const std::string& list) {
  std::size_t i = 0;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, List>>(
      [&]<class Message>(boost::mp11::mp_identity<Message>) {
        const std::string type = "boost::mp11::mp_at_c<" + list + ", " + std::to_string(i++) + ">";
        message<Message>(type);
        if constexpr (!std::is_void_v<typename Message::reply>) {
          message<typename Message::reply>(type + "::reply");
        }
      });
}

template <class Kernel>
void kernel(const std::string& name) {
  if constexpr (kernd::actor_kernel<Kernel>) {
    messages<typename Kernel::messages>(name + "::messages");
    messages<typename Kernel::events>(name + "::events");
    size<typename Kernel::state>(name + "::state");
  } else {
    described<typename Kernel::input>(name + "::input");
    described<typename Kernel::output>(name + "::output");
  }
}

}  // namespace

int main() {
  views<float>("float");
  views<double>("double");
  views<std::int32_t>("std::int32_t");
  views<std::int64_t>("std::int64_t");
  views<std::uint32_t>("std::uint32_t");
  views<std::uint64_t>("std::uint64_t");
  views<std::uint8_t>("std::uint8_t");

  size<kernd::text>("kernd::text");
  offset("kernd::text", "data", offsetof(kernd::text, data));
  offset("kernd::text", "size", offsetof(kernd::text, size));

  size<kernd::dtype>("kernd::dtype");
  size<kernd::numbers>("kernd::numbers");
  offset("kernd::numbers", "data", offsetof(kernd::numbers, data));
  offset("kernd::numbers", "size", offsetof(kernd::numbers, size));
  offset("kernd::numbers", "type", offsetof(kernd::numbers, type));

  size<kernd::csr_graph>("kernd::csr_graph");
  offset("kernd::csr_graph", "num_nodes", offsetof(kernd::csr_graph, num_nodes));
  offset("kernd::csr_graph", "row_offsets", offsetof(kernd::csr_graph, row_offsets));
  offset("kernd::csr_graph", "col_indices", offsetof(kernd::csr_graph, col_indices));
  offset("kernd::csr_graph", "weights", offsetof(kernd::csr_graph, weights));

  for_each_kernel([]<class Kernel>(const std::string& name) { kernel<Kernel>(name); });
}
