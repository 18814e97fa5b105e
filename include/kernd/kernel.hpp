#pragma once

#include "kernd/cpu_context.hpp"
#include "kernd/describe.hpp"
#include "kernd/error.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kernd {

namespace gpu {
class context;  // what CUDA code gets; only `.cu` files know more of it
}

/// Batch kernels run once per request; ring kernels stay resident as actors.
enum class kernel_mode : std::uint8_t { batch, ring };

/// What is true of one member of a kernel's types beyond its C++ type. Made by `field`.
struct field_info {
  const type_info* owner;  ///< The struct that has the member.
  std::size_t member;      ///< Its index in `owner->members`.
  std::string_view doc;
  std::string_view unit;
  std::optional<double> min;
  std::optional<double> max;
  std::optional<std::size_t> min_size;
  std::optional<bool> required;
  bool varies;
};

/// `field<&input::alpha>{.doc = "…", .min = 0}` in a kernel's `info()`; one per described member.
template <auto Member>
struct field {
  std::string_view doc;
  std::string_view unit = {};
  std::optional<double> min = {};  ///< Smallest value allowed, of every element of an array.
  std::optional<double> max = {};  ///< Largest value allowed, likewise.
  std::optional<std::size_t> min_size = {};  ///< Fewest elements of an array.
  /// Default: arrays, matrices, graphs and texts are required; numbers, booleans and enums are not,
  /// and take the value that a value-initialised struct has; optionals never are.
  std::optional<bool> required = {};
  /// Differs from run to run, as a time does: the check of the example leaves it out. Of members of
  /// the output itself.
  bool varies = false;

  operator field_info() const { return make(Member); }

 private:
  template <class Struct, class T>
  field_info make(T Struct::*pointer) const {
    std::size_t index = 0, found = 0;
    boost::mp11::mp_for_each<detail::public_members<Struct>>([&](auto member) {
      if constexpr (std::is_same_v<std::remove_cv_t<decltype(member.pointer)>, T Struct::*>) {
        if (member.pointer == pointer) found = index;
      }
      ++index;
    });
    return {&describe<Struct>(), found, doc, unit, min, max, min_size, required, varies};
  }
};

/// A call that works, as the JSON texts of its input and of its output: documentation, self-test
/// at start-up and test at once.
struct kernel_example {
  std::string_view input;
  std::string_view output;
};

/// The largest `kernel_info::max_batch_size`.
inline constexpr std::size_t largest_batch_size = 256;

/// What a kernel says of itself. The texts are literals: they live as long as the program.
struct kernel_info {
  std::string_view id;       ///< `domain/name`, lower case, digits and `-`.
  std::string_view version;  ///< Semantic version.
  kernel_mode mode = kernel_mode::batch;
  std::string_view domain = {};  ///< Display name; the registry fills it in from its table.
  std::string_view description;
  double expected_throughput = 0;    ///< Declared target, operations per second.
  double target_latency_us = 0;      ///< Declared target.
  bool requires_gpu_native = false;  ///< Cannot run on the CPU.
  bool cpu_fallback = true;          ///< Whether a job may run on the CPU after its device failed.
  /// Small jobs that may be computed together: of a kernel that takes microseconds and little
  /// memory for them, since they wait for one another. 1: each alone.
  std::size_t max_batch_size = 1;
  /// Largest relative difference between a computed and an expected number; 0 means bit-equal.
  double tolerance = 0;
  kernel_example example = {};
  std::vector<field_info> fields =
      {};  ///< One per member of the input, the output and their nested structs.
};

/// A batch kernel with its types erased. `in` and `out` point to the described structs.
struct kernel {
  kernel_info info;
  const type_info* input = nullptr;
  const type_info* output = nullptr;
  result<void> (*validate)(const void* in) = nullptr;
  /// Fills `out`, which is value-initialised. May throw; the executor turns that into an error.
  result<void> (*run_on_cpu)(const void* in, void* out, cpu_context& context) = nullptr;
  /// Fills `in`, which is value-initialised, with a valid input whose arrays take about `bytes` in
  /// all: random, the same for the same seed. For measurements and tests; may throw. Null: the
  /// kernel has none.
  void (*sample)(void* in, std::size_t bytes, std::uint64_t seed, cpu_context& context) = nullptr;
};

/// What a kernel's author writes: two described types, `info`, `validate` for rules across fields,
/// and `run`.
template <class K>
concept batch_kernel = requires(const typename K::input& in, cpu_context& context) {
  { K::info() } -> std::same_as<kernel_info>;
  { K::validate(in) } -> std::same_as<result<void>>;
  { K::run(in, context) } -> std::same_as<result<typename K::output>>;
};

/// A kernel that makes inputs of any size for itself; every kernel with a CUDA twin does.
template <class K>
concept sampled_kernel = requires(std::size_t bytes, std::uint64_t seed, cpu_context& context) {
  { K::sample(bytes, seed, context) } -> std::same_as<typename K::input>;
};

/// The kernel that K describes, ready for `kernel_registry::add`.
template <batch_kernel K>
kernel make_kernel() {
  kernel made{
      .info = K::info(),
      .input = &describe<typename K::input>(),
      .output = &describe<typename K::output>(),
      .validate =
          [](const void* in) { return K::validate(*static_cast<const typename K::input*>(in)); },
      .run_on_cpu = [](const void* in, void* out, cpu_context& context) -> result<void> {
        auto output = K::run(*static_cast<const typename K::input*>(in), context);
        if (!output) return std::move(output).error();
        *static_cast<typename K::output*>(out) = *output;
        return {};
      }};
  if constexpr (sampled_kernel<K>) {
    made.sample = [](void* in, std::size_t bytes, std::uint64_t seed, cpu_context& context) {
      *static_cast<typename K::input*>(in) = K::sample(bytes, seed, context);
    };
  }
  return made;
}

}  // namespace kernd
