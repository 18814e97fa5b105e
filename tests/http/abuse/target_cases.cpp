#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

const answer nothing_there{404, "NOT_FOUND"};
const answer no_kernel{404, "KERNEL_NOT_FOUND"};
const answer bad_parameter{400, "INVALID_REQUEST"};

std::string get(std::string_view target) {
  return head("GET " + std::string{target});
}

void add_forms(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {stays_open("AbsoluteForm", get("http://test/health/live"), {ok}),
       // RFC 9112, 3.2.2: the target's host counts, not the field's.
       stays_open("AbsoluteFormOfAnotherHost", get("http://other:81/health/live"), {ok}),
       stays_open("AbsoluteFormInCapitals", get("HTTP://TEST/health/live"), {ok}),
       stays_open("AbsoluteFormWithoutPath", get("http://test"), {nothing_there}),
       closes("AbsoluteFormOfAnotherScheme", get("ftp://test/health/live"), {bad_request}),
       closes("AbsoluteFormOfAFile", get("file:///etc/passwd"), {bad_request}),
       closes("AbsoluteFormWithoutHost", get("http:///health/live"), {bad_request}),
       closes("AbsoluteFormWithAPortButNoHost", get("http://:80/health/live"), {bad_request}),
       closes("AbsoluteFormWithoutAuthority", get("http:/health/live"), {bad_request}),
       closes("AbsoluteFormWithoutASlash", get("http:health/live"), {bad_request}),
       // RFC 9110, 4.2.4: user names hide where a link leads.
       closes("AbsoluteFormWithAUser", get("http://user@test/health/live"), {bad_request}),
       closes("AbsoluteFormWithABadPort", get("http://test:8x/health/live"), {bad_request}),
       closes("AuthorityForm", get("test:80"), {bad_request}),
       closes("AuthorityFormToConnect", head("CONNECT test:443"), {bad_request}),
       closes("AsteriskFormOfGet", get("*"), {bad_request}),
       stays_open("AsteriskFormOfOptions", head("OPTIONS *"), {{204}}),
       closes("AsteriskWithMore", head("OPTIONS *x"), {bad_request}),
       closes("APathWithoutASlash", get("health/live"), {bad_request}),
       closes("AFragment", get("/health/live#part"), {bad_request}),
       closes("ABackslash", get("\\health\\live"), {bad_request})});
}

void add_paths(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {stays_open("AnUnknownPath", get("/nowhere"), {nothing_there}),
       stays_open("TheRoot", get("/"), {nothing_there}),
       stays_open("APathInCapitals", get("/HEALTH/LIVE"), {nothing_there}),
       stays_open("ASlashAtTheEnd", get("/health/live/"), {nothing_there}),
       stays_open("TwoSlashesAtTheStart", get("//health/live"), {nothing_there}),
       stays_open("TwoSlashesInside", get("/health//live"), {nothing_there}),
       stays_open("ParametersOfASegment", get("/health/live;v=1"), {nothing_there}),
       // Dots are names like others: nothing is ever looked up in a file system.
       stays_open("TwoDotsOutOfTheRoot", get("/../../etc/passwd"), {nothing_there}),
       stays_open("TwoDotsInside", get("/health/../metrics"), {nothing_there}),
       stays_open("OneDot", get("/health/./live"), {nothing_there}),
       stays_open("TwoEscapedDots", get("/health/%2e%2e/metrics"), {nothing_there}),
       stays_open("DotsInAnEscapedId", get("/api/v1/kernels/..%2F..%2Fetc%2Fpasswd"), {no_kernel}),
       stays_open("OtherLettersEscaped", get("/health/%6Cive"), {ok}),
       stays_open("ALetterEscapedTwice", get("/health/%256Cive"), {nothing_there}),
       stays_open("DotsEscapedTwice", get("/health/%252e%252e/metrics"), {nothing_there}),
       stays_open("AnEscapedSlashIsNone", get("/health%2Flive"), {nothing_there}),
       stays_open("AnIdWithAnEscapedSlash", get("/api/v1/kernels/core%2Faxpy"), {ok}),
       stays_open("OverlongDots", get("/%c0%ae%c0%ae/etc/passwd"), {nothing_there}),
       stays_open("AnOverlongSlash", get("/health%c0%aflive"), {nothing_there}),
       stays_open("EscapedBytesThatAreNoText", get("/api/v1/kernels/core/%ff%fe"), {no_kernel}),
       closes("BytesBeyondAscii", get("/health/\xc3\xa9"), {bad_request}),
       closes("ABadEscape", get("/health/%zz"), {bad_request}),
       closes("AnEscapeThatIsCutOff", get("/health/live%"), {bad_request}),
       closes("AnEscapeThatLacksADigit", get("/health/live%2"), {bad_request}),
       closes("AnEscapeAsScriptsWriteIt", get("/health/%u0041"), {bad_request}),
       closes("AnEscapedZero", get("/health/live%00"), {bad_request}),
       closes("AnEscapedLineEnd", get("/health/live%0d%0aX:%20y"), {bad_request}),
       closes("AnEscapedDelete", get("/health/%7F"), {bad_request}),
       closes("AZeroByte", get(std::string_view{"/health/live\0", 13}), {bad_request}),
       closes("AControlByte", get("/health/\x01live"), {bad_request}),
       closes("ADeleteByte", get("/health/live\x7f"), {bad_request}),
       closes("AQuotationMark", get("/health/\"live\""), {bad_request}),
       closes("ABrace", get("/health/{live}"), {bad_request}),
       stays_open("ManySegments", get(repeat("/a", 1000)), {nothing_there})});
}

void add_kernel_paths(std::vector<abuse_case>& all) {
  const std::string kernels = "/api/v1/kernels";
  all.insert(
      all.end(),
      {stays_open("AnUnknownVersionOfTheApi", get("/api/v2/kernels"), {nothing_there}),
       stays_open("AnUnknownKernel", get(kernels + "/core/nothing"), {no_kernel}),
       stays_open("AKernelInCapitals", get(kernels + "/CORE/AXPY"), {no_kernel}),
       stays_open("AKernelWithoutName", get(kernels + "/core/"), {nothing_there}),
       stays_open("AKernelWithoutDomain", get(kernels + "//axpy"), {nothing_there}),
       stays_open("AKernelWithOneWord", get(kernels + "/axpy"), {no_kernel}),
       stays_open("AKernelWithThreeWords", get(kernels + "/core/axpy/more"), {nothing_there}),
       stays_open("AKernelWithTwoEscapedSlashes", get(kernels + "/core%2F%2Faxpy"), {no_kernel}),
       stays_open("AKernelWithASpace", get(kernels + "/core/axpy%20"), {no_kernel}),
       stays_open("AKernelWithMarkup", get(kernels + "/core/%3Cscript%3E"), {no_kernel}),
       stays_open("AKernelWithAVeryLongName", get(kernels + "/core/" + repeat("a", 5000)),
                  {no_kernel})});
}

void add_queries(std::vector<abuse_case>& all) {
  const std::string list = "/api/v1/kernels?";
  all.insert(all.end(),
             {stays_open("AnEmptyQuery", get("/health/live?"), {ok}),
              stays_open("AQueryOfSeparators", get("/health/live?&&=&;"), {ok}),
              stays_open("ALimitOfZero", get(list + "limit=0"), {bad_parameter}),
              stays_open("ALimitThatIsTooLarge", get(list + "limit=1001"), {bad_parameter}),
              stays_open("ALimitBelowZero", get(list + "limit=-1"), {bad_parameter}),
              stays_open("ALimitThatIsNoNumber", get(list + "limit=ten"), {bad_parameter}),
              stays_open("ALimitBeyondEveryInteger", get(list + "limit=99999999999999999999"),
                         {bad_parameter}),
              stays_open("ALimitWithoutValue", get(list + "limit"), {bad_parameter}),
              stays_open("AnUnknownMode", get(list + "mode=both"), {bad_parameter}),
              stays_open("AnUnknownBackend", get(list + "backend=tpu"), {bad_parameter}),
              stays_open("AnUnknownModeOfOneKernel", get("/api/v1/kernels/core/axpy?mode=%ff"),
                         {bad_parameter}),
              stays_open("ATextThatIsNowhere", get(list + "q=%ff%fe"), {ok}),
              closes("ABadEscapeInTheQuery", get("/health/live?a=%zz"), {bad_request}),
              closes("AZeroInTheQuery", get("/health/live?a=%00"), {bad_request}),
              closes("ALineEndInTheQuery", get("/health/live?a=%0D%0A"), {bad_request})});
}

}  // namespace

std::vector<abuse_case> target_cases() {
  std::vector<abuse_case> all;
  add_forms(all);
  add_paths(all);
  add_kernel_paths(all);
  add_queries(all);
  return all;
}

}  // namespace kernd::test::abuse
