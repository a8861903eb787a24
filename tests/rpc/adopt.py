# SPDX-License-Identifier: Apache-2.0
"""Decisions go on while a large workflow compiles and is adopted, and no
decision mixes two workflows.

Each workflow says in the name of its one matching rule, and in the approval
of that rule, which one it is: an answer with parts of two would show.

usage: adopt.py [RULES]
"""
import http.client
import json
import multiprocessing
import os
import sys
import threading
import time

from lib import PATIENCE, Usherd, done, note, ok, same

INSTRUMENTED = bool(os.environ.get("USHER_INSTRUMENTED"))
RULES = int(sys.argv[1]) if len(sys.argv) > 1 else \
    (5000 if INSTRUMENTED else 100000)
SMALL = 12 # small saves after the large one


def workflow(mark, rules):
    """Rule `MARK-0` matches everything, the others nobody."""
    listed = [{"name": "%s-0" % mark, "requestor": {"type": "any"},
               "resource": {"type": "any"},
               "approval": [{"type": "escalation", "integration": "pagerduty",
                             "services": [mark]}] * (1 + len(mark) % 2)}]
    for i in range(1, rules):
        listed.append({
            "name": "%s-%d" % (mark, i),
            "requestor": {"type": "user", "uid": "u%d@example.com" % i},
            "resource": {"type": "integration", "service": "aws", "filters": {
                "role": {"effect": "keep", "key": "name",
                         "pattern": "^team-%d-[a-z]+$" % i}}},
            "approval": [{"type": "p0"}]})
    return listed


class Decide(threading.Thread):
    """Decides on one connection until told to stop."""

    def __init__(self, port, token):
        super().__init__()
        self.port, self.token = port, token
        self.stop = False
        self.times, self.wrong, self.seen = [], [], set()

    def run(self):
        body = json.dumps({"request": {
            "requestor": {"uid": "ana@example.com"},
            "resource": {"service": "aws"}}})
        headers = {"Authorization": "Bearer " + self.token,
                   "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=PATIENCE)
        while not self.stop:
            begin = time.monotonic()
            connection.request("POST", "/o/acme/routing/decide", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            self.times.append((begin, time.monotonic() - begin))
            self.look(answer.status, text)
        connection.close()

    def look(self, status, text):
        answer = json.loads(text) if status == 200 else {}
        rules = answer.get("rules", [])
        mark = rules[0].rsplit("-", 1)[0] if rules else "?"
        self.seen.add(mark)
        if len(rules) != 1 or \
                len(answer["alternatives"]) != 1 + len(mark) % 2:
            self.wrong.append((status, text[:300]))


def save(usherd, token, mark, rules, version):
    answer = usherd.post("/o/acme/routing", {
        "workflow": {"rules": workflow(mark, rules)},
        "currentVersion": version}, token)
    if answer.status != 200:
        note(answer)
        return version
    return answer.json["workflow"]["version"]


def save_apart(*args):
    """save in a process of its own, so that only the daemon is shared."""
    ours, theirs = multiprocessing.Pipe(False)
    child = multiprocessing.Process(target=lambda: theirs.send(save(*args)))
    child.start()
    version = ours.recv()
    child.join()
    return version


def resident(pid):
    with open("/proc/%d/statm" % pid, encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def main():
    with Usherd() as usherd:
        token = usherd.token("acme", "mia@example.com", "owner")
        version = save(usherd, token, "first", 1, None)
        threads = [Decide(usherd.port, token) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        begin = time.monotonic()
        version = save_apart(usherd, token, "large", RULES, version)
        end = time.monotonic()
        same(version, "v2", "a workflow of %d rules is saved" % RULES)
        large = resident(usherd.process.pid)
        for i in range(SMALL):
            version = save(usherd, token, "small%s" % ("x" * (i % 2)), 1,
                           version)
        same(version, "v%d" % (2 + SMALL), "and small ones after it")
        time.sleep(0.5)
        for thread in threads:
            thread.stop = True
        for thread in threads:
            thread.join()
        during = [t for thread in threads for at, t in thread.times
                  if begin <= at <= end]
        note("%.1f s to save, %d decisions meanwhile, the slowest %.0f ms" % (
            end - begin, len(during), 1000 * max(during, default=0)))
        ok(len(during) > 20 * (end - begin), "decisions go on meanwhile")
        same([w for thread in threads for w in thread.wrong], [],
             "no decision mixes two workflows")
        same(set().union(*(t.seen for t in threads)),
             {"first", "large", "small", "smallx"}, "all were adopted")
        if not INSTRUMENTED:
            left = resident(usherd.process.pid)
            note("%d MiB with the large one, %d MiB after it" % (
                large >> 20, left >> 20))
            ok(left < large, "the old program is given back")
    done()


main()
