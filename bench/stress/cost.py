"""What one request costs the daemon: CPU time, allocations."""

import os
import struct
from pathlib import Path

from daemon_under_test import ROOT, Daemon
from kinds import identity, live

COUNTER = ROOT / "build/bench/libkernd_allocations.so"


def allocations(folder, kind, connections):
    """Per request, in a closed loop that is long enough for what a connection allocates once."""
    file = Path(folder) / "allocations"
    environment = {**os.environ, "LD_PRELOAD": str(COUNTER), "KERND_ALLOCATIONS": str(file)}

    def counted():
        return struct.unpack("Q", file.read_bytes())[0]

    with Daemon(folder, environment=environment) as daemon:
        daemon.load([kind], connections, 0.5)
        before = counted()
        result = daemon.load([kind], connections, 1)
        made = counted() - before
    return made / result["kinds"][kind["name"]]["sent"]


def per_request(folder, seconds):
    """Figure 5, and the issue of the hot path."""
    for kind, connections in ((live(), 64), (identity(), 64), (identity(262_144, "identity 262 144"), 1)):
        with Daemon(folder) as daemon:
            daemon.load([kind], connections, 0.5)
            before = daemon.cpu_seconds()
            result = daemon.load([kind], connections, seconds)
            used = daemon.cpu_seconds() - before
        sent = result["kinds"][kind["name"]]["sent"]
        yield (f"cost of `{kind['name']}`, {connections} connections",
               f"{used / sent * 1e6:,.2f} CPU-µs and {allocations(folder, kind, connections):.1f} "
               f"allocations per request; {sent / seconds:,.0f} req/s of one core", [])


SCENARIOS = [per_request]
