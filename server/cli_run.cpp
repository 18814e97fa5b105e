#include "kernd/executor.hpp"
#include "server/cli.hpp"
#include "server/cli_catalogue.hpp"
#include "server/cli_input.hpp"
#include "server/http/problem.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ostream>
#include <string>
#include <utility>

namespace kernd::cli {
namespace {

exit_code refuse(const refusal_message& refused, std::ostream& err) {
  err << "kernd: " << refused.text << '\n';
  return refused.code;
}

/// What the API answers with 4xx is the input's fault.
exit_code report(const error& failed, std::ostream& err) {
  err << "kernd: " << failed.message << '\n';
  if (!failed.internal.empty()) err << "kernd: " << failed.internal << '\n';
  return http::describe(failed.code).status < 500 ? exit_code::data_error
                                                  : exit_code::kernel_failed;
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
  return refusal_message{exit_code::usage, asked.id + " has no example"};
}

}  // namespace

exit_code run(const run_command& asked, std::ostream& out, std::ostream& err) {
  const auto loaded = load_config(asked.sources);
  if (!loaded) return report(loaded.error(), err);
  const config& options = loaded->values;
  const kernel_registry registry = catalogue();
  const kernel_entry* entry = find_kernel(registry, asked.id, err);
  if (entry == nullptr) return exit_code::usage;

  auto input = input_of(asked, *entry, options.limits);
  if (!input) return refuse(input.error(), err);
  auto body = make_body(*entry, input->view(), asked.set, options.limits);
  if (!body) return refuse(body.error(), err);
  const std::atomic<bool> never{false};  // SIGINT ends the process
  const auto output =
      run_now(*entry, job_request{*std::move(body)}, options.executor, options.limits, never);
  if (!output) {
    const error failed = output.error();
    if (failed.code != errc::invalid_json) return report(failed, err);
    return refuse({exit_code::data_error, why_not_json(*entry, input->view())}, err);
  }
  out << output->output.view() << '\n';
  if (asked.timing) {
    err << "decode " << microseconds(output->decode) << ", compute "
        << microseconds(output->compute) << ", encode " << microseconds(output->encode) << '\n';
  }
  return exit_code::ok;
}

}  // namespace kernd::cli
