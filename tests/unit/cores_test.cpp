#include "kernd/cores.hpp"

#include <gtest/gtest.h>
#include <sched.h>

namespace kernd {
namespace {

TEST(CoresTest, CountsOnlyCoresThatTheProcessMayUse) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);

  EXPECT_EQ(usable_cores(), 1u);

  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(usable_cores(), static_cast<unsigned>(CPU_COUNT(&before)));
}

}  // namespace
}  // namespace kernd
