#include "server/http/problem.hpp"

#include "server/http/status.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace kernd::http {
namespace {

struct expected_row {
  errc value;
  unsigned status;
  const char* code;
};

// Written out again on purpose: this is the wire contract.
const expected_row rows[] = {
    {errc::bad_request, 400, "BAD_REQUEST"},
    {errc::invalid_json, 400, "INVALID_JSON"},
    {errc::invalid_request, 400, "INVALID_REQUEST"},
    {errc::invalid_input, 400, "INVALID_INPUT"},
    {errc::permission_denied, 403, "PERMISSION_DENIED"},
    {errc::not_found, 404, "NOT_FOUND"},
    {errc::kernel_not_found, 404, "KERNEL_NOT_FOUND"},
    {errc::actor_not_found, 404, "ACTOR_NOT_FOUND"},
    {errc::unknown_message_type, 404, "UNKNOWN_MESSAGE_TYPE"},
    {errc::method_not_allowed, 405, "METHOD_NOT_ALLOWED"},
    {errc::request_timeout, 408, "REQUEST_TIMEOUT"},
    {errc::invalid_state_transition, 409, "INVALID_STATE_TRANSITION"},
    {errc::actor_not_active, 409, "ACTOR_NOT_ACTIVE"},
    {errc::already_exists, 409, "ALREADY_EXISTS"},
    {errc::reload_disabled, 409, "RELOAD_DISABLED"},
    {errc::configuration_invalid, 409, "CONFIGURATION_INVALID"},
    {errc::restart_required, 409, "RESTART_REQUIRED"},
    {errc::actor_terminated, 410, "ACTOR_TERMINATED"},
    {errc::body_too_large, 413, "BODY_TOO_LARGE"},
    {errc::message_too_large, 413, "MESSAGE_TOO_LARGE"},
    {errc::memory_limit_exceeded, 413, "MEMORY_LIMIT_EXCEEDED"},
    {errc::uri_too_long, 414, "URI_TOO_LONG"},
    {errc::unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE"},
    {errc::expectation_failed, 417, "EXPECTATION_FAILED"},
    {errc::ring_kernel_rest_unsupported, 422, "RING_KERNEL_REST_UNSUPPORTED"},
    {errc::upgrade_required, 426, "UPGRADE_REQUIRED"},
    {errc::headers_too_large, 431, "HEADERS_TOO_LARGE"},
    {errc::queue_full, 429, "QUEUE_FULL"},
    {errc::cancelled, 499, "CLIENT_CLOSED_REQUEST"},
    {errc::execution_failed, 500, "EXECUTION_FAILED"},
    {errc::non_finite_output, 500, "NON_FINITE_OUTPUT"},
    {errc::device_error, 500, "DEVICE_ERROR"},
    {errc::internal_error, 500, "INTERNAL_ERROR"},
    {errc::unsupported_transfer_encoding, 501, "UNSUPPORTED_TRANSFER_ENCODING"},
    {errc::service_unavailable, 503, "SERVICE_UNAVAILABLE"},
    {errc::backend_unavailable, 503, "BACKEND_UNAVAILABLE"},
    {errc::connection_limit, 503, "CONNECTION_LIMIT"},
    {errc::memory_exhausted, 503, "MEMORY_EXHAUSTED"},
    {errc::execution_timeout, 504, "EXECUTION_TIMEOUT"},
    {errc::http_version_not_supported, 505, "HTTP_VERSION_NOT_SUPPORTED"},
    {errc::max_hops_exceeded, 508, "MAX_HOPS_EXCEEDED"},
};

nlohmann::json body_of(const response& r) {
  return nlohmann::json::parse(r.body[0].view());
}

TEST(ProblemTest, WithoutARequestThereIsNoId) {
  const auto body = nlohmann::json::parse(problem_body({errc::not_found, "gone"}, {}).view());

  EXPECT_EQ(body["code"], "NOT_FOUND");
  EXPECT_FALSE(body.contains("request_id"));
}

TEST(ProblemTest, GivesEveryErrcItsStatusAndCode) {
  for (const auto& row : rows) {
    EXPECT_EQ(describe(row.value).value, row.value);
    EXPECT_EQ(describe(row.value).status, row.status) << row.code;
    EXPECT_EQ(describe(row.value).code, row.code);
    EXPECT_FALSE(describe(row.value).title.empty()) << row.code;
  }
}

TEST(ProblemTest, KnowsEveryErrc) {
  EXPECT_EQ(std::size(rows), problem_count);
}

TEST(ProblemTest, AnswersWithKnownStatusesOnly) {
  for (const auto& row : rows) {
    const auto known = std::ranges::count(known_statuses, row.status, &status_text::status);
    EXPECT_EQ(known, 1) << row.code;
  }
}

TEST(ProblemTest, GivesEveryErrcACodeOfItsOwn) {
  std::set<std::string_view> codes;
  for (const auto& row : rows) codes.insert(describe(row.value).code);

  EXPECT_EQ(codes.size(), std::size(rows));
}

TEST(ProblemTest, UsesStatusesThatHaveAReason) {
  for (const auto& row : rows) {
    EXPECT_EQ(known_statuses[status_index(row.status)].status, row.status);
  }
}

TEST(ProblemTest, WritesTheMembersOfTheContract) {
  const response r = problem({errc::kernel_not_found, "no kernel a/b"}, "id-1");

  EXPECT_EQ(r.status, 404u);
  EXPECT_EQ(r.code, "KERNEL_NOT_FOUND");
  EXPECT_EQ(r.content_type, "application/problem+json");
  const nlohmann::json expected = {{"title", "Kernel not found"},
                                   {"status", 404},
                                   {"code", "KERNEL_NOT_FOUND"},
                                   {"message", "no kernel a/b"},
                                   {"request_id", "id-1"}};
  EXPECT_EQ(body_of(r), expected);
}

TEST(ProblemTest, DetailsAnInvalidValue) {
  const response r = problem(
      {errc::invalid_input, "bad", invalid_value{"/input/x/17", "number", "\"abc\""}}, "id");

  const nlohmann::json expected = {
      {"pointer", "/input/x/17"}, {"expected", "number"}, {"actual", "\"abc\""}};
  EXPECT_EQ(body_of(r)["details"], expected);
}

TEST(ProblemTest, ReplacesWhatIsNotUtf8) {
  const response r = problem({errc::bad_request, "got \xff"}, "id");

  EXPECT_EQ(body_of(r)["message"], "got \xef\xbf\xbd");
}

TEST(ProblemTest, TellsWhenToRetryWhatMayPass) {
  for (const auto& row : rows) {
    const response r = problem({row.value, "m"}, "id");
    const bool may_pass = row.status == 429 || row.status == 503;
    EXPECT_EQ(!r.headers.empty() && r.headers[0].first == "Retry-After", may_pass) << row.code;
  }
}

}  // namespace
}  // namespace kernd::http
