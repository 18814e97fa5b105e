// Memory that runs out on the thread that reads what the system says of the process.

#include "kernd/process_metrics.hpp"
#include "tests/faults/allocation_fault.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace kernd {
namespace {

TEST(ProcessAllocationTest, AReadingThatFindsNoMemoryIsLeftOut) {
  std::optional<process_metrics> figures{std::in_place};
  {
    const test::allocation_fault fault{"kernd-process", 0,
                                       test::allocation_fault::extent::from_then_on};
    while (!fault.struck()) std::this_thread::yield();
    figures.reset();  // joins the thread, which has gone on
    EXPECT_TRUE(fault.struck());
  }

  EXPECT_NO_THROW(process_metrics{}.refresh());
}

}  // namespace
}  // namespace kernd
