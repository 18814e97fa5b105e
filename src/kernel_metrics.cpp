#include "kernd/kernel_metrics.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace kernd {

namespace {

constexpr std::array<std::string_view, job_outcome_count> outcome_names{
    "success", "client_error", "failed", "timeout", "cancelled", "rejected"};
constexpr std::array<std::string_view, rejection_count> rejection_names{
    "queue_full_kernel", "queue_full_total", "draining"};

std::string_view name_of(kernel_mode mode) {
  return mode == kernel_mode::batch ? "batch" : "ring";
}

using kind = metric_family::kind;

}  // namespace

job_outcome outcome_of(errc code) noexcept {
  switch (code) {
    case errc::invalid_json:
    case errc::invalid_request:
    case errc::invalid_input:
    case errc::memory_limit_exceeded:
      return job_outcome::client_error;
    case errc::execution_timeout:
      return job_outcome::timeout;
    case errc::cancelled:
      return job_outcome::cancelled;
    default:
      return job_outcome::failed;
  }
}

kernel_metrics::kernel_metrics(const kernel_registry& registry, std::size_t workers)
    : registry_{registry},
      workers_{workers},
      kernels_{registry.size()},
      slots_{std::make_unique<slot[]>(workers_ * kernels_)},
      shared_{std::make_unique<shared_slot[]>(kernels_)} {}

kernel_totals kernel_metrics::totals(std::size_t kernel) const noexcept {
  kernel_totals sum;
  const auto& shared = shared_[kernel];
  sum.abandoned = shared.abandoned.value();
  for (std::size_t o = 0; o < job_outcome_count; ++o) sum.outcomes[o] = shared.outcomes[o].value();
  for (std::size_t w = 0; w < workers_; ++w) {
    const auto& s = slots_[w * kernels_ + kernel];
    for (std::size_t o = 0; o < job_outcome_count; ++o) sum.outcomes[o] += s.outcomes[o].value();
    sum.queue_wait += s.queue_wait.snapshot();
    sum.decode += s.decode.snapshot();
    sum.compute += s.compute.snapshot();
    sum.encode += s.encode.snapshot();
    sum.batch_size += s.batch_size.snapshot();
  }
  return sum;
}

void kernel_metrics::collect(metric_families& out) const {
  std::vector<std::pair<std::string_view, kernel_totals>> all;
  for (const auto& entry : registry_.by_index()) {
    if (entry->ring != nullptr) continue;  // its messages are not jobs
    all.emplace_back(entry->kernel.info.id, totals(entry->index));
  }

  metric_family executions{out, kind::counter, "kernd_kernel_executions_total",
                           "Executions by how they ended."};
  for (const auto& [id, sum] : all) {
    for (std::size_t o = 0; o < job_outcome_count; ++o) {
      executions.add({{"kernel", id}, {"outcome", outcome_names[o]}},
                     static_cast<double>(sum.outcomes[o]));
    }
  }
  const auto stage = [&](const char* name, const char* help, stage_snapshot kernel_totals::*which) {
    metric_family family{out, kind::histogram, name, help};
    for (const auto& [id, sum] : all) {
      family.add({{"kernel", id}}, stage_duration_bounds, sum.*which);
    }
  };
  stage("kernd_kernel_queue_wait_seconds", "From admission to a worker.",
        &kernel_totals::queue_wait);
  stage("kernd_kernel_decode_seconds", "Decoding of the request body.", &kernel_totals::decode);
  stage("kernd_kernel_compute_seconds", "The kernel itself.", &kernel_totals::compute);
  stage("kernd_kernel_encode_seconds", "Encoding of the output.", &kernel_totals::encode);

  metric_family batches{out, kind::histogram, "kernd_kernel_batch_size",
                        "Jobs that were computed together, of kernels that do that."};
  for (const auto& [id, sum] : all) {
    if (registry_.find(id, kernel_mode::batch)->kernel.info.max_batch_size == 1) continue;
    batches.add({{"kernel", id}}, batch_size_bounds, sum.batch_size);
  }

  metric_family abandoned{out, kind::counter, "kernd_kernel_jobs_abandoned_total",
                          "Jobs that were on a worker when nobody waited for them any more."};
  for (const auto& [id, sum] : all) {
    abandoned.add({{"kernel", id}}, static_cast<double>(sum.abandoned));
  }
  metric_family rejected{out, kind::counter, "kernd_executor_rejections_total",
                         "Jobs that were not admitted, by reason."};
  for (std::size_t r = 0; r < rejection_count; ++r) {
    rejected.add({{"reason", rejection_names[r]}}, static_cast<double>(rejections_[r].value()));
  }
  collect_registry(out);
}

void kernel_metrics::collect_registry(metric_families& out) const {
  std::map<std::pair<kernel_mode, std::string_view>, std::size_t> counts;
  for (const auto& entry : registry_.by_index()) {
    const auto& info = entry->kernel.info;
    for (const auto mode : {kernel_mode::batch, kernel_mode::ring}) {
      counts[{mode, info.domain}] += info.mode == mode ? 1u : 0u;
    }
  }
  metric_family kernels{out, kind::gauge, "kernd_kernels", "Registered kernels."};
  for (const auto& [key, count] : counts) {
    kernels.add({{"mode", name_of(key.first)}, {"domain", key.second}}, static_cast<double>(count));
  }
  metric_family about{out, kind::gauge, "kernd_kernel_info",
                      "What a kernel says of itself; always 1."};
  for (const auto& entry : registry_.by_index()) {
    const auto& info = entry->kernel.info;
    about.add({{"kernel", info.id},
               {"domain", info.domain},
               {"mode", name_of(info.mode)},
               {"version", info.version}},
              1);
  }
}

}  // namespace kernd
