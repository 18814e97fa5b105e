// Any text as what a client sends to a kernel. The first line names the kernel, as `core/axpy`: the
// rest is the value of `input`; as `core/axpy body`: the rest is the whole body. Every way to read
// the text agrees with every other, what is accepted prints and reads back to itself, and so does
// what the kernel makes of it.

#include "kernd/cpu_context.hpp"
#include "kernd/execute_body.hpp"
#include "kernd/registry.hpp"
#include "kernels/catalogue.hpp"
#include "server/http/problem.hpp"
#include "tests/fuzz/property.hpp"
#include "tests/fuzz/repeats.hpp"
#include "tests/fuzz/stop_after.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using fuzz::require;

constexpr std::size_t memory_bytes = 64 << 20;  // of one job
constexpr std::size_t max_depth = 65;           // so that the input's own is 64, as for `codec`
constexpr auto max_timeout = 300'000ms;
constexpr auto longest_run = 20ms;

const kernel_registry& catalogue() {
  static const kernel_registry filled = [] {
    kernel_registry registry;
    kernels::add_all(registry).value();
    return registry;
  }();
  return filled;
}

/// Only what a client is to blame for.
void require_refusal(const error& why) {
  const unsigned status = http::describe(why.code).status;
  require(status >= 400 && status < 500, "what cannot be read is the client's fault", why.message);
  require(!why.message.empty(), "a refusal has a message");
  const std::string pointer = why.invalid ? why.invalid->pointer : "";
  require(pointer.empty() || pointer.front() == '/', "a pointer starts with a slash", pointer);
}

/// What one way of reading an input gave: its struct, or why not. Running out of the job's memory
/// is a refusal as well.
struct reading {
  explicit reading(const codec& of) : rules{of} {}

  template <class F>
  void attempt(F&& decode) {
    try {
      if (const auto failed = decode()) refusal = *failed;
    } catch (const memory_limit_error& e) {
      refusal = error{errc::memory_limit_exceeded, e.what()};
    }
    if (refusal) require_refusal(*refusal);
  }
  bool is_accepted() const { return !refusal; }
  bool ran_out() const { return refusal && refusal->code == errc::memory_limit_exceeded; }

  const codec& rules;
  arena memory{memory_bytes};
  void* value = nullptr;
  job_metadata metadata;
  std::optional<error> refusal;
};

std::optional<error> why_not(auto&& tried) {
  if (tried) return std::nullopt;
  return std::move(tried).error();
}

/// The whole text in one go: what long arrays never take.
void read_value(reading& r, std::string_view text) {
  r.attempt([&] {
    r.value = r.memory.allocate_bytes(r.rules.type().size_bytes);
    r.rules.type().construct(r.value);
    return why_not(r.rules.decode(text, r.value, r.memory));
  });
}

/// As the daemon does.
void read_body(reading& r, std::string_view text) {
  static json_reader reader{max_depth};
  const text_buffer body{text};
  r.attempt([&]() -> std::optional<error> {
    auto decoded = decode_execute_body(reader, body, r.rules, r.memory, max_timeout);
    if (!decoded) return std::move(decoded).error();
    r.value = decoded->input;
    r.metadata = std::move(decoded->metadata);
    return std::nullopt;
  });
}

/// The text of `value`, or nothing when there is no room for it or it has no text.
std::optional<std::string> print(const codec& rules, const void* value) {
  arena memory{memory_bytes};
  text_buffer out;
  try {
    const auto encoded = rules.encode(value, out, memory);
    if (encoded) return std::string{out.view()};
    const error why = encoded.error();
    require(why.code == errc::non_finite_output, "what has no text is not finite", why.message);
  } catch (const memory_limit_error&) {
  }
  return std::nullopt;
}

/// What has been printed is accepted, and prints the same.
void check_round_trip(const codec& rules, const std::string& printed) {
  reading again{rules};
  read_value(again, printed);
  if (again.ran_out()) return;
  require(again.is_accepted(), "what is printed is accepted",
          again.refusal ? again.refusal->message + "\n" + printed : printed);
  require(print(rules, again.value) == printed, "what is printed prints the same", printed);
}

std::string describe(const error& e) {
  return std::to_string(static_cast<int>(e.code)) + " at " +
         (e.invalid ? e.invalid->pointer : "no pointer") + ": " + e.message;
}

/// Two readings of one input.
void check_agreement(const reading& alone, const reading& inside) {
  if (alone.ran_out() || inside.ran_out()) return;
  if (alone.is_accepted()) {
    require(inside.is_accepted(), "an input is accepted in a body as it is alone",
            inside.refusal ? describe(*inside.refusal) : "");
    require(print(alone.rules, alone.value) == print(inside.rules, inside.value),
            "an input means in a body what it means alone");
    return;
  }
  // Text that is no value of its own may still end the member and begin another.
  if (alone.refusal->code == errc::invalid_json) return;
  require(!inside.is_accepted(), "an input is refused in a body as it is alone",
          describe(*alone.refusal));
  require(alone.refusal->code == inside.refusal->code &&
              alone.refusal->invalid.has_value() == inside.refusal->invalid.has_value(),
          "an input is refused alike", describe(*alone.refusal) + "\n" + describe(*inside.refusal));
  if (!alone.refusal->invalid) return;
  require("/input" + alone.refusal->invalid->pointer == inside.refusal->invalid->pointer,
          "an input is refused at the same place",
          describe(*alone.refusal) + "\n" + describe(*inside.refusal));
}

/// What the loop finds in a body is what the worker finds.
void check_peek(const reading& r, std::string_view text) {
  static json_reader reader{max_depth};
  const text_buffer body{text};
  const job_metadata seen = peek_metadata(reader, body, max_timeout);
  if (!r.is_accepted()) return;
  // Names written with escapes are the worker's.
  if (text.size() > kept_document_bytes || text.find('\\') != text.npos) return;
  require(seen.timeout == r.metadata.timeout && seen.priority == r.metadata.priority &&
              seen.tenant_id == r.metadata.tenant_id && seen.trace_id == r.metadata.trace_id &&
              seen.span_id == r.metadata.span_id,
          "the metadata is the same for all who look", text);
}

/// Whether its text says of what type its numbers are: those that a request's `dtype` chose do not
/// say it in an output.
bool is_typed(const type_info& output) {
  return std::ranges::none_of(output.members, [](const member_info& m) {
    const type_info& type = m.type->kind == type_kind::optional ? *m.type->inner : *m.type;
    return type.kind == type_kind::numbers;
  });
}

/// Runs the kernel, for a while and in its memory; its output is held to its own description.
void check_run(const kernel_entry& entry, reading& input) {
  const auto valid = entry.kernel.validate(input.value);
  if (!valid) return require_refusal(valid.error());
  arena memory{memory_bytes};
  void* const output = memory.allocate_bytes(entry.kernel.output->size_bytes);
  entry.kernel.output->construct(output);
  static fuzz::stop_after watch;
  const std::atomic<bool>& stop = watch.start(longest_run);
  bool has_run = false;
  try {
    cpu_context context{memory, stop};
    has_run = entry.kernel.run_on_cpu(input.value, output, context).has_value();
  } catch (const std::bad_alloc&) {  // its own limit; whatever else is thrown is a finding
  }
  if (watch.end() || !has_run) return;
  const auto printed = print(entry.output, output);
  if (!printed) return;
  require(nlohmann::json::accept(*printed), "an output is JSON", *printed);
  if (is_typed(*entry.kernel.output)) check_round_trip(entry.output, *printed);
}

void check_input(const kernel_entry& entry, std::string_view text) {
  reading alone{entry.input};
  read_value(alone, text);
  reading inside{entry.input};
  const std::string body = R"({"input":)" + std::string{text} + "}";
  read_body(inside, body);

  check_agreement(alone, inside);
  check_peek(inside, body);
  if (!inside.is_accepted()) return;
  if (const auto printed = print(entry.input, inside.value)) {
    check_round_trip(entry.input, *printed);
  }
  check_run(entry, inside);
}

void check_body(const kernel_entry& entry, std::string_view text) {
  reading whole{entry.input};
  read_body(whole, text);

  check_peek(whole, text);
  if (!whole.is_accepted()) return;
  if (const auto printed = print(entry.input, whole.value)) {
    check_round_trip(entry.input, *printed);
  }
}

/// A new kernel is looked at before anybody has written a seed for it.
void check_examples() {
  for (const auto& entry : catalogue().by_index()) {
    check_input(*entry, entry->kernel.info.example.input);
  }
}

void check(std::string_view input) {
  if (input.empty()) return check_examples();
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view name = input.substr(0, line);
  const std::string text = fuzz::with_repeats(input.substr(std::min(line + 1, input.size())));
  const kernel_entry* entry = catalogue().find(name.substr(0, name.find(' ')));
  if (entry == nullptr) {
    const auto first = static_cast<unsigned char>(name.empty() ? '\0' : name.front());
    entry = catalogue().by_index()[first % catalogue().size()].get();
  }
  if (name.ends_with(" body")) return check_body(*entry, text);
  check_input(*entry, text);
}

}  // namespace
}  // namespace kernd

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kernd::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
