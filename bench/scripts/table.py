"""Makes compare.sh's table, in Markdown: medians of all rounds, and ratios of the same run to the floor.

    table.py RESULTS [--update DOCUMENT]

RESULTS has one JSON object a line. With --update the table replaces what is between the markers in DOCUMENT
instead of being printed."""
import datetime
import json
import os
import re
import statistics
import sys

FLOOR = "baseline"
ORDER = ["baseline", "each", "mingled", "mingled-irc", "redis", "nats", "mosquitto", "inspircd", "ngircd", "asyncio"]
NAMES = {
    "baseline": "the floor", "each": "the floor, a write for each line", "mingled": "**mingled**",
    "mingled-irc": "**mingled**, as IRC", "redis": "Redis", "nats": "NATS", "mosquitto": "Mosquitto",
    "inspircd": "InspIRCd", "ngircd": "ngIRCd", "asyncio": "Python asyncio",
}
TITLES = {
    "fanout-100": "one room of 100", "fanout-1000": "one room of 1,000", "fanout-100x10": "100 rooms of 10",
    "paced": "1,000 messages a second into a room of 100", "tls": "one room of 100, TLS",
    "connect": "connecting", "idle": "idle in a room",
}
MARKERS = ("<!-- table -->", "<!-- end of table -->")


def read(path):
    """workload -> server -> the results, one for each round; and the options of each workload."""
    runs, options = {}, {}
    with open(path) as file:
        for line in file:
            row = json.loads(line)
            runs.setdefault(row["workload"], {}).setdefault(row["server"], []).append(row["result"])
            options[row["workload"]] = row["options"]
    return runs, options


def median(results, value):
    return statistics.median(value(result) for result in results)


def deliveries(result):
    return result["deliveries_per_cpu_s"]


def cpu_of_delivery(result):
    return 1e6 / result["deliveries_per_cpu_s"] if result["deliveries_per_cpu_s"] else 0


def p99(result):
    return result["latency_ns"]["p99"] / 1e6


def ratio(value, floor):
    return f"{value / floor:.2f}" if floor else "-"


def wrong(results):
    """What every run should have none of."""
    return sum(result["lost"] + result["repeated"] + result["closed"] for result in results)


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def ordered(servers):
    return [name for name in ORDER if name in servers]


def fanout_table(servers):
    floor = {value: median(servers[FLOOR], value) if FLOOR in servers else 0 for value in (deliveries, p99)}
    rows = []
    for name in ordered(servers):
        results = servers[name]
        mine = median(results, deliveries)
        rows.append([NAMES[name], f"{mine:,.0f}", ratio(mine, floor[deliveries]),
                     f"{median(results, lambda result: result['deliveries_per_s']):,.0f}",
                     f"{median(results, p99):.2f} ms", ratio(median(results, p99), floor[p99]), str(wrong(results))])
    return table(["server", "deliveries a processor second", "to the floor", "deliveries a second", "p99",
                  "to the floor", "wrong"], rows)


def paced_table(servers):
    floor = {value: median(servers[FLOOR], value) if FLOOR in servers else 0 for value in (cpu_of_delivery, p99)}
    rows = []
    for name in ordered(servers):
        results = servers[name]
        cost, age = median(results, cpu_of_delivery), median(results, p99)
        rows.append([NAMES[name], f"{cost:.2f} us", ratio(cost, floor[cpu_of_delivery]), f"{age:.2f} ms",
                     ratio(age, floor[p99]), str(wrong(results))])
    return table(["server", "processor time a delivery", "to the floor", "p99", "to the floor", "wrong"], rows)


def single_table(servers, title, value, unit):
    floor = median(servers[FLOOR], value) if FLOOR in servers else 0
    rows = []
    for name in ordered(servers):
        mine = median(servers[name], value)
        rows.append([NAMES[name], f"{mine:,.0f} {unit}", ratio(mine, floor)])
    return table(["server", title, "to the floor"], rows)


def workload_table(workload, servers):
    if workload == "connect":
        return single_table(servers, "processor time a connection", lambda result: result["connect_cpu_us"], "us")
    if workload == "idle":
        return single_table(servers, "memory a session", lambda result: result["bytes_per_connection"], "bytes")
    return paced_table(servers) if workload == "paced" else fanout_table(servers)


def growth_table(runs, kind):
    rows = []
    counts = sorted(int(name.split()[1]) for name in runs if name.startswith(kind + " "))
    for count in counts:
        servers = runs[f"{kind} {count}"]
        if "mingled" in servers:
            mine = median(servers["mingled"], cpu_of_delivery) * 1000
            floor = median(servers[FLOOR], cpu_of_delivery) * 1000 if FLOOR in servers else 0
            rows.append([f"{count:,}", f"{mine:,.0f} ns", f"{floor:,.0f} ns", ratio(floor, mine)])
    return table([kind, "mingled, processor time a delivery", "the floor", "mingled's speed to the floor"], rows)


def all_tables(runs, options):
    counts = {len(results) for servers in runs.values() for results in servers.values()}
    rounds = f"{min(counts)} to {max(counts)}" if len(counts) > 1 else max(counts)
    seconds = statistics.median(result["seconds"] for name in runs if name not in ("connect", "idle")
                                for results in runs[name].values() for result in results) \
        if any(name not in ("connect", "idle") for name in runs) else 0
    parts = [f"{datetime.date.today()}, {os.uname().machine}, {os.cpu_count()} cores, Linux {os.uname().release}; "
             f"medians of {rounds} rounds of {seconds:.0f} s.\n"]
    for workload, title in TITLES.items():
        if workload in runs:
            parts += [f"### {title[0].upper()}{title[1:]}\n", f"`mingle-bench {options[workload]}"
                      f"{' --tls' if workload == 'tls' else ''}`\n", workload_table(workload, runs[workload])]
    for kind, what in (("members", "members of one room, 10 of whom talk"), ("rooms", "rooms of 10, one of whom talks"),
                       ("bytes", "bytes of a message into a room of 100")):
        if any(name.startswith(kind + " ") for name in runs):
            example = next(options[name] for name in runs if name.startswith(kind + " "))
            parts += [f"### More {what}\n", f"`mingle-bench {example}` and so on\n", growth_table(runs, kind)]
    return "\n".join(parts)


def update(path, text):
    with open(path) as file:
        document = file.read()
    begin, end = (re.escape(marker) for marker in MARKERS)
    pattern = re.compile(f"({begin}\n).*?({end})", re.S)
    if len(pattern.findall(document)) != 1:
        sys.exit(f"table.py: {path} needs the lines {MARKERS[0]} and {MARKERS[1]}, once")
    document = pattern.sub(lambda match: f"{match[1]}{text}\n{match[2]}", document)
    with open(path + ".new", "w") as file:
        file.write(document)
    os.replace(path + ".new", path)


def main():
    if len(sys.argv) not in (2, 4) or (len(sys.argv) == 4 and sys.argv[2] != "--update"):
        sys.exit("usage: table.py RESULTS [--update DOCUMENT]")
    runs, options = read(sys.argv[1])
    if not runs:
        sys.exit("table.py: there are no results")
    text = all_tables(runs, options)
    if len(sys.argv) == 4:
        update(sys.argv[3], text)
    else:
        print(text)


main()
