#include "server/http/metrics.hpp"

#include "server/http/router.hpp"

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <map>

namespace kernd::http {
namespace {

using namespace std::chrono_literals;
using labels = std::map<std::string, std::string>;

struct HttpMetricsTest : ::testing::Test {
  router routes;

  HttpMetricsTest() {
    const handler nothing = [](request&) { return response{}; };
    routes.add({method::get, "/a", nothing});
    routes.add({method::post, "/b/{x}", nothing, "/b/{id}", 204});
    routes.add({method::post, "/b/{x}/{y}", nothing, "/b/{id}", 204});
  }

  static prometheus::MetricFamily family(const metrics& m, const std::string& name) {
    metric_families families;
    m.collect(families);
    for (const auto& f : families) {
      if (f.name == name) return f;
    }
    return {};
  }
  static std::map<labels, prometheus::ClientMetric> by_labels(const prometheus::MetricFamily& f) {
    std::map<labels, prometheus::ClientMetric> found;
    for (const auto& metric : f.metric) {
      labels key;
      for (const auto& label : metric.label) key[label.name] = label.value;
      found[key] = metric;
    }
    return found;
  }
};

TEST_F(HttpMetricsTest, StartsTheSuccessSeriesOfEveryRouteAtZero) {
  const metrics m{routes, 2};

  const auto series = by_labels(family(m, "kernd_http_requests_total"));

  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series.at({{"method", "GET"}, {"route", "/a"}, {"code", "200"}}).counter.value, 0);
  EXPECT_EQ(series.at({{"method", "POST"}, {"route", "/b/{id}"}, {"code", "204"}}).counter.value,
            0);
}

TEST_F(HttpMetricsTest, GivesTwoPatternsOneLabel) {
  const metrics m{routes, 1};

  EXPECT_EQ(m.label_of(1), m.label_of(2));
  EXPECT_NE(m.label_of(0), m.label_of(1));
  EXPECT_EQ(m.text_of(m.unmatched()), "unmatched");
}

TEST_F(HttpMetricsTest, CountsProblemsByTheirCode) {
  metrics m{routes, 2};
  m.of_loop(0).request_finished({0, method::get, 400, "INVALID_JSON", 1ms, 1, 1});
  m.of_loop(1).request_finished({1, method::post, 400, "INVALID_JSON", 1ms, 1, 1});
  m.of_loop(1).request_finished({1, method::post, 499, "CLIENT_CLOSED_REQUEST", 1ms, 1, 1});
  m.of_loop(1).request_finished({1, method::post, 200, "", 1ms, 1, 1});

  const auto series = by_labels(family(m, "kernd_http_problems_total"));

  EXPECT_EQ(series.size(), problem_count);
  EXPECT_EQ(series.at({{"code", "INVALID_JSON"}}).counter.value, 2);
  EXPECT_EQ(series.at({{"code", "CLIENT_CLOSED_REQUEST"}}).counter.value, 1);
  EXPECT_EQ(series.at({{"code", "QUEUE_FULL"}}).counter.value, 0);
}

TEST_F(HttpMetricsTest, AddsUpTheLoops) {
  metrics m{routes, 2};
  for (std::size_t loop = 0; loop < 2; ++loop) {
    m.of_loop(loop).request_started();
    m.of_loop(loop).request_finished({m.label_of(0), method::get, 200, "", 1ms, 10, 20});
  }

  const auto requests = by_labels(family(m, "kernd_http_requests_total"));
  EXPECT_EQ(requests.at({{"method", "GET"}, {"route", "/a"}, {"code", "200"}}).counter.value, 2);
  EXPECT_EQ(family(m, "kernd_http_request_bytes_total").metric[0].counter.value, 20);
  EXPECT_EQ(family(m, "kernd_http_response_bytes_total").metric[0].counter.value, 40);
}

TEST_F(HttpMetricsTest, PutsADurationIntoCumulativeBuckets) {
  metrics m{routes, 1};
  m.of_loop(0).request_finished({m.label_of(0), method::get, 200, "", 2ms, 0, 0});

  const auto durations = by_labels(family(m, "kernd_http_request_duration_seconds"));
  const auto& seen = durations.at({{"method", "GET"}, {"route", "/a"}}).histogram;

  EXPECT_EQ(seen.sample_count, 1u);
  EXPECT_DOUBLE_EQ(seen.sample_sum, 0.002);
  ASSERT_EQ(seen.bucket.size(), http_duration_bounds.size() + 1);
  for (const auto& bucket : seen.bucket) {
    EXPECT_EQ(bucket.cumulative_count, bucket.upper_bound >= 0.002 ? 1u : 0u) << bucket.upper_bound;
  }
}

TEST_F(HttpMetricsTest, ShowsWhatIsUnderWay) {
  metrics m{routes, 1};
  m.of_loop(0).request_started();
  m.of_loop(0).connection_opened();
  m.of_loop(0).connection_opened();
  m.of_loop(0).connection_closed();

  EXPECT_EQ(family(m, "kernd_http_requests_in_flight").metric[0].gauge.value, 1);
  EXPECT_EQ(family(m, "kernd_http_connections").metric[0].gauge.value, 1);
}

TEST_F(HttpMetricsTest, HasNoStreamsWhereNoRouteStreams) {
  metrics m{routes, 1};

  EXPECT_TRUE(family(m, "kernd_http_streams").metric.empty());
}

TEST_F(HttpMetricsTest, CountsStreamsByKindAndEnd) {
  routes.add({method::get, "/c", stream_handlers{}});
  metrics m{routes, 2};
  m.of_loop(0).stream_opened(stream_kind::web_socket);
  m.of_loop(1).stream_opened(stream_kind::web_socket);
  m.of_loop(1).stream_ended(stream_kind::web_socket, stream_end::drain);
  m.of_loop(0).message_received(stream_kind::web_socket);
  m.of_loop(0).message_sent(stream_kind::events);

  const auto open = by_labels(family(m, "kernd_http_streams"));
  const auto ended = by_labels(family(m, "kernd_http_streams_ended_total"));
  const auto messages = by_labels(family(m, "kernd_http_stream_messages_total"));

  EXPECT_EQ(open.at({{"kind", "websocket"}}).gauge.value, 1);
  EXPECT_EQ(open.at({{"kind", "events"}}).gauge.value, 0);
  EXPECT_EQ(ended.size(), stream_kinds.size() * stream_ends.size());
  EXPECT_EQ(ended.at({{"kind", "websocket"}, {"reason", "drain"}}).counter.value, 1);
  EXPECT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages.at({{"kind", "websocket"}, {"direction", "in"}}).counter.value, 1);
  EXPECT_EQ(messages.at({{"kind", "websocket"}, {"direction", "out"}}).counter.value, 0);
  EXPECT_EQ(messages.at({{"kind", "events"}, {"direction", "out"}}).counter.value, 1);
}

TEST_F(HttpMetricsTest, CountsConnectionsByFate) {
  metrics m{routes, 1};
  m.accepted();
  m.accepted();
  m.rejected(rejection::connection_limit);

  EXPECT_EQ(family(m, "kernd_http_connections_accepted_total").metric[0].counter.value, 2);
  const auto rejected = by_labels(family(m, "kernd_http_connections_rejected_total"));
  EXPECT_EQ(rejected.at({{"reason", "connection_limit"}}).counter.value, 1);
  EXPECT_EQ(rejected.at({{"reason", "accept_error"}}).counter.value, 0);
}

TEST_F(HttpMetricsTest, CountsUnknownMethodsTogether) {
  metrics m{routes, 1};
  m.of_loop(0).request_finished({m.unmatched(), method::other, 405, "", 1ms, 0, 0});

  const auto series = by_labels(family(m, "kernd_http_requests_total"));

  EXPECT_EQ(
      series.at({{"method", "_OTHER"}, {"route", "unmatched"}, {"code", "405"}}).counter.value, 1);
}

}  // namespace
}  // namespace kernd::http
