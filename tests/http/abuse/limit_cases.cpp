#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

const answer too_large_head{431, "HEADERS_TOO_LARGE"};
const answer too_long_target{414, "URI_TOO_LONG"};
const answer too_large_body{413, "BODY_TOO_LARGE"};

/// A request whose head has exactly `bytes` bytes.
std::string head_of(std::size_t bytes) {
  const std::string without = live("A: \r\n");
  return live("A: " + repeat("a", bytes - without.size()) + "\r\n");
}

std::string target_of(std::size_t bytes) {
  return head("GET /" + repeat("a", bytes - 1));
}

/// With its Host, `fields` fields.
std::string fields_of(std::size_t fields) {
  return live(repeat("A: b\r\n", fields - 1));
}

std::string body_of(std::size_t bytes) {
  const std::string input = R"({"input":{"x":[1],"y":[2]}})";
  return execute("core/axpy", input + repeat(" ", bytes - input.size()));
}

}  // namespace

std::vector<abuse_case> limit_cases() {
  return {
      stays_open("AHeadOfTheLimit", head_of(header_limit), {ok}),
      closes("AHeadOfTheLimitAndOne", head_of(header_limit + 1), {too_large_head}),
      closes("AFieldOf100Kilobytes", live("A: " + repeat("a", 100'000) + "\r\n"), {too_large_head}),
      closes("AFieldNameOf100Kilobytes", live(repeat("a", 100'000) + ": a\r\n"), {too_large_head}),
      closes("AHeadWithoutEnd", "GET /health/live HTTP/1.1\r\n" + repeat("A: b\r\n", 20'000),
             {too_large_head}),
      stays_open("AsManyFieldsAsAllowed", fields_of(field_limit), {ok}),
      closes("OneFieldTooMany", fields_of(field_limit + 1), {too_large_head}),
      closes("ThousandsOfEmptyFields", live(repeat("a:\r\n", 4000)), {too_large_head}),
      stays_open("ATargetOfTheLimit", target_of(header_limit / 2), {{404, "NOT_FOUND"}}),
      closes("ATargetOfTheLimitAndOne", target_of(header_limit / 2 + 1), {too_long_target}),
      closes("ATargetOfAMegabyte", target_of(1'000'000), {too_long_target}),
      closes("AQueryOfAMegabyte", head("GET /health/live?q=" + repeat("a", 1'000'000)),
             {too_long_target}),
      stays_open("ABodyOfTheLimit", body_of(body_limit), {ok}),
      closes("ABodyOfTheLimitAndOne", body_of(body_limit + 1), {too_large_body}),
      closes("ABodyOfAMegabyte", body_of(1'000'000), {too_large_body}),
      stays_open("AShortBodyForAnUnknownPath",
                 head("POST /nowhere", "Content-Length: 5\r\n") + "abcde", {{404, "NOT_FOUND"}}),
      closes("ALongBodyForAnUnknownPath",
             head("POST /nowhere", "Content-Length: 20000\r\n") + repeat("a", 20'000),
             {{404, "NOT_FOUND"}}),
      closes("ChunksForAnUnknownPath",
             head("POST /nowhere", "Transfer-Encoding: chunked\r\n") + "1\r\na\r\n0\r\n\r\n",
             {{404, "NOT_FOUND"}}),
      // Pings, too, pay for what they send.
      closes("TooLongABodyOfAGet", live("Content-Length: 65537\r\n"), {too_large_body}),
  };
}

}  // namespace kernd::test::abuse
