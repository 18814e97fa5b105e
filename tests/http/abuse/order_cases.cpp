#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

abuse_case ends(std::string name, std::string bytes, std::vector<answer> answers) {
  return {std::move(name), std::move(bytes), std::move(answers), afterwards::closes, true};
}

}  // namespace

std::vector<abuse_case> order_cases() {
  const std::string good = execute("core/axpy", R"({"input":{"x":[1],"y":[2]}})");
  const std::string unknown = head("GET /nowhere");
  const answer not_found{404, "NOT_FOUND"};
  const answer no_json{400, "INVALID_JSON"};
  return {
      stays_open("FiveRequestsAtOnce", repeat(live(), 5), {ok, ok, ok, ok, ok}),
      stays_open("GoodAndBadInTurn",
                 good + unknown + execute("core/axpy", "nonsense") + good + head("BREW /health"),
                 {ok, not_found, no_json, ok, {405, "METHOD_NOT_ALLOWED"}}),
      stays_open("AHundredExecutionsAtOnce", repeat(good, 100), std::vector<answer>(100, ok)),
      stays_open("AnEmptyLineBetweenRequests", live() + "\r\n" + live(), {ok, ok}),
      closes("ARequestBehindOneThatCloses", live("Connection: close\r\n") + live(), {ok}),
      closes("ARequestBehindAFault", live() + "GARBAGE\r\n\r\n" + live(), {ok, bad_request}),
      closes("ARequestBehindAnOldOne", "GET /health/live HTTP/1.0\r\n\r\n" + live(), {ok}),
      // What is behind either way of reading its end must not become a request of its own.
      closes("ARequestHiddenInABodyOfTwoLengths",
             raw_execute("Content-Length: 0\r\nContent-Length: 60\r\n", head("GET /metrics")),
             {bad_request}),
      closes("ARequestHiddenBehindChunks",
             raw_execute("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                         "0\r\n\r\n" + head("GET /metrics")),
             {bad_request}),
      stays_open("ARequestHiddenInABody",
                 head("POST /nowhere",
                      "Content-Length: " + std::to_string(head("GET /metrics").size()) + "\r\n") +
                     head("GET /metrics"),
                 {not_found}),
      stays_open("ARequestHiddenInAChunkExtension",
                 raw_execute("Transfer-Encoding: chunked\r\n",
                             "2;a=\"GET /metrics HTTP/1.1\"\r\n{}\r\n0\r\n\r\n"),
                 {{400, "INVALID_REQUEST", "/input"}}),
      ends("NothingAtAll", "", {}),
      ends("AnEmptyLineAlone", "\r\n", {}),
      ends("AMethodThatEnds", "GE", {}),
      ends("AHeadThatEnds", "GET /health/live HTTP/1.1\r\nHost: te", {}),
      ends("AHeadThatEndsBeforeItsEmptyLine", "GET /health/live HTTP/1.1\r\nHost: test\r\n", {}),
      ends("AGoodRequestAndAnEnd", live(), {ok}),
      ends("TwoRequestsAndAnEnd", live() + unknown, {ok, not_found}),
      ends("AGoodRequestAndHalfOfOne", live() + "GET /hea", {ok}),
  };
}

}  // namespace kernd::test::abuse
