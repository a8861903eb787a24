# SPDX-License-Identifier: Apache-2.0
"""What must hold, and whether it does: a row for each bar."""
import statistics

from sheet import spread

DECIDE = "bench/run build/usher --only decisions"
STEADY = "bench/run build/usher --only steady"
LOAD = "bench/run build/usher --only load"
PEERS = "make bench-peers"
DAEMON = "bench/daemon build/usherd --only "
# Peers, and how many times as long as usher they take at 10,000 rules.
PEER_BARS = (("opa", "OPA", 1000), ("casbin", "Casbin", 2000),
             ("cedar", "Cedar", 5000))
# What, its base, the figure, in words, the bar, whether at most, the command.
DAEMON_BARS = (
    ("decide/usherd", "decide/echo", "per_s",
     "HTTP decisions a second : echo", 1.5, False, "decide"),
    ("decide/usherd", "decide/nginx", "per_s",
     "HTTP decisions a second : nginx `return 200`", 0.6, False, "decide"),
    ("decide/usherd", "decide/echo", "cpu_us",
     "server CPU of a decision : echo", 0.65, True, "decide"),
    ("durable/usherd", "durable/postgresql", "per_s",
     "durable requests a second : PostgreSQL inserts", 1.2, False, "durable"),
    ("durable/usherd", "durable/etcd", "per_s",
     "durable requests a second : etcd puts", 1.8, False, "durable"),
    ("durable/usherd", "durable/lmdb", "per_s",
     "durable requests a second : LMDB, one at a time", 6, False, "durable"),
    ("expire/ending", "expire/usual", "p99_us",
     "p99 of requests while 100,000 grants end : usual", 2, True, "expire"),
)


class Bar:
    def __init__(self, what, values, bar, most, command, digits=2):
        self.what, self.values, self.bar = what, values, bar
        self.most, self.command, self.digits = most, command, digits

    def verdict(self):
        if not self.values:
            return "not measured"
        value = statistics.median(self.values)
        held = value <= self.bar if self.most else value >= self.bar
        return "holds" if held else "**missed**"

    def row(self):
        return [self.what, "%s %s" % ("≤" if self.most else "≥",
                                      "{:,g}".format(self.bar)),
                spread(self.values, self.digits), self.verdict(),
                "`%s`" % self.command]


class Rows:
    """The rows of the results, by what they are about."""

    def __init__(self, results):
        self.results = results

    def all(self, section, **keys):
        return [row for row in self.results.get(section, {}).get("rows", [])
                if all(row.get(name) == value
                       for name, value in keys.items())]

    def values(self, section, figure, **keys):
        """The rounds of a figure of one row; none when it is not there."""
        for row in self.all(section, **keys):
            if figure in row["figures"]:
                return row["figures"][figure]["rounds"]
        return []


def decisions(rows):
    for rules, bar in ((10, 1.5), (100, 1.5), (10000, 2), (100000, 2)):
        yield Bar("a decision : floor, %s rules" % "{:,}".format(rules),
                  rows.values("decisions", "usher_per_floor", kind="company",
                              rules=rules), bar, True, DECIDE)
    for row in rows.all("steady"):
        yield Bar("p99 of one request : its p50, %s rules, worst of 200"
                  % "{:,}".format(row["rules"]),
                  row["figures"]["spread_max"]["rounds"], 3, True, STEADY)
    farthest = {}
    for row in sorted(rows.all("growth"), key=lambda row: row["to"]):
        farthest[row["kind"]] = row
    for row in farthest.values():
        yield Bar("growth of time : of candidates, %s to %s rules, %s" % (
            "{:,}".format(row["from"]), "{:,}".format(row["to"]),
            row["kind"]),
                  row["figures"]["time_per_candidates"]["rounds"], 1, True,
                  DECIDE)


def peers(rows):
    for peer, name, bar in PEER_BARS:
        yield Bar("%s : usher, 10,000 rules" % name,
                  rows.values("peers", "peer_per_usher", peer=peer,
                              rules=10000), bar, False, PEERS, 0)
    least = [row["figures"]["peer_per_usher"]["median"]
             for row in rows.all("peers")
             if row["peer"] != "usher" and
             "peer_per_usher" in row["figures"]]
    yield Bar("every peer, every size : usher, the least",
              [min(least)] if least else [], 1, False, PEERS, 1)


def load(rows):
    def at(rules, figure):
        return rows.values("load", figure, rules=rules)
    yield Bar("10,000 rules to ready : their patterns compiled once",
              at(10000, "ready_per_patterns"), 6, True, LOAD)
    yield Bar("10,000 rules to ready, ms of CPU", at(10000, "ready_cpu_ms"),
              100, True, LOAD, 0)
    for rules in (10000, 200000):
        yield Bar("bytes a rule, %s rules" % "{:,}".format(rules),
                  at(rules, "bytes_per_rule"), 1536, True, LOAD, 0)


def daemon(rows):
    for what, base, figure, words, bar, most, part in DAEMON_BARS:
        ours = rows.values("daemon", figure, what=what)
        theirs = rows.values("daemon", figure, what=base)
        yield Bar(words, [a / b for a, b in zip(ours, theirs)], bar, most,
                  DAEMON + part)


def all_bars(results):
    rows = Rows(results)
    for section in (decisions, peers, load, daemon):
        yield from section(rows)
