#include "kernd/crash_trace.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <stdexcept>
#include <thread>

namespace kernd {
namespace {

using ::testing::KilledBySignal;

/// Each crashes a process of its own, which starts from `main` again.
struct CrashTraceTest : ::testing::Test {
  CrashTraceTest() { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }

  template <class F>
  static void on_a_thread(F crash) {
    trace_crashes();
    std::thread{[crash] {
      const crash_stack room;
      pthread_setname_np(pthread_self(), "test-crashing");
      crash();
    }}.join();
  }
};

/// Calls itself as long as `go_on` says, which is for ever.
[[gnu::noinline]] int descend(const volatile bool& go_on) {
  std::array<volatile int, 1024> room{};
  room[0] = 1;
  return go_on ? descend(go_on) + room[0] : 0;
}

TEST_F(CrashTraceTest, NamesTheSignalAndTheThread) {
  EXPECT_EXIT(on_a_thread([] { raise(SIGSEGV); }), KilledBySignal(SIGSEGV),
              "crashed by SIGSEGV on thread test-crashing\n");
}

TEST_F(CrashTraceTest, ShowsTheStack) {
  EXPECT_EXIT(on_a_thread([] { raise(SIGFPE); }), KilledBySignal(SIGFPE),
              "SIGFPE on thread test-crashing\n(.*\\[0x[0-9a-f]+\\]\n){4}");
}

TEST_F(CrashTraceTest, TracesAnExceptionThatNobodyCatches) {
  EXPECT_EXIT(on_a_thread([] { throw std::runtime_error{"the reason"}; }), KilledBySignal(SIGABRT),
              "the reason(.|\n)*crashed by SIGABRT on thread test-crashing\n(.*\\[0x)");
}

TEST_F(CrashTraceTest, TracesAThreadThatUsedUpItsStack) {
  EXPECT_EXIT(on_a_thread([] {
                const volatile bool go_on = true;
                descend(go_on);
              }),
              KilledBySignal(SIGSEGV),
              "crashed by SIGSEGV at 0x[0-9a-f]+ on thread test-crashing\n");
}

TEST_F(CrashTraceTest, AThreadGivesItsStackBack) {
  stack_t before{};
  sigaltstack(nullptr, &before);

  { const crash_stack room; }

  stack_t after{};
  sigaltstack(nullptr, &after);
  EXPECT_EQ(after.ss_sp, before.ss_sp);
  EXPECT_EQ(after.ss_flags, before.ss_flags);
}

}  // namespace
}  // namespace kernd
