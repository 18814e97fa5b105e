#include "tests/golden/golden_cases.hpp"

#include <cmath>
#include <vector>

namespace kernd {
namespace {

TEST(FftGoldenTest, IsWithinOneRoundingToF32OfSciPy) {
  const auto cases = test::golden_cases("signal_fft.json");
  ASSERT_GE(cases.size(), 45u);
  test::golden_runner fft{"signal/fft"};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.at("name"));

    const auto found = fft.execute(c.at("input"));

    double error = 0, norm = 0;
    for (const char* part : {"real", "imag"}) {
      const auto a = found.at(part).get<std::vector<double>>();
      const auto b = c.at("output").at(part).get<std::vector<double>>();
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        error += (a[i] - b[i]) * (a[i] - b[i]);
        norm += b[i] * b[i];
      }
    }
    EXPECT_LE(std::sqrt(error), 1.2e-7 * std::sqrt(norm));
  }
}

}  // namespace
}  // namespace kernd
