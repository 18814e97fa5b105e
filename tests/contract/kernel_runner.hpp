#pragma once

#include "kernd/config.hpp"
#include "kernd/execute_body.hpp"
#include "kernd/registry.hpp"

#include <atomic>
#include <string>
#include <utility>

namespace kernd::test {

/// Executes one kernel as the daemon does: decode, validate, run, encode.
class kernel_runner {
 public:
  /// `entry` outlives the runner.
  explicit kernel_runner(const kernel_entry& entry) : entry_{entry} {}

  const kernel_entry& entry() const { return entry_; }

  /// The output of `input`, both JSON. With `stop`, as if nobody waited any more.
  result<std::string> execute(const std::string& input, bool stop = false) {
    memory_.reset(memory_.limit_bytes());
    auto decoded = decode_execute_body(reader_, text_buffer{R"({"input":)" + input + "}"},
                                       entry_.input, memory_, executor_config{}.max_timeout);
    if (!decoded) return std::move(decoded).error();
    auto valid = entry_.kernel.validate(decoded->input);
    if (!valid) return within("input", std::move(valid).error());
    void* const output = memory_.allocate_bytes(entry_.kernel.output->size_bytes);
    entry_.kernel.output->construct(output);
    const std::atomic<bool> stopped{stop};
    cpu_context context{memory_, stopped};
    auto ran = entry_.kernel.run_on_cpu(decoded->input, output, context);
    if (!ran) return std::move(ran).error();
    if (stop) return std::string{};  // whatever it holds, it would be dropped
    text_buffer text;
    auto encoded = entry_.output.encode(output, text, memory_);
    if (!encoded) return std::move(encoded).error();
    return std::string{text.view()};
  }

  /// The message of the error that `input` earns.
  std::string refusal(const std::string& input) {
    const auto output = execute(input);
    return output ? "accepted: " + *output : output.error().message;
  }

 private:
  const kernel_entry& entry_;
  json_reader reader_{64};
  arena memory_{std::size_t{1} << 30};
};

}  // namespace kernd::test
