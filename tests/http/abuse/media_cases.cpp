#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

constexpr std::string_view body = R"({"input":{"x":[1],"y":[2]}})";
const answer wrong_media{415, "UNSUPPORTED_MEDIA_TYPE"};
const answer wrong_parameter{400, "INVALID_REQUEST"};

abuse_case with(std::string name, std::string_view fields, answer expected) {
  return stays_open(std::move(name), execute("core/axpy", body, fields), {std::move(expected)});
}

abuse_case expecting(std::string name, std::string_view expectation) {
  return closes(std::move(name),
                execute("core/axpy", body, "Expect: " + std::string{expectation} + "\r\n"),
                {{417, "EXPECTATION_FAILED"}});
}

void add_types(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {with("PlainText", "Content-Type: text/plain\r\n", wrong_media),
       with("AForm", "Content-Type: application/x-www-form-urlencoded\r\n", wrong_media),
       with("AFormOfParts", "Content-Type: multipart/form-data; boundary=x\r\n", wrong_media),
       with("RawBytes", "Content-Type: application/octet-stream\r\n", wrong_media),
       with("ATypeThatOnlyStartsWithJson", "Content-Type: application/jsonx\r\n", wrong_media),
       with("ATypeOfTextThatNamesJson", "Content-Type: text/json\r\n", wrong_media),
       with("ATypeThatIsNone", "Content-Type: ;;;\r\n", wrong_media),
       with("AListOfTypes", "Content-Type: application/json, text/plain\r\n", wrong_media),
       // RFC 8259, 8.1: JSON between systems is UTF-8.
       with("JsonInAnotherCharset", "Content-Type: application/json; charset=utf-16\r\n",
            wrong_media),
       with("JsonInLatin1", "Content-Type: application/json;charset=\"iso-8859-1\"\r\n",
            wrong_media),
       with("TwoTypes", "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
            wrong_media),
       with("JsonInUtf8", "Content-Type: application/json; charset=\"UTF-8\"\r\n", ok),
       with("JsonWithOtherParameters", "Content-Type: application/json; profile=x; v=1\r\n", ok),
       with("NoType", "", ok),
       with("ABodyThatSaysItIsGzip", "Content-Encoding: gzip\r\n", wrong_media),
       with("ABodyThatSaysItIsEncodedTwice", "Content-Encoding: gzip, identity\r\n", wrong_media),
       with("ABodyInAnUnknownEncoding", "Content-Encoding: magic\r\n", wrong_media),
       with("ABodyInNoEncoding", "Content-Encoding: Identity\r\n", ok),
       with("AnAcceptThatNothingFits", "Accept: image/png\r\n", ok)});
}

void add_expectations(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {expecting("AnUnknownExpectation", "magic"),
       expecting("AnExpectationOfAnotherStatus", "200-ok"),
       expecting("TwoExpectations", "100-continue, magic"), expecting("AnEmptyExpectation", ""),
       stays_open("AnExpectationInCapitals", execute("core/axpy", body, "Expect: 100-CONTINUE\r\n"),
                  {ok}),
       stays_open("AnExpectationWithoutBody", live("Expect: 100-continue\r\n"), {ok}),
       closes("AnExpectationForTooLongABody",
              raw_execute("Expect: 100-continue\r\nContent-Length: 1000000\r\n"),
              {{413, "BODY_TOO_LARGE"}}),
       closes("AnExpectationForAnUnknownPath",
              head("POST /nowhere", "Expect: 100-continue\r\nContent-Length: 5\r\n"),
              {{404, "NOT_FOUND"}}),
       closes("AnExpectationForAMethodThatIsNotAllowed",
              head("POST /health/live", "Expect: 100-continue\r\nContent-Length: 5\r\n"),
              {{405, "METHOD_NOT_ALLOWED"}})});
}

void add_parameters(std::vector<abuse_case>& all) {
  all.insert(all.end(),
             {with("ATimeoutOfZero", "X-Request-Timeout-Ms: 0\r\n", wrong_parameter),
              with("ATimeoutBelowZero", "X-Request-Timeout-Ms: -1\r\n", wrong_parameter),
              with("ATimeoutBeyondTheMaximum", "X-Request-Timeout-Ms: 300001\r\n", wrong_parameter),
              with("ATimeoutBeyondEveryInteger", "X-Request-Timeout-Ms: 99999999999999999999\r\n",
                   wrong_parameter),
              with("ATimeoutWithAUnit", "X-Request-Timeout-Ms: 5s\r\n", wrong_parameter),
              with("ATimeoutWithAFraction", "X-Request-Timeout-Ms: 1.5\r\n", wrong_parameter),
              with("AnEmptyTimeout", "X-Request-Timeout-Ms:\r\n", wrong_parameter),
              with("APriorityBeyondTheHighest", "X-Request-Priority: 11\r\n", wrong_parameter),
              with("APriorityBelowZero", "X-Request-Priority: -1\r\n", wrong_parameter),
              with("APriorityThatIsAWord", "X-Request-Priority: high\r\n", wrong_parameter)});
}

}  // namespace

std::vector<abuse_case> media_cases() {
  std::vector<abuse_case> all;
  add_types(all);
  add_expectations(all);
  add_parameters(all);
  return all;
}

}  // namespace kernd::test::abuse
