# SPDX-License-Identifier: Apache-2.0
"""Pages of few and of many stored requests."""
import time

import company
import rig
from sheet import Sheet, spread


def paths(marks):
    """What is asked for, of a store whose first and middle ids are marks."""
    base = "/o/acme/permission-requests"
    return {
        "first page": base + "?limit=100",
        "a page in the middle": base + "?limit=100&after=" + marks[1],
        "behind the last": base + "?limit=100&after=" + marks[0],
        "those that wait": base + "?limit=100&status=PENDING_APPROVAL",
        "denied, in the middle":
            base + "?limit=100&status=DENIED&after=" + marks[1],
        "of a person": base + "?limit=100&principal=u7@example.com",
        "mine": base + "/mine?limit=100",
        "what waits for me": base + "/approvals?limit=100",
        "one": base + "/" + marks[1],
    }


class Stored:
    """A daemon with so many requests, a hundred of each person."""

    def __init__(self, count):
        self.count = count
        self.daemon = company.Daemon()
        rig.tell("list: filling %d" % count)
        marks = rig.run(
            rig.program("fill"), self.daemon.data, "acme", count,
            max(8, min(company.PEOPLE, count // 100))).split()
        self.paths = paths(marks)
        start = time.monotonic()
        self.daemon.start()
        self.ready = time.monotonic() - start

    def measure(self, name, seconds):
        # The last -c holds.
        return self.daemon.load(
            "-c", "1", "-s", seconds, "-g", self.paths[name], "-e",
            "\"" if name == "one" else "next", tokens=self.daemon.first)

    def end(self):
        self.daemon.kill()
        self.daemon.clean()


def rounds(stores, options, sheet):
    for number in range(options.rounds):
        rig.tell("list: round %d of %d" % (number + 1, options.rounds))
        for name in stores[0].paths:
            for one in rig.turned(stores, number):
                sheet.add("list/%s/%d" % (name, one.count), number,
                          one.measure(name, min(1, options.seconds)))


def show(stores, sheet):
    print("\n| pages of 100 | " + " | ".join(
        "p50 µs of %d | p99 µs" % one.count for one in stores) + " |")
    print("| --- |" + " --- | --- |" * len(stores))
    for name in stores[0].paths:
        print("| %s | %s |" % (name, " | ".join(
            spread(sheet.values("list/%s/%d" % (name, one.count), figure), 0)
            for one in stores for figure in ("p50_us", "p99_us"))))
    print("\nready after " + ", ".join(
        "%.2f s with %d stored" % (one.ready, one.count)
        for one in stores), flush=True)


def run(options, file):
    stores = [Stored(options.stored // 100), Stored(options.stored)]
    sheet = Sheet({"list/%s/%d" % (name, one.count): name
                   for one in stores for name in one.paths}, file)
    try:
        rounds(stores, options, sheet)
    finally:
        for one in stores:
            one.end()
    show(stores, sheet)
