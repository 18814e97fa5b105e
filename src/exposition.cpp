#include "kernd/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

namespace kernd {

namespace {

prometheus::MetricType type_of(metric_family::kind k) {
  switch (k) {
    case metric_family::kind::counter:
      return prometheus::MetricType::Counter;
    case metric_family::kind::histogram:
      return prometheus::MetricType::Histogram;
    case metric_family::kind::gauge:
      break;
  }
  return prometheus::MetricType::Gauge;
}

prometheus::ClientMetric& new_sample(metric_families& out, metric_family::labels with) {
  auto& sample = out.back().metric.emplace_back();
  for (const auto& [name, value] : with) sample.label.push_back({name, std::string{value}});
  return sample;
}

}  // namespace

metric_family::metric_family(metric_families& out, kind k, const char* name, const char* help)
    : out_{out}, kind_{k} {
  out_.push_back({name, help, type_of(k), {}});
}

metric_family& metric_family::add(labels with, double value) {
  auto& sample = new_sample(out_, with);
  (kind_ == kind::counter ? sample.counter.value : sample.gauge.value) = value;
  return *this;
}

metric_family& metric_family::add_histogram(labels with, std::span<const double> bounds,
                                            std::span<const std::uint64_t> counts, double sum) {
  auto& histogram = new_sample(out_, with).histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    cumulative += counts[i];
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({cumulative, bound});
  }
  // The buckets are the only count: a second one could disagree with them.
  histogram.sample_count = cumulative;
  histogram.sample_sum = sum;
  return *this;
}

std::string exposition::text() const {
  metric_families families;
  metric_family{families, metric_family::kind::gauge, "kernd_build_info",
                "Which program this is; always 1."}
      .add({{"version", build_.version},
            {"revision", build_.revision},
            {"compiler", build_.compiler}},
           1);
  for (const auto& collect : sources_) collect(families);
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace kernd
