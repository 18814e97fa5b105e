"""The Markdown page of a run."""


def number(value):
    if value is None:
        return ""
    digits = 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 3
    return f"{value:,.{digits}f}"


def table(head, align, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(align) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def checks(outcomes):
    rows = ([name, one.state, f"{one.seconds:.0f}", one.what.replace("|", "\\|").replace("\n", " ")]
            for name, one in outcomes.items())
    return table(("step", "outcome", "s", "what it found"), ("---", "---", "---:", "---"), rows)


def figures(rows):
    def cells(row):
        ours, bare = row.get("ours"), row.get("bare")
        ratio = f"{ours / bare:.3f}" if ours is not None and bare else ""
        reached = {True: "yes", False: "**no**", None: ""}[row.get("reached")]
        return [row["what"], row["unit"], number(ours), number(bare), ratio, row.get("target", ""), reached,
                row.get("note", "")]
    head = ("what", "unit", "kernd", "bare", "kernd / bare", "to reach", "reached", "note")
    return table(head, ("---", "---", "---:", "---:", "---:", "---", "---", "---"), map(cells, rows))


def answers(rows):
    def cells(row):
        errors = (f"{row[backend]:.2g}" if backend in row else "" for backend in ("CPU", "CUDA"))
        return [row["kernel"], row["tolerance"], *errors]
    head = ("kernel", "tolerance", "CPU: worst error / tolerance", "CUDA: worst error / tolerance")
    return table(head, ("---", "---", "---:", "---:"), map(cells, rows))


def loads(rows):
    def cells(row):
        line = [row["kernel"], row["input"], str(row["connections"])]
        for backend in ("CPU", "CUDA"):
            line += [f"{value:,.0f}" for value in row[backend]] if backend in row else ["", "", ""]
        return line
    head = ("kernel", "input", "connections", "CPU req/s", "p50 µs", "p99 µs", "CUDA req/s", "p50 µs", "p99 µs")
    return table(head, ("---", "---", *("---:",) * 7), map(cells, rows))


def page(title, facts, outcomes):
    """`outcomes` by step; those of `oracle`, `bench` and `http` have rows."""
    lines = [f"# {title}", "", "Made by `build/gpu-check/run`; the bundle by `scripts/gpu-check`. Figures of "
             "kernd stand beside bare calls of CUDA and its libraries in the same run, in turns; each is a median.", ""]
    lines += [f"- {name}: {fact}" for name, fact in facts.items()]
    lines += ["", "## Steps", "", *checks(outcomes)]
    if rows := outcomes["oracle"].rows:
        lines += ["## Beside the oracles", "", "Fresh random inputs over HTTP, and what NumPy, SciPy and NetworkX make "
                  "of them. A tolerance is relative to what it names, or absolute.", "", *answers(rows)]
    if rows := outcomes["bench"].rows:
        lines += ["## Beside the bare calls", "", *figures(rows)]
    if rows := outcomes["http"].rows:
        lines += ["## Over HTTP", "", "One daemon per backend, preset `high_performance`, `kernd_load` with one "
                  "thread on the same machine, a closed loop: with large bodies it is the client that is "
                  "measured.", "", *loads(rows)]
    return "\n".join(lines).rstrip() + "\n"
