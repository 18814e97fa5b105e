#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

const answer not_allowed{405, "METHOD_NOT_ALLOWED"};
const answer not_found{404, "NOT_FOUND"};

answer to_head(int status, std::string code = {}) {
  return {.status = status, .code = std::move(code), .to_head = true};
}

void add_methods(std::vector<abuse_case>& all) {
  // RFC 9110, 9.1 suggests 501 for methods that nobody knows. Which methods a path has is what the
  // client needs to hear, so they are answered like others that the path does not have.
  all.insert(
      all.end(),
      {stays_open("AMethodInSmallLetters", head("get /health/live"), {not_allowed}),
       stays_open("AnUnknownMethod", head("BREW /health/live"), {not_allowed}),
       stays_open("AMethodOfSymbols", head("!#$%&'*+-.^_`|~ /health/live"), {not_allowed}),
       stays_open("AVeryLongMethod", head(repeat("M", 5000) + " /health/live"), {not_allowed}),
       closes("AMethodOverTheLimit", head(repeat("M", header_limit + 1) + " /health/live"),
              {{431, "HEADERS_TOO_LARGE"}}),
       stays_open("Trace", head("TRACE /health/live"), {not_allowed}),
       stays_open("Patch", head("PATCH /health/live"), {not_allowed}),
       stays_open("ConnectToAPath", head("CONNECT /health/live"), {not_allowed}),
       stays_open("AnUnknownMethodOfAnUnknownPath", head("BREW /nowhere"), {not_found}),
       stays_open("PostOfWhatIsOnlyRead", head("POST /health/live"), {not_allowed}),
       stays_open("DeleteOfAKernel", head("DELETE /api/v1/kernels/core/axpy"), {not_allowed}),
       stays_open("PutOfAKernel",
                  head("PUT /api/v1/kernels/core/axpy", "Content-Length: 2\r\n") + "{}",
                  {not_allowed}),
       stays_open("GetOfAnExecution", head("GET /api/v1/kernels/core/axpy/execute"), {not_allowed}),
       closes("AMethodWithASeparator", head("GE(T /health/live"), {bad_request}),
       closes("AMethodBeyondAscii", head("G\xc3\x89T /health/live"), {bad_request}),
       closes("AZeroInTheMethod", head(std::string_view{"G\0T /health/live", 16}), {bad_request}),
       closes("NoMethod", head(" /health/live"), {bad_request})});
}

void add_heads(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {stays_open("HeadOfLiveness", head("HEAD /health/live"), {to_head(200)}),
       stays_open("HeadOfStartUp", head("HEAD /health/startup"), {to_head(200)}),
       stays_open("HeadOfHealth", head("HEAD /health"), {to_head(200)}),
       stays_open("HeadOfMetrics", head("HEAD /metrics"), {to_head(200)}),
       stays_open("HeadOfTheDescription", head("HEAD /openapi.json"), {to_head(200)}),
       stays_open("HeadOfAllKernels", head("HEAD /api/v1/kernels"), {to_head(200)}),
       stays_open("HeadOfAKernel", head("HEAD /api/v1/kernels/core/axpy"), {to_head(200)}),
       stays_open("HeadOfAnUnknownKernel", head("HEAD /api/v1/kernels/core/nothing"),
                  {to_head(404, "KERNEL_NOT_FOUND")}),
       stays_open("HeadOfAnUnknownPath", head("HEAD /nowhere"), {to_head(404, "NOT_FOUND")}),
       stays_open("HeadOfAnExecution", head("HEAD /api/v1/kernels/core/axpy/execute"),
                  {to_head(405, "METHOD_NOT_ALLOWED")}),
       stays_open("HeadWithABody", head("HEAD /health/live", "Content-Length: 3\r\n") + "abc",
                  {to_head(200)}),
       closes("HeadWithoutHost", "HEAD /health/live HTTP/1.1\r\n\r\n",
              {to_head(400, "BAD_REQUEST")})});
}

void add_options(std::vector<abuse_case>& all) {
  const std::string execution = "OPTIONS /api/v1/kernels/core/axpy/execute";
  all.insert(
      all.end(),
      {stays_open("OptionsOfAPath", head("OPTIONS /health/live"), {{204}}),
       stays_open("OptionsOfAnUnknownPath", head("OPTIONS /nowhere"), {not_found}),
       stays_open("APreflight",
                  head(execution, "Origin: http://a\r\nAccess-Control-Request-Method: POST\r\n"),
                  {{204}}),
       stays_open("APreflightOfAnUnknownMethod",
                  head(execution, "Origin: http://a\r\nAccess-Control-Request-Method: BREW\r\n"),
                  {{204}}),
       stays_open(
           "APreflightOfAnUnknownPath",
           head("OPTIONS /nowhere", "Origin: http://a\r\nAccess-Control-Request-Method: GET\r\n"),
           {not_found}),
       stays_open("AnOriginThatIsNone", live("Origin: \xff\r\n"), {ok}),
       stays_open("OptionsWithABody", head(execution, "Content-Length: 3\r\n") + "abc", {{204}})});
}

}  // namespace

std::vector<abuse_case> method_cases() {
  std::vector<abuse_case> all;
  add_methods(all);
  add_heads(all);
  add_options(all);
  return all;
}

}  // namespace kernd::test::abuse
