# SPDX-License-Identifier: Apache-2.0
"""A record is durable before it is answered: usherd's requests, and what
others do with a record of like size."""
import company
import rig
import stores
from rig import CONNECTIONS
from sheet import Sheet, judged, spread

PENDING, GRANTED = "durable/usherd", "durable/usherd-granted"
LABELS = {
    PENDING: "usherd, requests that somebody has to approve",
    GRANTED: "usherd, requests that are granted at once",
    "durable/lmdb": "LMDB, one record a transaction",
    "durable/postgresql": "PostgreSQL, one row an insert",
    "durable/etcd": "etcd, one key a put",
    "durable/redis": "Redis, appendfsync always",
}
NAMES = {PENDING: "ask", GRANTED: "have"}


class Usherd:
    """Creates requests, with all that belongs to one: index rows, audit
    event, due time, notice. Then the daemon has its time to do what that
    calls for, so that the next one has the machine to itself."""

    def __init__(self, daemon, name):
        self.daemon, self.name, self.runs = daemon, name, 0

    def measure(self, seconds):
        self.runs += 1
        before = self.daemon.figures()
        made = rig.metered(self.daemon.process.pid, lambda: self.daemon.load(
            "-s", seconds, "-u", "%s-%d" % (self.name, self.runs), "-e",
            "\"ok\":true"))
        after = self.daemon.figures()
        for name in ("commits", "writes"):
            name_of = "usher_store_%s_total" % name
            made[name + "_per_request"] = (
                after[name_of] - before[name_of]) / max(1, made["requests"])
        made["rest_s"] = self.daemon.idle()
        return made


def rounds(measured, options, sheet):
    rig.tell("durable: warming up")
    for one in measured.values():
        one.measure(min(1, options.seconds))
    for number in range(options.rounds):
        rig.tell("durable: round %d of %d" % (number + 1, options.rounds))
        for what in rig.turned(measured, number):
            sheet.add(what, number, measured[what].measure(options.seconds))


def show(sheet, peers):
    sheet.show("what %d connections have made durable" % CONNECTIONS, [
        ("per second", "per_s", 0), ("p50 µs", "p50_us", 0),
        ("p99 µs", "p99_us", 0), ("server CPU, µs", "cpu_us", 0),
        ("commits per request", "commits_per_request", 3),
        ("writes per request", "writes_per_request", 2),
        ("wrong", "errors", 0)])
    rig.show_versions(peers)
    sheet.hold("durable")
    commits = sheet.values(PENDING, "commits_per_request")
    print("* commits per request: %s%s" % (
        spread(commits, 3), judged(commits, 1 / 6, most=True)), flush=True)


def run(options, file):
    sheet = Sheet(LABELS, file)
    peers = {"durable/lmdb": stores.Single(),
             "durable/postgresql": stores.Postgres(),
             "durable/etcd": stores.Etcd(), "durable/redis": stores.Redis()}
    with company.Daemon() as daemon:
        daemon.start()
        try:
            rig.begin("durable", peers)
            measured = {what: Usherd(daemon, name)
                        for what, name in NAMES.items()}
            measured.update(peers)
            rounds(measured, options, sheet)
            show(sheet, peers)
        finally:
            for peer in peers.values():
                peer.stop()
