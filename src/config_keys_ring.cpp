#include "src/config_key_rows.hpp"

namespace kernd {

using namespace key_rows;

void add_ring_keys(std::vector<config_key>& keys) {
  section_table<&config::ring> table{keys};
  table.add<&ring_config::execute_over_rest>("ring.execute_over_rest", {}, needs_restart,
                                             same(true),
                                             "Execute ring kernels by a request, on an actor that "
                                             "starts with the first.");
  table.add<&ring_config::max_actors>("ring.max_actors", integer_range{1, 1'000'000}, needs_restart,
                                      {100, 1000, 10'000, 64}, "Actors that live at a time.");
  table.add<&ring_config::memory_bytes>("ring.memory_bytes", integer_range{mib, tib}, needs_restart,
                                        {2 * gib, 8 * gib, 32 * gib, 512 * mib},
                                        "States and queues of all actors.");
  table.add<&ring_config::spin>(
      "ring.spin_us", integer_range{0, 1'000'000}, needs_restart, {20, 50, 200, 0},
      "How long a persistent actor looks for mail before it sleeps; on one "
      "core it sleeps at once.");
  table.add<&ring_config::pool_threads>(
      "ring.pool_threads", integer_range{0, 1024}, needs_restart, {0, 0, 0, 2},
      "Threads that event-driven actors share; 0 means one per core.");
  table.add<&ring_config::checksum>("ring.checksum", {}, needs_restart, {false, false, false, true},
                                    "Sum every message's payload and check it at its turn.");
  table.add<&ring_config::call_table>("ring.call_table", integer_range{1, 1 << 20}, needs_restart,
                                      {65'536, 65'536, 65'536, 1024},
                                      "Calls that wait for an answer at a time.");
  table.add<&ring_config::output_log>(
      "ring.output_log", integer_range{2, 65'536}, needs_restart, {1024, 1024, 1024, 64},
      "Messages an actor's output holds unless its launch says otherwise; a power of two is used.");
  table.add<&ring_config::dead_letters>("ring.dead_letters", integer_range{1, 10'000'000},
                                        needs_restart, {10'000, 10'000, 10'000, 100},
                                        "Undeliverable messages that are kept; the oldest make "
                                        "room.");
  table.add<&ring_config::hop_limit>("ring.hop_limit", integer_range{1, 255}, needs_restart,
                                     same(8), "How often a message may be forwarded.");
}

}  // namespace kernd
