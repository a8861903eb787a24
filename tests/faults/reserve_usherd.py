# SPDX-License-Identifier: Apache-2.0
"""A store that is full but for its reserve: who asks for something new is
answered with 503; what is there ends in time, is revoked, given back, denied,
and the audit log goes on. With room again, everything does.
"""
import time

from access import DEV, LEAD, Access
from lib import chain_holds, done, eventually, note, ok, same

RULES = """
group dev  = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
rule roles {
	from group dev;
	to aws access role;
	approve group lead;
}
"""
PEOPLE = {"ana": DEV, "mia": LEAD}
LIMITS = "store-size = 8M\nstore-reserve = 2M\n"


def granted(acme, item):
    ident = acme.who("ana").request("aws role %s" % item)
    acme.who("mia").approve(ident, "1h")
    acme.until(ident, "DONE")
    return ident


def ask(name, n, items, reason, verb="request", more=()):
    return name.command(
        [verb, "aws", "role", "--reason", reason] + list(more) +
        ["%s%d-%d" % (verb, n, i) for i in range(items)])


def fill(acme):
    """What is large, then what is smaller, until there is no room for another
    of its kind; what the outbox is done with makes room again."""
    ana, mia = acme.who("ana"), acme.who("mia")
    ahead = ("--to", "ana@example.com", "--length", "1h")
    kinds = [("large requests", lambda n: ask(ana, n, 10, "x" * 4000)),
             ("requests", lambda n: ask(ana, n, 1, "x" * 4000)),
             ("small requests", lambda n: ask(ana, n, 1, "x")),
             ("approvals in advance",
              lambda n: ask(mia, n, 1, "x", "allow", ahead))]
    n = 0
    for what, send in kinds:
        answers, full = [], 0
        while full < 5 and len(answers) < 5000:
            n += 1
            answers.append(send(n))
            full = full + 1 if answers[-1].status != 200 else 0
            if full:
                time.sleep(0.2)
        note("%d %s, then %r" % (len(answers) - 5, what, answers[-1]))
        ok({a.status for a in answers} <= {200, 503} and
           answers[-1].status == 503, "%s: a full store is answered with 503"
           % what)
        ok("error" in (answers[-1].json or {}), "and says why")


def refused(acme):
    big = [{"name": "r%d" % n, "requestor": {"type": "any"},
            "resource": {"type": "any"}, "approval": [{"type": "p0"}]}
           for n in range(10000)]
    same(acme.own.post("/routing", {"workflow": big, "currentVersion": "v1"})
         .status, 503, "rules, too")


def goes_on(acme, idents, waits):
    ana, mia = acme.who("ana"), acme.who("mia")
    before = len(acme.audit())
    mia.revoke(idents[0])
    acme.becomes(idents[0], "REVOKED", "a grant is revoked")
    same(ana.relinquish(idents[1]).status, 200, "one is given back")
    acme.becomes(idents[1], "REVOKED", "and taken away")
    same(mia.deny(waits).status, 200, "a request is denied")
    acme.clock.leap(hours=1, seconds=1)
    for ident in idents[2:]:
        acme.becomes(ident, "EXPIRED", "a grant ends in time")
    same(acme.program.standing(), [], "no effect stands")
    events = acme.audit()
    ok(len(events) >= before + 2 * len(idents) + 1,
       "the audit log has all of it")
    ok(chain_holds(events), "and is a whole chain")
    same(len(ana.listed("permission-requests/mine")) > len(idents), True,
         "reading goes on")
    same(acme.get("/readyz").status in (200, 503), True, "it is well")


def main():
    with Access(RULES, PEOPLE, conf=LIMITS) as acme:
        idents = [granted(acme, "Grant%d" % n) for n in range(12)]
        waits = acme.who("ana").request("aws role Waits")
        fill(acme)
        refused(acme)
        goes_on(acme, idents, waits)
        acme.restart()
        same(acme.who("ana").ask("aws role After").status, 503,
             "a restart makes no room")
        acme.stop()
        with open(acme.conf, encoding="utf-8") as file:
            text = file.read().replace("store-size = 8M", "store-size = 64M")
        acme.write("usherd.conf", text)
        acme.start()
        ok(eventually(lambda: granted(acme, "After")),
           "in a larger store, things go on")
    done()


main()
