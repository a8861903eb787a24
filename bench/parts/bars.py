# SPDX-License-Identifier: Apache-2.0
"""What must hold, and whether it does: a row for each bar."""
import statistics

from daemon_bars import BARS as DAEMON_BARS
from sheet import spread

DECIDE = "bench/run build/usher --only decisions"
STEADY = "bench/run build/usher --only steady"
LOAD = "bench/run build/usher --only load"
PEERS = "make bench-peers"
DAEMON = "bench/daemon build/usherd --only "
# Peers, and how many times as long as usher they take at 10,000 rules.
PEER_BARS = (("opa", "OPA", 1000), ("casbin", "Casbin", 2000),
             ("cedar", "Cedar", 5000))

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

    def by_round(self, section, figure, **keys):
        """A figure of one row, by the number of the round."""
        for row in self.all(section, **keys):
            if figure in row["figures"]:
                values = row["figures"][figure]["rounds"]
                return dict(zip(row.get("rounds", range(len(values))),
                                values))
        return {}

    def values(self, section, figure, **keys):
        """The rounds of it; none when it is not there."""
        return list(self.by_round(section, figure, **keys).values())


def decisions(rows):
    for rules, bar in ((10, 1.5), (100, 1.5), (10000, 2), (100000, 2)):
        yield Bar("a decision : floor, %s rules" % "{:,}".format(rules),
                  rows.values("decisions", "usher_per_floor", kind="company",
                              rules=rules), bar, True, DECIDE)
    for row in rows.all("steady"):
        yield Bar("p99 of one request : its p50, %s rules, worst of 200"
                  % "{:,}".format(row["rules"]),
                  row["figures"]["spread_max"]["rounds"], 3, True, STEADY)
    for row in rows.all("growth", to=100000):
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
    for row in DAEMON_BARS:
        ours = rows.by_round("daemon", row.figure, what=row.what)
        theirs = rows.by_round("daemon", row.figure, what=row.base)
        yield Bar(row.words, [value / theirs[number]
                              for number, value in ours.items()
                              if theirs.get(number)],
                  row.bar, row.most, DAEMON + row.part)


def all_bars(results):
    rows = Rows(results)
    for section in (decisions, peers, load, daemon):
        yield from section(rows)
