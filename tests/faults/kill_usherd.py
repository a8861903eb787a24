# SPDX-License-Identifier: Apache-2.0
"""Kills usherd without a warning at random moments, while workflows are saved
and requests decided: every acknowledged version is there, none is half there,
and the audit chain holds.

usage: kill_usherd.py [ROUNDS [SEED]]
"""
import hashlib
import http.client
import json
import os
import random
import sys
import threading
import time

from lib import Usherd, ask, done, note, ok, same

INSTRUMENTED = bool(os.environ.get("USHER_INSTRUMENTED"))
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else \
    (30 if INSTRUMENTED else 200)
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
LONGEST = 0.12  # seconds from ready to the kill
REQUEST = {"request": {"requestor": {"uid": "ana@example.com"},
                       "resource": {"service": "aws"}}}


def workflow(mark):
    """A workflow that can be told from every other one."""
    return [{"name": "mark-%s-%d" % (mark, i), "requestor": {"type": "any"},
             "resource": {"type": "any"}, "approval": [{"type": "p0"}]}
            for i in range(1 + int(mark.rsplit("-", 1)[1]) % 7)]


class Load(threading.Thread):
    """Saves one workflow after another until the daemon is gone."""

    def __init__(self, name, port, token, acknowledged):
        super().__init__()
        self.label, self.port, self.token = name, port, token
        self.acknowledged = acknowledged
        self.saved = self.refused = 0

    def run(self):
        try:
            for i in range(10000):
                self.save("%s-%d" % (self.label, i))
        except (OSError, http.client.HTTPException):
            pass

    def save(self, mark):
        latest = ask(self.port, "GET", "/o/acme/routing/latest",
                     self.token).json["workflow"]
        answer = ask(self.port, "POST", "/o/acme/routing", self.token,
                     {"workflow": {"rules": workflow(mark)},
                      "currentVersion": latest["version"]})
        if answer.status == 200:
            self.acknowledged[answer.json["workflow"]["version"]] = mark
            self.saved += 1
        elif answer.status == 409:
            self.refused += 1
        else:
            raise OSError("status %d" % answer.status)


class Decide(threading.Thread):
    """Decides on one connection until the daemon is gone."""

    def __init__(self, port, token):
        super().__init__()
        self.port, self.token = port, token
        self.decided = 0
        self.wrong = []

    def run(self):
        try:
            while True:
                answer = ask(self.port, "POST", "/o/acme/routing/decide",
                             self.token, REQUEST)
                if answer.status != 200 or \
                        answer.json["outcome"] != "pending":
                    self.wrong.append(answer)
                self.decided += 1
        except (OSError, http.client.HTTPException, TypeError):
            pass


def canonical(event):
    return json.dumps(event, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False).encode()


def check_chain(usherd, token, known):
    """Reads the events behind the known ones; how many are wrong."""
    wrong = 0
    while True:
        page = usherd.get("/o/acme/audit?limit=1000&after=%d" % known["seq"],
                          token).json["events"]
        if not page:
            return wrong
        for event in page:
            hashed = {k: v for k, v in event.items() if k != "hash"}
            wrong += (event["seq"] != known["seq"] + 1 or
                      event["prev"] != known["hash"] or
                      hashlib.sha256(canonical(hashed)).hexdigest() !=
                      event["hash"])
            known["seq"], known["hash"] = event["seq"], event["hash"]


def check_versions(usherd, token, acknowledged, checked):
    """What was acknowledged and is not there as it was sent."""
    lost = []
    for version in [v for v in acknowledged if v not in checked]:
        answer = usherd.get("/o/acme/routing/" + version, token)
        if answer.status != 200 or \
                answer.json["rules"] != workflow(acknowledged[version]):
            lost.append((version, answer))
        checked.add(version)
    return lost


def check_whole(usherd, token):
    """The active workflow is one that somebody sent, whole."""
    rules = usherd.get("/o/acme/routing", token).json["rules"]
    name = rules[0]["name"]
    if not name.startswith("mark-"):
        return True  # the virtual default
    return rules == workflow(name[5:].rsplit("-", 1)[0])


def main():
    chance = random.Random(SEED)
    acknowledged, checked = {}, set()
    known = {"seq": 0, "hash": "0" * 64}
    lost, half, broken, decided, wrong = [], 0, 0, 0, []
    usherd = Usherd(start=False)
    for number in range(ROUNDS):
        usherd.start()
        token = usherd.token("acme", "mia@example.com", "owner")
        lost += check_versions(usherd, token, acknowledged, checked)
        half += not check_whole(usherd, token)
        broken += check_chain(usherd, token, known)
        load = [Load("%d%s" % (number, c), usherd.port, token, acknowledged)
                for c in "ab"] + [Decide(usherd.port, token)]
        for thread in load:
            thread.start()
        time.sleep(chance.uniform(0, LONGEST))
        usherd.kill()
        for thread in load:
            thread.join()
        decided += load[2].decided
        wrong += load[2].wrong
    usherd.start()
    token = usherd.token("acme", "mia@example.com", "owner")
    lost += check_versions(usherd, token, acknowledged, checked)
    broken += check_chain(usherd, token, known)
    note("%d kills, %d acknowledged saves, %d decisions, %d events" % (
        ROUNDS, len(acknowledged), decided, known["seq"]))
    same(lost, [], "every acknowledged version is there as it was sent")
    same(half, 0, "no workflow is half there")
    same(broken, 0, "the audit chain holds")
    same(wrong, [], "decisions went on")
    ok(len(acknowledged) >= ROUNDS / 2, "there was something to lose")
    ok(known["seq"] >= len(acknowledged), "every save has its event")
    same(usherd.stop(), 0, "and it ends well")
    done()


main()
