#include "server/http/router.hpp"

#include <gtest/gtest.h>

namespace kernd::http {
namespace {

struct RouterTest : ::testing::Test {
  router routes;
  request req;

  void add(method verb, std::string pattern, std::string label = {}) {
    routes.add(
        {verb, std::move(pattern), handler{[](request&) { return response{}; }}, std::move(label)});
  }
  result<route_match> match(method verb, std::string_view target) {
    req.reset();
    req.verb = verb;
    req.target = target;
    return routes.match(req);
  }
  std::string matched(method verb, std::string_view target) {
    const auto found = match(verb, target);
    return found && found->matched != nullptr ? found->matched->pattern : "none";
  }
};

TEST_F(RouterTest, FindsALiteralPath) {
  add(method::get, "/health/live");

  EXPECT_EQ(matched(method::get, "/health/live"), "/health/live");
  EXPECT_EQ(req.path, "/health/live");
}

TEST_F(RouterTest, FindsTheRoot) {
  add(method::get, "/");

  EXPECT_EQ(matched(method::get, "/"), "/");
  EXPECT_EQ(matched(method::get, "http://host"), "/");
}

TEST_F(RouterTest, DecodesTheQueryInOrder) {
  add(method::get, "/health");

  ASSERT_EQ(matched(method::get, "/health?verbose&b=1%202&b=x+y&c="), "/health");

  const std::vector<std::pair<std::string, std::string>> expected{
      {"verbose", ""}, {"b", "1 2"}, {"b", "x y"}, {"c", ""}};
  EXPECT_EQ(req.query, expected);
  EXPECT_EQ(req.query_param("b"), "1 2");
  EXPECT_FALSE(req.query_param("d"));
}

TEST_F(RouterTest, ReadsAQueryNoFurtherThanItsTarget) {
  add(method::get, "/health");
  const std::string head = "/health?limit=2 HTTP/1.1\r\n";

  EXPECT_EQ(matched(method::get, std::string_view{head}.substr(0, 15)), "/health");
  EXPECT_EQ(req.query_param("limit"), "2");
}

TEST_F(RouterTest, TakesOneSegmentPerParameter) {
  add(method::get, "/kernels/{domain}/{name}");

  EXPECT_EQ(matched(method::get, "/kernels/core/axpy"), "/kernels/{domain}/{name}");
  EXPECT_EQ(req.path_param("domain"), "core");
  EXPECT_EQ(req.path_param("name"), "axpy");
  EXPECT_EQ(matched(method::get, "/kernels/core"), "none");
  EXPECT_EQ(matched(method::get, "/kernels/core/axpy/more"), "none");
}

TEST_F(RouterTest, KeepsAnEscapedSlashInsideItsSegment) {
  add(method::get, "/kernels/{id}");

  EXPECT_EQ(matched(method::get, "/kernels/core%2Faxpy"), "/kernels/{id}");
  EXPECT_EQ(req.path_param("id"), "core/axpy");
}

TEST_F(RouterTest, DoesNotTakeAnEscapedSlashForASeparator) {
  add(method::get, "/health/live");

  EXPECT_EQ(matched(method::get, "/health%2Flive"), "none");
}

TEST_F(RouterTest, FindsALiteralPathThatIsEscapedNeedlessly) {
  add(method::get, "/health/live");

  EXPECT_EQ(matched(method::get, "/%68ealth/live"), "/health/live");
}

TEST_F(RouterTest, TakesNoEmptySegmentForAParameter) {
  add(method::get, "/kernels/{id}");

  EXPECT_EQ(matched(method::get, "/kernels/"), "none");
}

TEST_F(RouterTest, ResolvesNoDots) {
  add(method::get, "/health");
  add(method::get, "/kernels/{domain}/{name}");

  EXPECT_EQ(matched(method::get, "/./health"), "none");
  EXPECT_EQ(matched(method::get, "/.//health"), "none");
  EXPECT_EQ(matched(method::get, "/a/../health"), "none");
  EXPECT_EQ(matched(method::get, "/kernels/./%2e."), "/kernels/{domain}/{name}");
  EXPECT_EQ(req.path_param("domain"), ".");
  EXPECT_EQ(req.path_param("name"), "..");
}

TEST_F(RouterTest, TellsATrailingSlashApart) {
  add(method::get, "/health");

  EXPECT_EQ(matched(method::get, "/health/"), "none");
}

TEST_F(RouterTest, PrefersLiteralSegments) {
  add(method::get, "/a/{x}/{y}");
  add(method::get, "/a/{x}/run");
  add(method::get, "/a/b/{y}");
  add(method::get, "/a/b/run");

  EXPECT_EQ(matched(method::get, "/a/b/run"), "/a/b/run");
  EXPECT_EQ(matched(method::get, "/a/b/z"), "/a/b/{y}");
  EXPECT_EQ(matched(method::get, "/a/c/run"), "/a/{x}/run");
  EXPECT_EQ(matched(method::get, "/a/c/z"), "/a/{x}/{y}");
}

TEST_F(RouterTest, PassesNoMethodOnToALessSpecificPattern) {
  add(method::post, "/kernels/{id}/execute");
  add(method::get, "/kernels/{domain}/{name}");

  const auto found = match(method::get, "/kernels/x/execute");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->matched, nullptr);
  EXPECT_EQ(found->allow, "POST, OPTIONS");
  EXPECT_EQ(matched(method::post, "/kernels/x/execute"), "/kernels/{id}/execute");
}

TEST_F(RouterTest, TakesPatternsThatAreEquallySpecificTogether) {
  add(method::post, "/a/{x}/run");
  add(method::get, "/a/{y}/run");
  add(method::put, "/a/{x}/{y}");

  EXPECT_EQ(matched(method::post, "/a/1/run"), "/a/{x}/run");
  EXPECT_EQ(matched(method::get, "/a/1/run"), "/a/{y}/run");
  EXPECT_EQ(match(method::put, "/a/1/run")->allow, "GET, HEAD, POST, OPTIONS");
}

TEST_F(RouterTest, MatchesHeadToGet) {
  add(method::get, "/health");

  EXPECT_EQ(matched(method::head, "/health"), "/health");
}

TEST_F(RouterTest, NamesTheMethodsOfAKnownPath) {
  add(method::get, "/kernels/{id}");
  add(method::delete_, "/kernels/{id}");

  const auto found = match(method::put, "/kernels/x");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->matched, nullptr);
  EXPECT_TRUE(found->path_known);
  EXPECT_EQ(found->allow, "GET, HEAD, DELETE, OPTIONS");
}

TEST_F(RouterTest, AllowsNothingOnAnUnknownPath) {
  add(method::get, "/health");

  const auto found = match(method::get, "/helth");

  ASSERT_TRUE(found);
  EXPECT_FALSE(found->path_known);
  EXPECT_TRUE(found->allow.empty());
}

TEST_F(RouterTest, KnowsThePathThatAnUnknownMethodAskedFor) {
  add(method::get, "/health");

  const auto found = match(method::other, "/health");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->allow, "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, AnswersOptionsForTheWholeServer) {
  add(method::get, "/a");
  add(method::post, "/b");

  const auto found = match(method::options, "*");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->allow, "GET, HEAD, POST, OPTIONS");
}

TEST_F(RouterTest, AcceptsTheAbsoluteForm) {
  add(method::get, "/health");

  EXPECT_EQ(matched(method::get, "http://example.com:8080/health?x=1"), "/health");
  EXPECT_EQ(req.query_param("x"), "1");
}

TEST_F(RouterTest, LabelsARouteWithItsPatternUnlessTold) {
  add(method::get, "/a/{b}");
  add(method::get, "/a/{b}/{c}", "/a/{id}");

  EXPECT_EQ(routes.routes()[0].label, "/a/{b}");
  EXPECT_EQ(routes.routes()[1].label, "/a/{id}");
}

class RouterRefusesTest : public RouterTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(RouterRefusesTest, Target) {
  add(method::get, "/health");

  const auto found = match(method::get, GetParam());

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::bad_request);
}

INSTANTIATE_TEST_SUITE_P(Bad, RouterRefusesTest,
                         ::testing::Values("*", "health", "/%zz", "/%4", "/a%00b", "/a%0ab",
                                           "/a%7f", "/health?%zz", "/health?a=%00", "/other?a=%01",
                                           "/a\\b", "/\xc3\xa9", "ftp://host/health", "host:443",
                                           "http:health", "http:/health", "http:///health",
                                           "http://host/health#part", "/health#part"));

}  // namespace
}  // namespace kernd::http
