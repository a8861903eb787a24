# SPDX-License-Identifier: Apache-2.0
"""Many grants end in the same minute, while requests go on."""
import json
import subprocess
import time

import company
import rig
from lib import eventually
from rig import CONNECTIONS
from sheet import Sheet

HOUR = 3600 * 1000  # ms, as all times here
STEP = 200
RATE = 2000


def paced(seconds, name):
    return ["-r", RATE, "-s", seconds, "-u", "ask-" + name, "-e",
            "\"ok\":true"]


def start_load(daemon, *options):
    return subprocess.Popen(
        [str(word) for word in (
            rig.program("load"), "-c", CONNECTIONS, *options, daemon.port,
            "acme", daemon.tokens)], stdout=subprocess.PIPE)


def grant_many(daemon, count):
    """All within a minute of the daemon's clock."""
    start, ms = time.monotonic(), daemon.ms
    load = start_load(daemon, "-n", count, "-u", "have-many", "-e",
                      "\"ok\":true")
    while load.poll() is None:
        time.sleep(0.05)
        daemon.set_clock(ms + min(59000, 1000 * (time.monotonic() - start)))
    return json.loads(load.stdout.read())


def events(daemon, action):
    after = 0
    while after is not None:
        page = daemon.get("/o/acme/audit?limit=1000&action="
                          "permission-request.%s&after=%d" % (action, after),
                          daemon.owner).json
        yield from page["events"]
        after = page["next"]


def ended_in_order(daemon):
    """How many events say that a grant ends, and how many of them stand
    behind one of a grant that began later (all are of one length), by more
    than a step of our clock."""
    count, wrong, last = 0, 0, 0
    begins = {event["data"]["id"]: event["timestamp"]
              for event in events(daemon, "provided")}
    for event in events(daemon, "expiring"):
        began = begins.get(event["data"]["id"], 0)
        wrong += began < last - STEP
        last = max(last, began)
        count += 1
    return count, wrong


def are_any(daemon, status):
    return bool(daemon.get(
        "/o/acme/permission-requests?limit=1&status=" + status,
        daemon.owner).json["requests"])


def end_all(daemon):
    """(figures of those who ask meanwhile, seconds that it took, whether all
    went)."""
    # Standing access lasts a day: all of it ends in the next minute.
    daemon.set_clock(daemon.ms + 24 * HOUR - 30000)
    start, ms = time.monotonic(), daemon.ms
    load = start_load(daemon, *paced(3600, "meanwhile"))
    time.sleep(1)
    daemon.set_clock(ms + 60000 + 60000)
    gone = eventually(lambda: not any(
        are_any(daemon, status) for status in ("DONE", "EXPIRY_SUBMITTED")),
                      600)
    took = time.monotonic() - start - 1
    load.terminate()
    return json.loads(load.communicate()[0]), took, gone


def one_round(options, sheet, number):
    """What is told of it, in a line."""
    with company.Daemon(follows=True) as daemon:
        daemon.start()
        rig.tell("expire: round %d of %d: %d grants" % (
            number + 1, options.rounds, options.grants))
        made = grant_many(daemon, options.grants)
        daemon.idle()
        usual = daemon.load(*paced(10, "usual"))
        sheet.add("expire/usual", number, usual)
        daemon.idle()
        rig.tell("expire: usual p99 %.0f µs; now they end" % usual["p99_us"])
        meanwhile, took, gone = end_all(daemon)
        sheet.add("expire/ending", number, meanwhile)
        daemon.idle()
        count, wrong = ended_in_order(daemon)
    return ("%d grants were made in %.1f s; %s; %d ended, %.1f s after their "
            "minute; %d out of order" % (
                made["requests"], made["seconds"],
                "all are gone" if gone else "NOT all are gone", count, took,
                wrong))


def run(options, file):
    sheet = Sheet({"expire/usual": "usual", "expire/ending":
                   "while %d grants end" % options.grants}, file)
    told = [one_round(options, sheet, number)
            for number in range(options.rounds)]
    sheet.show("%d requests a second" % RATE, [
        ("per second", "per_s", 0), ("p50 µs", "p50_us", 0),
        ("p99 µs", "p99_us", 0), ("max µs", "max_us", 0),
        ("wrong", "errors", 0)])
    for line in told:
        print("* " + line)
    sheet.hold("expire")
