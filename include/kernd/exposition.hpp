#pragma once

#include "kernd/metrics.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace kernd {

/// What a scrape gathers.
using metric_families = std::vector<prometheus::MetricFamily>;

/// Appends one metric family: `metric_family{out, metric_family::kind::gauge, "kernd_x", "What x
/// is."}.add({{"reason", "memory"}}, 3)`. `help` is one line without backslashes: the serializer
/// does not escape it. Use it before the next family is begun.
class metric_family {
 public:
  enum class kind { counter, gauge, histogram };
  using labels = std::initializer_list<std::pair<const char*, std::string_view>>;

  metric_family(metric_families& out, kind k, const char* name, const char* help);

  /// One sample of a counter or gauge.
  metric_family& add(labels with, double value);

  /// One histogram, whose bucket bounds are in the unit of its sum.
  template <std::size_t Buckets>
  metric_family& add(labels with, const std::array<double, Buckets>& bounds,
                     const histogram_snapshot<Buckets>& snapshot) {
    return add_histogram(with, bounds, snapshot.counts, snapshot.sum);
  }

 private:
  metric_family& add_histogram(labels with, std::span<const double> bounds,
                               std::span<const std::uint64_t> counts, double sum);

  metric_families& out_;
  kind kind_;
};

/// Which program this is.
struct build_info {
  std::string version;
  std::string revision;  ///< Of the sources; empty when unknown.
  std::string compiler;
};

/// The page behind `/metrics`: what is built and what the sources add.
/// `text` may be called from any thread once all sources are added.
class exposition {
 public:
  explicit exposition(build_info build) : build_{std::move(build)} {}

  /// `source` outlives the page; its `collect(metric_families&) const` may be called from any
  /// thread.
  template <class Source>
  void add(const Source& source) {
    sources_.push_back([&source](metric_families& out) { source.collect(out); });
  }

  /// In the Prometheus text format 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  build_info build_;
  std::vector<std::function<void(metric_families&)>> sources_;
};

}  // namespace kernd
