"""Latency below the limit, goodput beyond it, probes and other kernels meanwhile."""

from daemon_under_test import Daemon, finish, free_port
from kinds import fast, fft, identity, live, slow

ITERATIONS = 10_000  # about 2 ms of a core


def quantiles(told, *names):
    return " / ".join(f"{told['latency_us'][name] / 1000:.2f}" for name in names)


def closed_loops(folder, seconds):
    """Figure 1: rates and latencies by number of connections."""
    for kind in (live(), identity(), fft()):
        for connections in (1, 16, 64, 256):
            with Daemon(folder) as daemon:
                result = daemon.load([kind], connections, seconds)
                wrong = daemon.mismatches([([kind], result)])
            told = result["kinds"][kind["name"]]
            yield (f"closed loop, `{kind['name']}`, {connections} connections",
                   f"{told['sent'] / result['seconds']:,.0f} req/s; p50 / p99 / p99.9 "
                   f"{quantiles(told, 'p50', 'p99', 'p999')} ms", wrong)


def open_loops(folder, seconds):
    """Figure 2: latency from the moment a request was due, below the limit."""
    kind = identity()
    with Daemon(folder) as daemon:
        most = daemon.load([kind], 64, seconds)["kinds"]["identity"]["sent"] / seconds
    for share in (0.5, 0.7, 0.9):
        with Daemon(folder) as daemon:
            result = daemon.load([kind], 64, seconds, most * share)
            wrong = daemon.mismatches([([kind], result)])
        told = result["kinds"]["identity"]
        yield (f"open loop, `identity`, {share:.0%} of {most:,.0f} req/s",
               f"p50 / p99 / p99.9 {quantiles(told, 'p50', 'p99', 'p999')} ms", wrong)


def goodput(folder, seconds):
    """Figures 15 to 17: a kernel of 2 ms, one worker; the probe port asked once in 10 ms."""
    kind, probe = slow(ITERATIONS), live(route=("GET", "/health/live", "probe"))
    with Daemon(folder, executor__kernel_queue_depth=32) as daemon:
        result = daemon.load([kind], 8, seconds)
    capacity = result["kinds"]["slow"]["answers"]["200"] / result["seconds"]
    for times in (1, 2, 5, 10):
        with Daemon(folder, executor__kernel_queue_depth=32,
                    server__probe_port=free_port()) as daemon:
            probing = daemon.start_load([probe], 4, seconds, 100, daemon.probe_port)
            result = daemon.load([kind], 256, seconds, capacity * times)
            probed = finish(probing)
            wrong = daemon.mismatches([([kind], result), ([probe], probed)])
        told, probes = result["kinds"]["slow"], probed["kinds"]["live"]
        good = told["answers"].get("200", 0) / result["seconds"]
        refused = told["answers"].get("429 QUEUE_FULL", 0)
        yield (f"{times} × capacity ({capacity:,.0f} jobs/s of 2 ms, queue of 32)",
               f"goodput {good / capacity:.0%} of capacity, {refused:,} × 429, p99 of accepted "
               f"{quantiles(told, 'p99')} ms; probes p99 / max {quantiles(probes, 'p99', 'max')} ms",
               wrong)


def beside_a_slow_kernel(folder, seconds):
    """A kernel of 20 ms asked for five times too often, and a fast one beside it."""
    kinds = [slow(10 * ITERATIONS), fast()]
    with Daemon(folder) as daemon:
        flood = daemon.start_load(kinds[:1], 512, seconds, 250)
        result = daemon.load(kinds[1:], 16, seconds, 50)
        flooded = finish(flood)
        wrong = daemon.mismatches([(kinds[:1], flooded), (kinds[1:], result)])
    told = result["kinds"]["fast"]
    yield ("a fast kernel while a slow one (20 ms) is asked for at 5 × capacity",
           f"{told['answers'].get('200', 0)} of {told['sent']} answered; p50 / p99 / max "
           f"{quantiles(told, 'p50', 'p99', 'max')} ms", wrong)


SCENARIOS = [closed_loops, open_loops, goodput, beside_a_slow_kernel]
