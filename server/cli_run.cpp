#include "kernd/executor.hpp"
#include "server/cli.hpp"
#include "server/cli_catalogue.hpp"
#include "server/cli_input.hpp"
#include "server/cli_refusal.hpp"
#include "server/http/problem.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ostream>
#include <string>
#include <utility>

namespace kernd::cli {
namespace {

/// What the API answers with 4xx is the input's fault.
refusal_message refusal_of(error failed) {
  const bool of_input = http::describe(failed.code).status < 500;
  return {of_input ? exit_code::data_error : exit_code::kernel_failed, std::move(failed)};
}

std::string microseconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f us", static_cast<double>(time.count()) / 1e3);
  return text;
}

expected<text_buffer> input_of(const run_command& asked, const kernel_entry& entry,
                               const limits_config& limits) {
  if (asked.input) return read_input(*asked.input, limits);
  if (!asked.example) return text_buffer{"{}"};
  const std::string_view example = entry.kernel.info.example.input;
  if (!example.empty()) return text_buffer{example};
  return refusal_message{exit_code::usage, {errc::not_found, asked.id + " has no example"}};
}

expected<job_output> output_of(const run_command& asked, const kernel_entry& entry,
                               const config& options) {
  auto input = input_of(asked, entry, options.limits);
  if (!input) return std::move(input).error();
  auto body = make_body(entry, input->view(), asked.set, options.limits);
  if (!body) return std::move(body).error();
  const std::atomic<bool> never{false};  // SIGINT ends the process
  auto output =
      run_now(entry, job_request{*std::move(body)}, options.executor, options.limits, never);
  if (output) return *std::move(output);
  error failed = std::move(output).error();
  if (failed.code != errc::invalid_json) return refusal_of(std::move(failed));
  return refusal_message{exit_code::data_error, why_not_json(entry, input->view())};
}

void print_json(const kernel_info& info, const job_output& done, std::ostream& out) {
  const auto us = [](std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  };
  out << "{\"kernel_id\":\"" << info.id << "\",\"output\":" << done.output.view()
      << ",\"metadata\":{\"backend\":\"CPU\",\"device\":\"cpu\",\"decode_us\":" << us(done.decode)
      << ",\"compute_us\":" << us(done.compute) << ",\"encode_us\":" << us(done.encode)
      << ",\"params_used\":{" << done.params_used << "}}}\n";
}

}  // namespace

exit_code run(const run_command& asked, std::ostream& out, std::ostream& err) {
  const kernel_registry registry = catalogue();
  const auto entry = find_kernel(registry, asked.id);
  if (!entry) return refuse(entry.error(), asked.json, out, err);
  if (!asked.input && !asked.example && asked.set.empty()) {
    constexpr auto missing = "an input is missing: --input FILE, --input -, --example or --set";
    return run(usage_error{missing}, out, err);
  }
  const auto loaded = load_config(asked.sources);
  if (!loaded) return refuse(loaded.error(), asked.json, out, err);
  const auto done = output_of(asked, **entry, loaded->values);
  if (!done) return refuse(done.error(), asked.json, out, err);
  if (asked.json) {
    print_json((*entry)->kernel.info, *done, out);
  } else {
    out << done->output.view() << '\n';
  }
  if (asked.timing) {
    err << "decode " << microseconds(done->decode) << ", compute " << microseconds(done->compute)
        << ", encode " << microseconds(done->encode) << '\n';
  }
  return exit_code::ok;
}

}  // namespace kernd::cli
