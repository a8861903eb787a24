# SPDX-License-Identifier: Apache-2.0
"""The life of a request: every row of daemon/life.def happens, by the calls,
the clock, the provisioner and the files that make it happen; what the table
does not have is refused and changes nothing; and what is over leaves no
effect behind. A row that was not seen in the history of some request fails.
"""
from access import DEV, LEAD, Access, Hook, life, statuses, steps
from lib import chain_holds, done, eventually, note, ok, same

ROWS, WORDS = life()
FINAL = statuses()

RULES = """
group dev = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
rule all {
	from group dev;
	to any;
	approve group lead;
	approve escalation pagerduty "P1";
}
rule standing {
	from group dev;
	to aws access role { keep role name ~ "^standing$"; }
	approve persistent;
}
"""
REFUSING = RULES + """
rule no-more {
	from user "%s";
	to any;
	deny;
}
"""

# Calls by which people make events happen: who, and how they ask.
CALLS = {
    "APPROVE": ("mia", lambda who, ident: who.approve(ident, "1h")),
    "DENY": ("mia", lambda who, ident: who.deny(ident, "not now")),
    "REVOKE": ("mia", lambda who, ident: who.revoke(ident)),
    "ESCALATE": (None, lambda who, ident: who.escalate(ident)),
    "RELINQUISH": (None, lambda who, ident: who.relinquish(ident)),
}

# What an item is named so that it gets into a status (see `provisioner`), or
# so that the event follows there.
NAMES = {
    "APPROVED": "hold", "STAGED": "accept", "EXPIRY_SUBMITTED": "stuck",
    "REVOKE_SUBMITTED": "stuck", "ERRORED": "dirty",
    "CLEANUP_SUBMITTED": "dirty.stuck",
    ("APPROVED", "STAGE"): "hold.accept", ("APPROVED", "FAIL"): "hold.refuse",
}
# Who puts it in place: a program, a webhook that only accepts it, a person.
SERVICES = {"STAGED": "gcloud", ("APPROVED", "STAGE"): "gcloud",
            ("STAGED", "FAIL"): "azure"}
FAILED = {"failed": "the console is down"}


class Matrix:
    def __init__(self, acme, hook):
        self.acme = acme
        self.people = iter("u%02d" % n for n in range(100))
        self.hook = hook
        self.made = {}  # row: (id, who asked, item)
        self.seen = set()

    # Into a status.

    def reach(self, row):
        """A request that is in the status where the row begins."""
        start, event, _ = row
        acme, who = self.acme, self.acme.who(next(self.people))
        item = "%s.%s" % (NAMES.get((start, event), NAMES.get(start, "ok")),
                          who.name)
        service = SERVICES.get((start, event), SERVICES.get(start, "aws"))
        ident = who.request("%s role %s --reason because" % (service, item))
        self.made[row] = (ident, who, item)
        if start == "PENDING_APPROVAL":
            return
        if start == "PENDING_APPROVAL_ESCALATED":
            same(who.escalate(ident).status, 200, "%s escalates" % who.name)
            return
        same(acme.who("mia").approve(ident, "1h").status, 200,
             "%s is approved" % item)
        if start == "APPROVED":
            eventually(lambda: ident in self.begun())
        elif start not in ("ERRORED", "CLEANUP_SUBMITTED"):
            acme.until(ident, "STAGED" if start == "STAGED" else "DONE")
        if start == "REVOKE_SUBMITTED":
            acme.who("mia").revoke(ident)

    def begun(self):
        """Ids of grants that a provisioner was told to put in place."""
        return {row[2] for row in self.acme.program.calls("grant")} | {
            heard.body["id"] for heard in self.hook.heard}

    def let(self, word, on=True):
        """What waits for "go" or "free" goes on."""
        if on:
            self.acme.program.let(word)
            getattr(self.hook, word).set()
        else:
            self.acme.program.hold(word)
            getattr(self.hook, word).clear()

    def works(self):
        """Open work of the requests at hand."""
        ids = {made[0] for made in self.now.values()}
        return [work for work in
                self.acme.own.get("/provisioning").json["works"]
                if work["request"] in ids]

    def by_hand(self, body):
        """What a person has to do was done, or failed; what is stuck can only
        fail."""
        for work in self.works():
            if work["provisioner"] == "manual" or body and work["stuck"]:
                same(self.acme.own.post("/provisioning/%s/done" % work["id"],
                                        body).status, 200, "by hand")

    def stands(self, mail):
        return self.acme.program.stands(mail) + self.hook.stands(mail)

    # Out of it.

    def by_call(self, event):
        name, call = CALLS[event]
        for row, (ident, who, _) in self.now.items():
            answer = call(self.acme.who(name) if name else who, ident)
            same(answer.status, 200, "%s in %s is answered with 200" % (
                event, row[0]))

    def happen(self, event):
        acme = self.acme
        if event in CALLS:
            self.by_call(event)
        elif event == "TIME_OUT":
            acme.clock.leap(days=14, seconds=1)
        elif event == "EXPIRE":
            acme.clock.leap(hours=1, seconds=1)
        elif event == "LEAVE":
            acme.leave(*(who.name for _, who, _ in self.now.values()))
        elif event == "RULES_REFUSE":
            for _, who, _ in self.now.values():
                acme.save(REFUSING % who.mail)
                self.await_rows(who)
            acme.save(RULES)
        elif event == "REMOVED":
            self.removed()
        elif event == "GIVE_UP":
            self.give_up()
        elif event in ("STAGE", "PROVIDED", "FAIL"):
            self.let("go")
            self.by_hand(FAILED if event == "FAIL" else {})

    def removed(self):
        """The provisioner lets go of what it held on to."""
        acme = self.acme
        acme.clock.leap(hours=1, seconds=1)  # for the one that expires
        for row, (ident, _, _) in self.now.items():
            acme.until(ident, row[0])
        self.let("free")
        self.retry(lambda: all(row in self.rows_of(row) for row in self.now))

    def give_up(self):
        """What is stuck is a person's to try, who says each time that it
        failed, until there were enough tries."""
        self.retry(lambda: any(work["stuck"] for work in self.works()))
        for _ in range(20):
            if not all(row in self.rows_of(row) for row in self.now):
                self.by_hand(FAILED)

    def retry(self, condition):
        """Back-off is on the clock: it leaps until the condition holds."""
        def leap():
            if condition():
                return True
            self.acme.clock.leap(minutes=16)
            return False
        return eventually(leap)

    def await_rows(self, only=None):
        for row, (ident, who, _) in self.now.items():
            if only in (None, who):
                eventually(lambda: row in self.rows_of(row))

    def rows_of(self, row):
        words = {word: event for event, word in WORDS.items()}
        return [(before, words.get(word), to) for before, word, to in
                steps(self.acme.seen(self.made[row][0]))]

    def run(self, event):
        """All rows of one event, at the same time."""
        self.let("go", False)
        self.let("free", False)
        self.now = {}
        for row in ROWS:
            if row[1] == event and row[0] != "NEW":
                self.reach(row)
                self.now[row] = self.made[row]
        self.happen(event)
        self.await_rows()
        for row in self.now:
            ident = self.made[row][0]
            if not ok(row in self.rows_of(row), "%s, %s: %s" % row):
                self.acme.tell(ident)
        self.end()

    def end(self):
        """What is left comes to its end, and leaves nothing behind."""
        acme = self.acme
        self.let("go")
        self.let("free")

        def over():
            left = [self.made[row] for row in self.now
                    if not FINAL.get(acme.status(self.made[row][0]))]
            if not left and not any(self.stands(who.mail) for _, who, _ in
                                    self.now.values()):
                return True
            self.by_hand({})
            for ident, _, _ in left:
                acme.who("mia").deny(ident)
                acme.who("mia").revoke(ident)
            acme.clock.leap(minutes=16)
            return False
        eventually(over)
        for row, (ident, who, item) in self.now.items():
            status = acme.status(ident)
            if not ok(FINAL.get(status), "%s, %s ends: %s" % (
                    row[0], row[1], status)):
                acme.tell(ident)
            same(self.stands(who.mail), 0,
                 "%s, %s: nothing is left in place" % row[:2])
            self.seen.update(self.rows_of(row))


def new_rows(acme):
    """Those that end a submission."""
    ana = acme.who("ana")
    answer = ana.ask("aws role standing --reason x")
    ok(answer.status == 200 and answer.json["isPersistent"],
       "standing access is granted")
    acme.becomes(answer.json["id"], "DONE", "and put in place")
    answer = acme.who("eve").ask("aws role standing --reason x")
    same((answer.status, answer.json.get("status")), (200, "DENIED"),
         "who has no route is refused")
    ident = ana.request("aws role other --reason x")
    same(acme.status(ident), "PENDING_APPROVAL", "who has one waits")


def untold_rows(acme, hook):
    """Calls in a status where the table has no row for them."""
    has = {(start, event) for start, event, _ in ROWS}
    matrix = Matrix(acme, hook)
    matrix.people = iter("v%02d" % n for n in range(100))
    starts = ["PENDING_APPROVAL", "PENDING_APPROVAL_ESCALATED", "APPROVED",
              "STAGED", "DONE", "REVOKE_SUBMITTED"]
    matrix.let("go", False)
    matrix.let("free", False)
    for start in starts:
        matrix.reach((start, None, None))
    ended = {}
    for to, how in ("DENIED", "DENY"), ("REVOKED", "REVOKE"):
        matrix.reach(("PENDING_APPROVAL" if how == "DENY" else "DONE",
                      how, to))
        ident, who, _ = matrix.made[("PENDING_APPROVAL" if how == "DENY"
                                     else "DONE", how, to)]
        CALLS[how][1](acme.who("mia"), ident)
        acme.until(ident, to)
        ended[to] = (ident, who)
    live = {row[0]: made[:2] for row, made in matrix.made.items()
            if row[1] is None}
    for status, (ident, who) in {**live, **ended}.items():
        for event, (name, call) in CALLS.items():
            if (status, event) in has:
                continue
            before = acme.seen(ident)
            answer = call(acme.who(name) if name else who, ident)
            ok(answer.status in (400, 409) and answer.json.get("error"),
               "%s in %s is refused" % (event, status)) or note(answer)
            same(acme.seen(ident), before, "and changes nothing")
            if FINAL[status] and event == "RELINQUISH":
                same(answer.status, 409, "what is over cannot be given back")
    matrix.let("go")
    matrix.let("free")


def main():
    people = {"u%02d" % n: DEV for n in range(100)}
    people.update({"v%02d" % n: DEV for n in range(20)})
    people.update(ana=DEV, mia=LEAD, eve={})
    hook = Hook()
    with Access(RULES, people, oncall={"pagerduty": {"P1": []}},
                provisioners={
                    "hook": {"type": "webhook", "url": hook.url,
                             "services": ["gcloud"], "parallel": 32},
                    "manual": {"type": "manual", "services": ["azure"]},
                }) as acme:
        matrix = Matrix(acme, hook)
        new_rows(acme)
        untold_rows(acme, hook)
        for event in WORDS:
            if any(row[1] == event and row[0] != "NEW" for row in ROWS):
                matrix.run(event)
        words = {word: event for event, word in WORDS.items()}
        seen = {(a, words.get(b), c) for request in acme.every()
                for a, b, c in steps(request)}
        for row in ROWS:
            ok(row in seen, "the row %s, %s, %s was seen" % row)
        same(sorted(seen - set(ROWS)), [], "and nothing beside the table")
        events = acme.audit()
        ok(chain_holds(events), "the audit log is a whole chain")
    done()


main()
