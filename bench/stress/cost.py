"""What one request costs the daemon: CPU time, allocations."""

import os
import struct
import urllib.request
from pathlib import Path
from statistics import median

from daemon_under_test import ROOT, Daemon, finish
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


def scrapes(folder, seconds):
    """Figure 8: the page's size and time, and what scrapers cost those who do not scrape."""
    kind, page = identity(), {"name": "page", "method": "GET", "path": "/metrics",
                              "route": ("GET", "/metrics")}
    rates = {False: [], True: []}
    with Daemon(folder, all_cores=True) as daemon:
        loads = []
        for _ in range(5):
            for is_scraped in (False, True):
                scraping = daemon.start_load([page], 2, seconds, 20) if is_scraped else None
                loads.append(([kind], daemon.load([kind], 16, seconds)))
                rates[is_scraped].append(loads[-1][1]["kinds"]["identity"]["sent"])
                if scraping:
                    loads.append(([page], finish(scraping)))
        size = len(urllib.request.urlopen(daemon.url + "/metrics").read())
        scraped = [load["kinds"]["page"]["latency_us"]["p50"] for _, load in loads if "page" in load["kinds"]]
    yield ("20 scrapes per second beside `identity`, in turns with none",
           f"{size / 1000:,.0f} kB, p50 {median(scraped) / 1000:.1f} ms under load; rate "
           f"{median(rates[True]) / median(rates[False]):.1%} of that without scrapes", [])


SCENARIOS = [per_request, scrapes]
