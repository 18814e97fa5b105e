#include "kernd/kernel_metrics.hpp"

#include "test_kernels.hpp"
#include "test_ring_kernels.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kernd {
namespace {

using namespace std::chrono_literals;

struct KernelMetricsTest : ::testing::Test {
  kernel_registry registry;
  std::unique_ptr<kernel_metrics> metrics;

  KernelMetricsTest() {
    registry.add(make_kernel<test::adding>()).value();
    registry.add(make_kernel<test::failing>()).value();
    metrics = std::make_unique<kernel_metrics>(registry, 2);
  }

  /// The page without what does not come from `metrics`.
  std::string text() const {
    exposition page{{}};
    page.add(*metrics);
    return page.text();
  }
  bool page_has(const std::string& line) const {
    return text().find("\n" + line + "\n") != std::string::npos;
  }
};

TEST_F(KernelMetricsTest, AddsUpWorkersAndOtherThreads) {
  metrics->at(0, 0).count(job_outcome::success);
  metrics->at(1, 0).count(job_outcome::success);
  metrics->count(0, job_outcome::success);
  metrics->at(1, 1).count(job_outcome::failed);

  EXPECT_EQ(metrics->totals(0)[job_outcome::success], 3u);
  EXPECT_EQ(metrics->totals(0)[job_outcome::failed], 0u);
  EXPECT_EQ(metrics->totals(1)[job_outcome::failed], 1u);
}

TEST_F(KernelMetricsTest, MergesTheHistogramsOfTheWorkers) {
  metrics->at(0, 0).compute.observe(stage_duration_bounds, 40us);
  metrics->at(1, 0).compute.observe(stage_duration_bounds, 2h);

  const auto compute = metrics->totals(0).compute;

  EXPECT_EQ(compute.counts.front(), 1u);
  EXPECT_EQ(compute.counts.back(), 1u);
  EXPECT_NEAR(compute.sum, 7200.00004, 1e-9);
}

TEST_F(KernelMetricsTest, CountsExecutionsOfBatchKernelsOnly) {
  registry.add(make_ring_kernel<test::totalling>()).value();
  metrics = std::make_unique<kernel_metrics>(registry, 2);

  EXPECT_EQ(text().find("_total{kernel=\"core/test-totalling\""), std::string::npos);
  EXPECT_EQ(text().find("_count{kernel=\"core/test-totalling\""), std::string::npos);
  EXPECT_NE(text().find("kernd_kernel_info{kernel=\"core/test-totalling\""), std::string::npos);
}

TEST_F(KernelMetricsTest, KnownLabelSetsStartAtZero) {
  for (const auto* outcome :
       {"success", "client_error", "failed", "timeout", "cancelled", "rejected"}) {
    EXPECT_TRUE(page_has(std::string{"kernd_kernel_executions_total{kernel=\"core/test-adding\","
                                     "outcome=\""} +
                         outcome + "\"} 0"))
        << outcome;
  }
  for (const auto* reason : {"queue_full_kernel", "queue_full_total", "draining"}) {
    EXPECT_TRUE(
        page_has(std::string{"kernd_executor_rejections_total{reason=\""} + reason + "\"} 0"))
        << reason;
  }
  EXPECT_TRUE(page_has("kernd_kernel_jobs_abandoned_total{kernel=\"core/test-failing\"} 0"));
  EXPECT_TRUE(page_has("kernd_kernel_compute_seconds_count{kernel=\"core/test-failing\"} 0"));
}

TEST_F(KernelMetricsTest, ARejectionIsAnExecutionAndHasAReason) {
  metrics->count_rejected(0, rejection::queue_full_total);

  EXPECT_EQ(metrics->totals(0)[job_outcome::rejected], 1u);
  EXPECT_EQ(metrics->rejections(rejection::queue_full_total), 1u);
  EXPECT_TRUE(page_has("kernd_executor_rejections_total{reason=\"queue_full_total\"} 1"));
}

TEST_F(KernelMetricsTest, HistogramsAreCumulative) {
  metrics->at(0, 0).decode.observe(stage_duration_bounds, 40us);
  metrics->at(0, 0).decode.observe(stage_duration_bounds, 70us);
  metrics->at(0, 0).decode.observe(stage_duration_bounds, 2h);

  const std::string bucket = "kernd_kernel_decode_seconds_bucket{kernel=\"core/test-adding\",le=";
  EXPECT_TRUE(page_has(bucket + "\"0.0001\"} 2"));
  EXPECT_TRUE(page_has(bucket + "\"60\"} 2"));
  EXPECT_TRUE(page_has(bucket + "\"+Inf\"} 3"));
  EXPECT_TRUE(page_has("kernd_kernel_decode_seconds_count{kernel=\"core/test-adding\"} 3"));
}

TEST_F(KernelMetricsTest, TellsWhichKernelsThereAre) {
  EXPECT_TRUE(page_has("kernd_kernels{mode=\"batch\",domain=\"Core\"} 2"));
  EXPECT_TRUE(page_has("kernd_kernels{mode=\"ring\",domain=\"Core\"} 0"));
  EXPECT_TRUE(
      page_has("kernd_kernel_info{kernel=\"core/test-adding\",domain=\"Core\",mode=\"batch\","
               "version=\"1.2.3\"} 1"));
}

TEST(JobOutcomeTest, ClientErrorsAreNotFailures) {
  for (const auto code : {errc::invalid_json, errc::invalid_request, errc::invalid_input,
                          errc::memory_limit_exceeded}) {
    EXPECT_EQ(outcome_of(code), job_outcome::client_error);
  }
  for (const auto code : {errc::execution_failed, errc::non_finite_output, errc::memory_exhausted,
                          errc::internal_error}) {
    EXPECT_EQ(outcome_of(code), job_outcome::failed);
  }
  EXPECT_EQ(outcome_of(errc::execution_timeout), job_outcome::timeout);
  EXPECT_EQ(outcome_of(errc::cancelled), job_outcome::cancelled);
}

}  // namespace
}  // namespace kernd
