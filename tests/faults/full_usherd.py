# SPDX-License-Identifier: Apache-2.0
"""A full disk: writes are answered with 503, reading and deciding go on, and
writing goes on by itself when there is room again.

The disk is a limit on the size of files of the running daemon, which is
raised again from outside.
"""
import resource

from lib import Usherd, done, eventually, note, ok, same

MIB = 1 << 20
REQUEST = {"request": {"requestor": {"uid": "ana@example.com"},
                       "resource": {"service": "aws"}}}


def workflow(number):
    """About 60 KiB, and different each time."""
    return [{"name": "rule-%d-%d" % (number, i),
             "requestor": {"type": "user", "uid": "u%d@example.com" % i},
             "resource": {"type": "any"}, "approval": [{"type": "p0"}]}
            for i in range(400)] + [
        {"name": "all", "requestor": {"type": "any"},
         "resource": {"type": "any"}, "approval": [{"type": "p0"}]}]


def save(usherd, token, number):
    version = usherd.get("/o/acme/routing/latest", token)
    return usherd.post("/o/acme/routing", {
        "workflow": {"rules": workflow(number)},
        "currentVersion": version.json["workflow"]["version"]}, token)


def limit(usherd, size):
    resource.prlimit(usherd.process.pid, resource.RLIMIT_FSIZE,
                     (size, resource.RLIM_INFINITY))


def main():
    lines = "store-size = 67108864\nstore-reserve = 1048576\n"
    with Usherd(lines=lines) as usherd:
        token = usherd.token("acme", "mia@example.com", "owner")
        same(save(usherd, token, 0).status, 200, "there is room at first")
        limit(usherd, 4 * MIB)
        answers, saved = [], 0
        for number in range(1, 200):
            answers.append(save(usherd, token, number))
            if answers[-1].status != 200:
                break
            saved = number
        note("%d saves, then %r" % (saved, answers[-1]))
        same(answers[-1].status, 503, "a full disk is answered with 503")
        ok("error" in (answers[-1].json or {}), "and says why")
        for _ in range(3):
            same(save(usherd, token, 500).status, 503, "again and again")
        answer = usherd.get("/o/acme/routing", token)
        ok(answer.status == 200 and
           answer.json["rules"] == workflow(saved),
           "the last workflow that was saved is there")
        answer = usherd.post("/o/acme/routing/decide", REQUEST, token)
        ok(answer.status == 200 and answer.json["outcome"] == "pending",
           "deciding goes on")
        same(usherd.get("/o/acme/audit?limit=1000", token).status, 200,
             "the audit log is read")
        same(usherd.get("/healthz").status, 200, "the process is well")
        limit(usherd, resource.RLIM_INFINITY)
        ok(eventually(lambda: save(usherd, token, 501).status == 200),
           "with room again, writing goes on by itself")
        usherd.restart()
        answer = usherd.get("/o/acme/routing", token)
        ok(answer.json["rules"] == workflow(501), "and is durable")
    done()


main()
