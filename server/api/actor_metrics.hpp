#pragma once

#include "kernd/exposition.hpp"
#include "kernd/health.hpp"
#include "kernd/ring/runtime.hpp"

namespace kernd::api {

/// What `/metrics` and `/health` say of actors. Any thread.
class actor_metrics {
 public:
  /// `actors` outlives it.
  explicit actor_metrics(const ring_runtime& actors) : actors_{actors} {}

  void collect(metric_families& out) const;

  /// The component `ring_runtime`: degraded while an actor has failed for good.
  component_health judge() const;

 private:
  const ring_runtime& actors_;
};

}  // namespace kernd::api
