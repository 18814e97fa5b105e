#pragma once

#include <string>

namespace kernd {

/// Names the calling thread and lets it run beside those that send to it: the kernel does not stop
/// a sender on this core because its message has woken this thread (SCHED_BATCH), so messages that
/// come together are handled together.
void become_ring_thread(const std::string& name) noexcept;

}  // namespace kernd
