#include "kernels/finance/black_scholes.hpp"

#include "contract/kernel_runner.hpp"
#include "kernels/catalogue.hpp"
#include "tests/support/random_words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

namespace kernd::kernels {
namespace {

using json = nlohmann::json;

struct BlackScholesTest : ::testing::Test {
  kernel_registry registry;
  test::kernel_runner runner{[this]() -> const kernel_entry& {
    add_all(registry).value();
    return *registry.find("finance/black-scholes");
  }()};

  /// The textbook call with `changes` put over it.
  static json option(const char* changes = "{}") {
    json input = json::parse(R"({"spot":[100],"strike":[100],"rate":[0.05],"volatility":[0.2],)"
                             R"("expiry":[1],"type":["call"]})");
    input.update(json::parse(changes));
    return input;
  }
  json value(const char* changes) {
    return json::parse(runner.execute(option(changes).dump()).value());
  }
  std::string refusal(const char* changes) { return runner.refusal(option(changes).dump()); }
};

TEST_F(BlackScholesTest, GivesAsManyOptionsAsTheLongestArray) {
  EXPECT_EQ(value(R"({"strike":[90,100,110]})")["price"].size(), 3u);
  EXPECT_EQ(value(R"({"type":["call","put"]})")["rho"].size(), 2u);
  EXPECT_EQ(value(R"({"dividend_yield":[0,0.01,0.02,0.03]})")["theta"].size(), 4u);
  EXPECT_EQ(value("{}")["gamma"].size(), 1u);
}

TEST_F(BlackScholesTest, AcceptsNoOptions) {
  EXPECT_EQ(runner.execute(option(R"({"spot":[]})").dump()).value(),
            R"({"price":[],"delta":[],"gamma":[],"vega":[],"theta":[],"rho":[]})");
}

TEST_F(BlackScholesTest, TakesNoDividendForAnAbsentYield) {
  EXPECT_EQ(value(R"({"dividend_yield":[0]})"), value("{}"));
}

TEST_F(BlackScholesTest, PaysOffAtExpiry) {
  const json out = value(R"({"expiry":[0],"strike":[90,100,110],"type":["call"]})");
  EXPECT_EQ(out["price"], json::parse("[10,0,0]"));
  EXPECT_EQ(out["delta"], json::parse("[1,0.5,0]"));
  EXPECT_EQ(out["gamma"], json::parse("[0,0,0]"));
  EXPECT_EQ(out["vega"], json::parse("[0,0,0]"));
  EXPECT_EQ(out["rho"], json::parse("[0,0,0]"));
}

TEST_F(BlackScholesTest, DiscountsTheForwardPayoffWithoutVolatility) {
  const json out = value(R"({"volatility":[0],"rate":[0],"strike":[90,100,110],"type":["put"]})");
  EXPECT_EQ(out["price"], json::parse("[0,0,10]"));
  EXPECT_EQ(out["delta"], json::parse("[-0.0,-0.5,-1]"));
  EXPECT_EQ(out["gamma"], json::parse("[0,0,0]"));
  EXPECT_NEAR(out["vega"][1].get<double>(), 39.894228, 1e-5)
      << "the limit at the money is S √T / √(2π)";
}

TEST_F(BlackScholesTest, ApproachesItsLimits) {
  for (const char* strike : {R"([90])", R"([110])"}) {
    json limit = option(R"({"volatility":[0],"type":["call","put"]})");
    limit["strike"] = json::parse(strike);
    json close = limit;
    close["volatility"] = json::parse("[1e-7]");
    EXPECT_EQ(runner.execute(limit.dump()).value(), runner.execute(close.dump()).value());
  }
}

TEST_F(BlackScholesTest, TakesAnUnderlyingOrAStrikeOfNothing) {
  const json worthless = value(R"({"spot":[0],"rate":[0],"type":["call","put"]})");
  EXPECT_EQ(worthless["price"], json::parse("[0,100]"));
  EXPECT_EQ(worthless["gamma"], json::parse("[0,0]"));
  const json free = value(R"({"strike":[0],"type":["call","put"]})");
  EXPECT_EQ(free["price"], json::parse("[100,0]"));
  EXPECT_EQ(free["delta"].at(0), 1);
}

TEST_F(BlackScholesTest, ReportsWhatIsBeyondF32) {
  const auto output = runner.execute(option(R"({"rate":[-10],"expiry":[1000]})").dump());

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, errc::non_finite_output);
}

TEST_F(BlackScholesTest, RefusesArraysThatDoNotMatch) {
  EXPECT_EQ(refusal(R"({"spot":[1,2],"strike":[1,2,3]})"),
            "/input/strike: 1 element or 2 expected, found 3");
  EXPECT_EQ(refusal(R"({"spot":[],"strike":[1,2]})"),
            "/input/strike: 1 element or 0 expected, found 2");
  EXPECT_EQ(refusal(R"({"dividend_yield":[0,0],"type":["put","put","put"]})"),
            "/input/dividend_yield: 1 element or 3 expected, found 2");
  EXPECT_EQ(refusal(R"({"spot":[1,2],"rate":[0,0,0]})"),
            "/input/rate: 1 element or 2 expected, found 3");
  EXPECT_EQ(refusal(R"({"spot":[1,2],"dividend_yield":[]})"),
            "/input/dividend_yield: 1 element or 2 expected, found 0");
  EXPECT_EQ(refusal(R"({"spot":[1,2],"volatility":[1,1,1]})"),
            "/input/volatility: 1 element or 2 expected, found 3");
  EXPECT_EQ(refusal(R"({"spot":[1,2],"expiry":[]})"),
            "/input/expiry: 1 element or 2 expected, found 0");
  EXPECT_EQ(refusal(R"({"spot":[1,2],"type":["put","put","put"]})"),
            "/input/type: 1 element or 2 expected, found 3");
}

TEST_F(BlackScholesTest, RefusesNumbersOutOfRange) {
  EXPECT_EQ(refusal(R"({"spot":[-1]})"), "/input/spot/0: number ≥ 0 expected, found -1");
  EXPECT_EQ(refusal(R"({"strike":[1,-2]})"), "/input/strike/1: number ≥ 0 expected, found -2");
  EXPECT_TRUE(refusal(R"({"rate":[11]})").starts_with("/input/rate/0: "));
  EXPECT_TRUE(refusal(R"({"rate":[-11]})").starts_with("/input/rate/0: "));
  EXPECT_TRUE(refusal(R"({"dividend_yield":[11]})").starts_with("/input/dividend_yield/0: "));
  EXPECT_TRUE(refusal(R"({"volatility":[-0.1]})").starts_with("/input/volatility/0: "));
  EXPECT_TRUE(refusal(R"({"volatility":[101]})").starts_with("/input/volatility/0: "));
  EXPECT_TRUE(refusal(R"({"expiry":[-0.5]})").starts_with("/input/expiry/0: "));
  EXPECT_TRUE(refusal(R"({"expiry":[1001]})").starts_with("/input/expiry/0: "));
  EXPECT_TRUE(refusal(R"({"type":["call","straddle"]})").starts_with("/input/type/1: "));
}

struct BlackScholesRunTest : ::testing::Test {
  static constexpr std::size_t count = 20011;  // several ranges, and a last block that is not full
  test::random_words words;
  arena memory{std::size_t{1} << 26};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};

  black_scholes::input random(option_type type) {
    std::mt19937_64 draws = words;  // the same on every call
    const auto draw = [&](float low, float high) {
      auto values = context.allocate<float>(count);
      std::uniform_real_distribution<float> between{low, high};
      for (float& v : values) v = between(draws);
      return values;
    };
    black_scholes::input in{draw(20, 180),
                            draw(20, 180),
                            draw(-0.02F, 0.1F),
                            draw(0, 0.05F),
                            draw(0, 1),
                            draw(0.0F, 4.0F),
                            context.allocate<option_type>(1)};
    in.type[0] = type;
    return in;
  }
};

TEST_F(BlackScholesRunTest, KeepsThePutCallParity) {
  const auto in = random(option_type::call);

  const auto call = black_scholes::run(in, context).value();
  const auto put = black_scholes::run(random(option_type::put), context).value();

  for (std::size_t i = 0; i < count; ++i) {
    const double growth = std::exp(-double{(*in.dividend_yield)[i]} * double{in.expiry[i]});
    const double forward = double{in.spot[i]} * growth;
    const double owed = double{in.strike[i]} * std::exp(-double{in.rate[i]} * double{in.expiry[i]});
    const double unit = 1.2e-7 * std::max(call.price[i], put.price[i]) + 1e-9;
    ASSERT_NEAR(double{call.price[i]} - double{put.price[i]}, forward - owed, unit) << i;
    ASSERT_NEAR(double{call.delta[i]} - double{put.delta[i]}, growth, 2e-7) << i;
    ASSERT_EQ(call.gamma[i], put.gamma[i]) << i;
    ASSERT_EQ(call.vega[i], put.vega[i]) << i;
  }
}

TEST_F(BlackScholesRunTest, IsTheSameForEachOptionAlone) {
  const auto in = random(option_type::put);
  const auto all = black_scholes::run(in, context).value();

  for (std::size_t i = 0; i < count; i += 97) {
    const auto one = [&](const array<float>& from) { return array<float>{&from[i], 1}; };
    const black_scholes::input single{
        one(in.spot),       one(in.strike), one(in.rate), one(*in.dividend_yield),
        one(in.volatility), one(in.expiry), in.type};
    const auto alone = black_scholes::run(single, context).value();
    ASSERT_EQ(std::memcmp(alone.price.data, &all.price[i], sizeof(float)), 0) << i;
    ASSERT_EQ(std::memcmp(alone.theta.data, &all.theta[i], sizeof(float)), 0) << i;
  }
}

TEST_F(BlackScholesRunTest, ComputesNothingOnceItIsStopped) {
  const auto in = random(option_type::call);
  stop = true;

  EXPECT_TRUE(black_scholes::run(in, context));
}

}  // namespace
}  // namespace kernd::kernels
