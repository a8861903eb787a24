# SPDX-License-Identifier: Apache-2.0
"""Pages of few and of many stored requests."""
import time

import company
import rig
from sheet import Sheet


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


def measure(stored, seconds):
    """(seconds until it is ready, figures by what is asked for)"""
    with company.Daemon() as daemon:
        rig.tell("list: filling %d" % stored)
        # A hundred of each person.
        marks = rig.run(
            rig.program("fill"), daemon.data, "acme", stored,
            max(8, min(company.PEOPLE, stored // 100))).split()
        start = time.monotonic()
        daemon.start()
        ready = time.monotonic() - start
        made = {}
        for name, path in paths(marks).items():
            rig.tell("list: %s of %d" % (name, stored))
            # The last -c holds.
            made[name] = daemon.load(
                "-c", "1", "-s", seconds, "-g", path, "-e",
                "\"" if name == "one" else "next", tokens=daemon.first)
        daemon.kill()
    return ready, made


def run(options, file):
    sizes = (options.stored // 100, options.stored)
    made = {size: measure(size, min(2, options.seconds)) for size in sizes}
    sheet = Sheet({"list/%s/%d" % (name, size): name for size in sizes
                   for name in made[size][1]}, file)
    print("\n| pages of 100 | " + " | ".join(
        "p50 µs of %d | p99 µs" % size for size in sizes) + " |")
    print("| --- |" + " --- | --- |" * len(sizes))
    for name in made[sizes[0]][1]:
        cells = []
        for size in sizes:
            figures = made[size][1][name]
            sheet.add("list/%s/%d" % (name, size), 0, figures)
            cells.append("%.0f | %.0f" % (figures["p50_us"],
                                          figures["p99_us"]))
        print("| %s | %s |" % (name, " | ".join(cells)))
    print("\nready after " + ", ".join("%.2f s with %d stored" % (
        made[size][0], size) for size in sizes), flush=True)
