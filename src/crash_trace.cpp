#include "kernd/crash_trace.hpp"

#include <execinfo.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kernd {

namespace {

constexpr std::size_t stack_bytes = 64 * 1024;
constexpr int most_frames = 64;
/// How long an output that takes nothing may keep a crashed process.
constexpr unsigned patience_s = 10;

struct crash_kind {
  int signal;
  std::string_view name;
};
constexpr std::array<crash_kind, 5> crashes = {{{SIGSEGV, "SIGSEGV"},
                                                {SIGBUS, "SIGBUS"},
                                                {SIGFPE, "SIGFPE"},
                                                {SIGILL, "SIGILL"},
                                                {SIGABRT, "SIGABRT"}}};

// What follows runs in a signal handler, on a thread that may hold any lock: no allocation, no
// stream, nothing but system calls.

void say(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void say_address(const void* address) noexcept {
  std::array<char, 2 * sizeof(std::uintptr_t)> digits{};
  auto rest = reinterpret_cast<std::uintptr_t>(address);
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, rest >>= 4) {
    *digit = "0123456789abcdef"[rest & 15];
  }
  say({digits.data(), digits.size()});
}

void trace(int signal, siginfo_t* info, void*) {
  ::alarm(patience_s);
  say("kernd: crashed by ");
  for (const crash_kind& kind : crashes) {
    if (kind.signal == signal) say(kind.name);
  }
  if (info->si_code > 0 && signal != SIGABRT) {  // by what it did, and not by another process
    say(" at 0x");
    say_address(info->si_addr);
  }
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  say(" on thread ");
  say(name.data());
  say("\n");
  std::array<void*, most_frames> frames{};
  const int count = backtrace(frames.data(), most_frames);
  backtrace_symbols_fd(frames.data(), count, STDERR_FILENO);
  ::raise(signal);  // by now it does what it does by default
}

}  // namespace

void trace_crashes() noexcept {
  void* frame = nullptr;
  backtrace(&frame, 1);  // the first call loads a library, which needs memory
  struct sigaction action {};
  action.sa_sigaction = trace;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (const crash_kind& kind : crashes) sigaction(kind.signal, &action, nullptr);
}

crash_stack::crash_stack() noexcept
    : memory_{
          mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)} {
  if (memory_ == MAP_FAILED) return;
  stack_t own{};
  own.ss_sp = memory_;
  own.ss_size = stack_bytes;
  sigaltstack(&own, &before_);
}

crash_stack::~crash_stack() {
  if (memory_ == MAP_FAILED) return;
  sigaltstack(&before_, nullptr);
  munmap(memory_, stack_bytes);
}

}  // namespace kernd
