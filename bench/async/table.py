#!/usr/bin/env python3
"""Puts the results of all programs and rounds side by side: medians, ratios, targets.

Reads lines `PROGRAM NAME VALUE` from stdin. Usage: table.py [--json]
"""
import json
import platform
import statistics
import sys

# name, what it is, unit
MEASURES = [
    ("spawn_join", "spawn + join, embedded", "ns"),
    ("spawn_join_heap", "spawn + join, on the heap", "ns"),
    ("yield", "yield, 2 tasks", "ns"),
    ("pingpong", "queue ping-pong, round trip", "ns"),
    ("call", "await a coroutine", "ns"),
    ("timeout", "timeout scope, open + close", "ns"),
    ("timer_disarm", "timer, arm + disarm", "ns"),
    ("timer_fire", "timer, arm + fire", "ns"),
    ("executor", "executor, round trip (wall)", "ns"),
    ("cancel", "cancel a task, with unwinding", "ns"),
    ("sleeper_start", "sleeper: start", "ns"),
    ("sleeper_wake", "sleeper: wake and end", "ns"),
    ("sleeper_bytes", "sleeper: memory", "bytes"),
]

# At most so much, or at least so many times faster than asyncio.
MOST = {"sleeper_bytes": 320, "sleeper_wake": 1000, "cancel": 150}
FASTER = {"spawn_join": 100, "yield": 100, "pingpong": 80}


def medians(lines):
    """{(program, name): median} and the number of rounds."""
    values = {}
    for line in lines:
        program, name, value = line.split()
        values.setdefault((program, name), []).append(float(value))
    rounds = max((len(v) for v in values.values()), default=0)
    return {key: statistics.median(v) for key, v in values.items()}, rounds


def row_of(name, title, unit, median):
    ours, raw, asyncio = (median.get((program, name)) for program in ("ours", "raw", "asyncio"))
    if ours is None:
        return None
    row = {"name": name, "title": title, "unit": unit, "ours": ours, "raw": raw, "asyncio": asyncio}
    row["ours_per_raw"] = ours / raw if raw else None
    row["asyncio_per_ours"] = asyncio / ours if asyncio else None
    if name in MOST:
        row["target"] = f"<= {MOST[name]} {unit}"
        row["is_met"] = ours <= MOST[name]
    elif name in FASTER and asyncio:
        row["target"] = f"<= asyncio / {FASTER[name]}"
        row["is_met"] = ours <= asyncio / FASTER[name]
    return row


def text_of(value, suffix=""):
    if value is None:
        return "-"
    return f"{value:.1f}{suffix}" if value < 1000 else f"{value:.0f}{suffix}"


def print_table(rows, rounds):
    print(f"Medians of {rounds} rounds; CPU time unless said; Python {platform.python_version()}")
    print(f"{'':30} {'unit':>5} {'ours':>8} {'raw':>8} {'asyncio':>8} {'ours/raw':>9} {'asyncio/ours':>13}  target")
    for row in rows:
        cells = [f"{row['title']:30} {row['unit']:>5}"]
        cells += [f"{text_of(row[program]):>8}" for program in ("ours", "raw", "asyncio")]
        cells.append(f"{text_of(row['ours_per_raw'], 'x'):>9} {text_of(row['asyncio_per_ours'], 'x'):>13} ")
        if "target" in row:
            cells.append(f"{row['target']:16} {'pass' if row['is_met'] else 'MISS'}")
        print(" ".join(cells).rstrip())


def main():
    median, rounds = medians(sys.stdin)
    rows = [row for row in (row_of(*measure, median) for measure in MEASURES) if row]
    if "--json" in sys.argv[1:]:
        json.dump({"rounds": rounds, "python": platform.python_version(), "results": rows}, sys.stdout, indent=2)
        print()
    else:
        print_table(rows, rounds)


if __name__ == "__main__":
    main()
