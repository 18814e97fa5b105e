"""Compares what clients saw with what the daemon's metrics say: both must tell the same story."""

import re
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

SAMPLE = re.compile(r'^(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$', re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')


def scrape(url):
    """Every sample of the page, by name and labels."""
    with urllib.request.urlopen(url + "/metrics", timeout=30) as answer:
        page = answer.read().decode()
    return {(m["name"], frozenset(LABEL.findall(m["labels"] or ""))): float(m["value"])
            for m in SAMPLE.finditer(page)}


def total(samples, name, **labels):
    """The sum over all series of `name` that have these labels."""
    wanted = set(labels.items())
    return sum(value for (found, has), value in samples.items() if found == name and wanted <= has)


def settled(url, seconds=60):
    """A page on which nothing is in flight but the request that asks for it."""
    end = time.monotonic() + seconds
    while True:
        samples = scrape(url)
        if total(samples, "kernd_http_requests_in_flight") <= 1 \
                and total(samples, "kernd_executor_running") == 0 \
                and total(samples, "kernd_executor_queue_depth") == 0:
            return samples
        if time.monotonic() > end:
            raise TimeoutError(f"the daemon is still busy after {seconds} s")


@dataclass
class Seen:
    """What clients saw on one route: answers by status and problem code, as in `429 QUEUE_FULL`."""

    answers: Counter = field(default_factory=Counter)
    hung_up: int = 0  # by the client, before an answer came

    @property
    def statuses(self):
        by_status = Counter()
        for answer, count in self.answers.items():
            by_status[answer[:3]] += count
        return by_status


def _routes(seen, before, after, wrong):
    for (method, route, *port), saw in seen.items():
        family = f"kernd_{port[0] if port else 'http'}_requests_total"
        labels = {"method": method, "route": route}
        told = Counter()
        for (name, has), value in after.items():
            if name == family and set(labels.items()) <= has:
                told[dict(has)["code"]] += int(value - before.get((name, has), 0))
        sent = sum(saw.answers.values()) + saw.hung_up
        if sum(told.values()) != sent:
            wrong.append(f"{method} {route}: {sent} sent, {sum(told.values())} counted")
        if told["499"] > saw.hung_up:
            wrong.append(f"{method} {route}: {saw.hung_up} hung up, {told['499']} counted as 499")
        # An answer may be on its way when its client hangs up: then it counts as what it was.
        spare = saw.hung_up - told.pop("499", 0)
        for status in sorted(set(told) | set(saw.statuses)):
            extra = told[status] - saw.statuses[status]
            if extra < 0 or extra > spare:
                wrong.append(f"{method} {route}: {saw.statuses[status]} saw {status}, "
                             f"{told[status]} counted")
            spare -= max(extra, 0)


def _codes(seen, delta, wrong):
    hung_up = sum(saw.hung_up for saw in seen.values())
    codes = Counter()
    for saw in seen.values():
        for answer, count in saw.answers.items():
            if " " in answer:
                codes[answer.split(" ", 1)[1]] += count
    for code, count in sorted(codes.items()):
        told = delta("kernd_http_problems_total", code=code)
        if not count <= told <= count + hung_up:
            wrong.append(f"{count} saw {code}, {told:.0f} counted")


def _jobs(seen, delta, wrong):
    """Only the execute route reaches the executor."""
    execute = [saw for (_, route, *_), saw in seen.items() if route.endswith("/execute")]
    hung_up = sum(saw.hung_up for saw in execute)

    def saw(answer):
        return sum(each.answers[answer] for each in execute)

    outcomes = {
        "success": saw("200"),
        "timeout": saw("504 EXECUTION_TIMEOUT"),
        "rejected": saw("429 QUEUE_FULL") + saw("503 SERVICE_UNAVAILABLE"),
        "cancelled": 0,
    }
    for outcome, count in outcomes.items():
        told = delta("kernd_kernel_executions_total", outcome=outcome)
        # A body that did not arrive before the deadline never became a job.
        least = 0 if outcome == "timeout" else count
        if not least <= told <= count + hung_up:
            wrong.append(f"{count} saw what is {outcome}, {told:.0f} jobs counted")
    refused = delta("kernd_executor_rejections_total")
    if refused != delta("kernd_kernel_executions_total", outcome="rejected"):
        wrong.append(f"{refused:.0f} rejections by reason, but another number by kernel")


def discrepancies(seen, before, after):
    """What does not match, in words; nothing when all does.

    `seen` holds a `Seen` by (method, route label) for every route that was asked between the two
    pages `before` and `after`; (method, route label, "probe") for what the probe port was asked.
    Without clients that hang up every count must be equal.
    """

    def delta(name, **labels):
        return total(after, name, **labels) - total(before, name, **labels)

    wrong = []
    _routes(seen, before, after, wrong)
    _codes(seen, delta, wrong)
    _jobs(seen, delta, wrong)
    return wrong
