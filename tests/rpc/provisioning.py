# SPDX-License-Identifier: Apache-2.0
"""Putting access in place and taking it away: by a program, by a webhook, by
hand; what fails, hangs, is tried again, fails for good with something left
behind; and what cannot be taken away, which is seen by everybody who looks.
"""
import json
import os
import re

from access import DEV, LEAD, REVIEWER, Access, Hook
from lib import chain_holds, done, eventually, note, ok, same

RULES = """
group dev  = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
rule all {
	from group dev;
	to any;
	approve group lead;
}
"""
PEOPLE = {"ana": DEV, "bob": DEV, "mia": LEAD, "rev": REVIEWER,
          "vic": {"roles": ["viewer"]}}
MACHINES = {"items": [{
    "service": "ssh", "accessTypes": ["session"], "id": "web-1",
    "label": "the web server", "attributes": {"region": {"id": "eu"}},
    "connect": {"hostname": "web-1", "address": "10.0.0.1", "user": "ops"}}]}


def approved(acme, line, length="1h", name="ana"):
    ident = acme.who(name).request(line)
    answer = acme.who("mia").approve(ident, length)
    if answer.status != 200:
        raise RuntimeError("approve: %r" % answer)
    return ident


def revoked(acme, *idents):
    for ident in idents:
        acme.who("mia").revoke(ident)
        acme.becomes(ident, "REVOKED", "it is taken away")


def leaping(acme, condition, minutes=16):
    """Back-off is on the clock."""
    def look():
        if condition():
            return True
        acme.clock.leap(minutes=minutes)
        return False
    return eventually(look)


def works(acme, who="own"):
    return acme.who(who).get("/provisioning").json


def work_of(acme, ident):
    for work in works(acme)["works"]:
        if ident in json.dumps(work):
            return work
    return None


# --- A program --------------------------------------------------------------

def program(acme):
    ident = approved(acme, "aws role Plain --reason 'for a while'")
    acme.becomes(ident, "DONE", "a program puts it in place")
    grant = [g for g in acme.program.standing() if g["id"] == ident]
    same(len(grant), 1, "by the id of the request")
    text = json.dumps(grant)
    for word in "ana@example.com", "aws", "Plain", "acme":
        ok(word in text, "it is told %s" % word)
    ok(acme.own.token not in text and "Bearer" not in text,
       "and no secrets")
    same(acme.seen(ident)["generated"], {},
         "what it made is not for others")
    same(acme.who("ana").see(ident).json["generated"],
         {"account": "made-for-" + ident}, "for whom it is")
    revoked(acme, ident)
    same(acme.program.stands(ident), 0, "really")
    same([len(acme.program.calls(verb, ident)) for verb in
          ("grant", "revoke")], [1, 1], "in one call each")
    same(work_of(acme, ident), None, "nothing is left to do")


def tries_again(acme):
    ident = approved(acme, "aws role later.1")
    ok(leaping(acme, lambda: acme.status(ident) == "DONE", 1),
       "what fails for now is tried again") or acme.tell(ident)
    same(len(acme.program.calls("grant", ident, "end-75")), 2, "twice")
    same(acme.program.stands(ident), 1, "then it stands")
    revoked(acme, ident)


def fails(acme):
    """For good: with and without something left behind."""
    ident = approved(acme, "aws role refuse.1")
    acme.becomes(ident, "ERRORED", "what fails for good is errored")
    request = acme.seen(ident)
    ok("the cloud says no" in request["error"], "in the program's words")
    same(request["final"], True, "as nothing is left behind, for good")
    same(acme.program.stands(ident), 0, "nothing stands")
    ident = approved(acme, "aws role dirty.1")
    acme.becomes(ident, "CLEANED_UP", "what is left behind is taken away")
    same(acme.program.stands(ident), 0, "really")
    ok("half of it is there" in acme.seen(ident)["error"], "it says why")
    for item in "hang.1", "crash.1":
        ident = approved(acme, "aws role " + item)
        ok(leaping(acme, lambda i=ident: acme.status(i) in
                   ("ERRORED", "CLEANED_UP")),
           "%s: errored after some tries" % item) or acme.tell(ident)
        same(acme.program.stands(ident), 0, "%s: nothing stands" % item)
        tries = len(acme.program.calls("grant", ident))
        ok(2 <= tries <= 10, "%s: %d tries" % (item, tries))
    ident = approved(acme, "aws role Fine")
    acme.becomes(ident, "DONE", "others are not held up")
    revoked(acme, ident)


def stuck(acme):
    """It is tried for ever, and everybody who looks sees it."""
    acme.program.hold("free")
    ident = approved(acme, "aws role stuck.1", "5m")
    acme.until(ident, "DONE")
    acme.clock.leap(minutes=5, seconds=1)
    eventually(lambda: acme.program.calls("revoke", ident))
    same(acme.status(ident), "EXPIRY_SUBMITTED", "it is not told to be gone")
    ok(leaping(acme, lambda: acme.audit("provisioning.stuck")),
       "the audit log says that it is stuck")
    value = acme.metric("usher_removals_stuck")
    if value is None:
        note([line for line in acme.get("/metrics").text.splitlines()
              if "stuck" in line])
    same(value, 1.0, "the metrics say so")
    work = work_of(acme, ident)
    ok(work and "holds on to it" in json.dumps(work) and
       work.get("stuck") is True, "the list of work says so") or note(work)
    ok(acme.wait_log("stuck"), "the log says so")
    same(acme.who("vic").get("/provisioning").status, 200,
         "viewers see the list")
    same(acme.who("ana").get("/provisioning").status, 403, "others do not")
    acme.restart()
    tries = len(acme.program.calls("revoke", ident))
    ok(leaping(acme, lambda: len(acme.program.calls("revoke", ident)) >
               tries + 3), "it is tried on, also after a restart")
    same(acme.status(ident), "EXPIRY_SUBMITTED", "and does not end")
    same(len(acme.audit("provisioning.stuck")), 1, "it was told once")
    acme.program.let("free")
    ok(leaping(acme, lambda: acme.status(ident) == "EXPIRED"),
       "until it works")
    same(acme.program.stands(ident), 0, "it is gone")
    ok(acme.audit("provisioning.freed"), "the audit log says so")
    ok(eventually(lambda: acme.metric("usher_removals_stuck") == 0),
       "and nothing is stuck any more")


def program_gone(acme):
    """A program that is not there is like one that is busy."""
    ident = approved(acme, "aws role Absent")
    acme.until(ident, "DONE")
    os.rename(acme.program.path, acme.program.path + ".away")
    acme.who("mia").revoke(ident)
    ok(acme.stays(ident, "REVOKE_SUBMITTED"), "its program is gone")
    os.rename(acme.program.path + ".away", acme.program.path)
    ok(leaping(acme, lambda: acme.status(ident) == "REVOKED"),
       "and comes back: it is taken away")
    same(acme.program.stands(ident), 0, "really")


def reconfigured(acme):
    """What a provisioner put in place that is configured no more is taken
    away by hand."""
    ident = approved(acme, "okta group G")
    acme.becomes(ident, "DONE", "a provisioner puts it in place")
    with open(acme.conf, encoding="utf-8") as file:
        text = file.read()
    acme.stop()
    acme.write("usherd.conf", re.sub(
        r'provisioner "gone" {[^{]*{[^}]*}[^}]*}\n', "", text))
    acme.start()
    acme.who("mia").revoke(ident)
    work = eventually(lambda: work_of(acme, ident))
    same(acme.status(ident), "REVOKE_SUBMITTED", "its provisioner is gone")
    same(acme.who("rev").post("/provisioning/%s/done" % work["id"],
                              {}).status, 200, "so a person does it")
    acme.becomes(ident, "REVOKED", "and says so")
    acme.stop()
    acme.write("usherd.conf", text)
    acme.start()


def retyped(acme):
    """What another type put in place is nothing for the new one."""
    ident = approved(acme, "okta group H")
    acme.becomes(ident, "DONE", "a provisioner puts it in place")
    with open(acme.conf, encoding="utf-8") as file:
        text = file.read()
    acme.stop()
    acme.write("usherd.conf", re.sub(
        r'(provisioner "gone" {[^}]*)"none"',
        r'\1"exec"\ncommand = "/bin/true"', text))
    acme.start()
    acme.who("mia").revoke(ident)
    ok(leaping(acme, lambda: (work_of(acme, ident) or {}).get("stuck")),
       "it does not take it away, and that is told")
    same(acme.status(ident), "REVOKE_SUBMITTED", "it is not gone")
    acme.own.post("/provisioning/%s/done" % work_of(acme, ident)["id"], {})
    acme.becomes(ident, "REVOKED", "a person does it")
    acme.stop()
    acme.write("usherd.conf", text)
    acme.start()


def by_hand_early(acme, hook):
    """A grant that was given up may be carried out after a person looked."""
    ident = approved(acme, "gcloud role hold.1")
    eventually(lambda: hook.heard)
    acme.who("ana").relinquish(ident)
    ok(eventually(lambda: (work_of(acme, ident) or {}).get("verb") ==
                  "revoke"), "what did not answer in time is taken away")
    with open(acme.conf, encoding="utf-8") as file:
        text = file.read()
    acme.stop()
    acme.write("usherd.conf", re.sub(
        r'provisioner "hook" {[^{]*{[^}]*}[^}]*}\n|'
        r'provisioner "hook" {[^{}]*}\n', "", text))
    acme.start()
    work = eventually(lambda: work_of(acme, ident))
    path = "/provisioning/%s/done" % work["id"]
    early = acme.who("rev").post(path, {})
    ok(early.status == 409 and "until 20" in early.json["error"],
       "a person hears until when it may come back") or note(early)
    hook.go.set()
    ok(eventually(lambda: hook.stands(ident)), "and so it does")
    hook.effects.pop(ident, None)
    hook.go.clear()
    acme.clock.leap(minutes=2)
    same(acme.who("rev").post(path, {}).status, 200, "later it is done")
    acme.becomes(ident, "REVOKED", "and that is that")
    acme.stop()
    acme.write("usherd.conf", text)
    acme.start()


def unserved(acme):
    """An organisation that is configured no more keeps what it has."""
    ident = approved(acme, "okta group I")
    acme.until(ident, "DONE")
    with open(acme.conf, encoding="utf-8") as file:
        text = file.read()
    acme.stop()
    acme.write("usherd.conf", text.replace('organisation "acme"',
                                           'organisation "emca"'))
    acme.start()
    ok(acme.wait_log('no organisation "acme" any more, and 1 grants'),
       "the log says so")
    acme.stop()
    acme.write("usherd.conf", text)
    acme.start()
    revoked(acme, ident)


def told_again(acme, hook):
    """Who asks longer for what stands: the provisioner is told."""
    def told():
        return [h.body["grant"]["duration"] for h in hook.heard
                if h.body["verb"] == "grant" and h.body["id"] == first]
    first = approved(acme, "gcloud role Longer --duration 1h", "1h")
    acme.until(first, "DONE")
    again = approved(acme, "gcloud role Longer --duration 2h", "2h")
    ok(first != again, "a longer time is another request")
    acme.becomes(again, "DONE", "which is granted, too")
    same(told(), [3600, 7200], "the webhook hears of the new end")
    same(hook.stands(first), 1, "by the same id")
    seqs = [h.body["seq"] for h in hook.heard if h.body["id"] == first]
    same(seqs, sorted(set(seqs)), "later calls have higher numbers")
    acme.who("ana").relinquish(again)
    acme.becomes(again, "REVOKED", "it is given back")
    same((acme.status(first), hook.stands(first)), ("DONE", 1),
         "and still stands for the first")
    revoked(acme, first)
    same(hook.stands(first), 0, "then it is gone")


# --- A webhook --------------------------------------------------------------

def webhook(acme, hook):
    ident = approved(acme, "gcloud role Viewer")
    acme.becomes(ident, "DONE", "a webhook puts it in place")
    same(hook.stands(ident, "ana@example.com"), 1, "really")
    revoked(acme, ident)
    same(hook.stands(ident), 0, "really")
    slow = approved(acme, "gcloud role accept.1")
    acme.becomes(slow, "STAGED", "one that takes its time")
    same(acme.seen(slow)["startDate"], None, "its time does not run yet")
    acme.clock.leap(minutes=20)
    hook.go.set()
    ok(leaping(acme, lambda: acme.status(slow) == "DONE", 1),
       "it is looked at again until it stands")
    revoked(acme, slow)
    hook.go.clear()
    lost = approved(acme, "gcloud role accept.lost.1")
    acme.until(lost, "STAGED")
    hook.go.set()
    eventually(lambda: sum(h.body["verb"] == "check" and
                           h.body["id"] == lost for h in hook.heard))
    same(acme.status(lost), "STAGED", "what was accepted may yet come")
    acme.who("ana").relinquish(lost)
    ok(leaping(acme, lambda: acme.status(lost) == "REVOKED"),
       "and can be given back before it does") or acme.tell(lost)
    for item, status in ("refuse", "ERRORED"), ("dirty", "CLEANED_UP"):
        ident = approved(acme, "gcloud role %s.1" % item)
        acme.becomes(ident, status, "a webhook that fails: " + status)
        same(hook.stands(ident), 0, "nothing is left")
    ident = approved(acme, "gcloud role stuck.1")
    acme.until(ident, "DONE")
    acme.who("ana").relinquish(ident)
    ok(leaping(acme, lambda: sum(
        h.body["verb"] == "revoke" and h.body["id"] == ident
        for h in hook.heard) > 3),
       "taking away is tried again and again")
    hook.free.set()
    ok(leaping(acme, lambda: acme.status(ident) == "REVOKED"), "it works")
    same(hook.stands(ident), 0, "and it is gone")


# --- By hand ----------------------------------------------------------------

def by_hand(acme):
    ident = approved(acme, "azure role Reader --subscription S")
    acme.becomes(ident, "STAGED", "what nobody does by machine waits")
    work = work_of(acme, ident)
    ok(work and work["provisioner"] == "manual", "in the list of work") \
        or note(works(acme))
    path = "/provisioning/%s/done" % work["id"]
    for name, status in ("ana", 403), ("vic", 403), ("mia", 403):
        same(acme.who(name).post(path, {}).status, status,
             "%s does not say that it is done" % name)
    acme.clock.leap(hours=3)
    ok(acme.stays(ident, "STAGED"), "its time does not run yet")
    same(acme.who("rev").post(path, {}).status, 200, "a manager did it")
    acme.becomes(ident, "DONE", "now it stands")
    same(acme.seen(ident)["expiresDate"][:16], acme.clock.iso(3600)[:16],
         "and its time runs")
    ok(acme.who("rev").post(path, {}).status in (404, 409), "once")
    acme.restart()
    acme.clock.leap(hours=1, seconds=1)
    acme.becomes(ident, "EXPIRY_SUBMITTED", "when it ends, it is taken away")
    work = eventually(lambda: work_of(acme, ident))
    same(acme.status(ident), "EXPIRY_SUBMITTED", "by a person again")
    same(acme.who("rev").post("/provisioning/%s/done" % work["id"],
                              {}).status, 200, "who did it")
    acme.becomes(ident, "EXPIRED", "then it is over")
    same(work_of(acme, ident), None, "nothing is left to do")
    turned = approved(acme, "azure role Turned --subscription S")
    acme.until(turned, "STAGED")
    old = work_of(acme, turned)
    acme.who("ana").relinquish(turned)
    eventually(lambda: (work_of(acme, turned) or {}).get("verb") == "revoke")
    same(acme.who("rev").post("/provisioning/%s/done" % old["id"],
                              {}).status, 409,
         "what was done is not what is to be done now")
    same(acme.status(turned), "REVOKE_SUBMITTED", "so it is not gone")
    acme.own.post("/provisioning/%s/done" % work_of(acme, turned)["id"], {})
    acme.becomes(turned, "REVOKED", "until somebody takes it away")
    early = approved(acme, "azure role Early --subscription S")
    acme.until(early, "STAGED")
    acme.who("ana").relinquish(early)
    ok(acme.until(early, "REVOKE_SUBMITTED", "REVOKED"),
       "what was not done yet can be given back")
    work = work_of(acme, early)
    if work:
        acme.own.post("/provisioning/%s/done" % work["id"], {})
    acme.becomes(early, "REVOKED", "and is over once somebody looked")
    for bad in "01ARZ3NDEKTSV4RRFFQ69G5FAV", "nothing", ident:
        ok(acme.own.post("/provisioning/%s/done" % bad, {}).status in
           (404, 409), "there is no work %s" % bad[:8])


def without_work(acme):
    """Type none: nothing is to be done, who provides access asks usherd."""
    ident = approved(acme, "ssh session web-1")
    acme.becomes(ident, "DONE", "nothing is to be done")
    revoked(acme, ident)


def main():
    hook = Hook()
    more = {
        "hook": {"type": "webhook", "url": hook.url,
                 "services": ["gcloud"], "timeout-seconds": 5},
        "gone": {"type": "none", "services": ["okta"]},
        "ask": {"type": "none", "services": ["ssh"]}}
    with Access(RULES, PEOPLE, provision=("aws",), timeout=2,
                provisioners=more, inventory=MACHINES) as acme:
        program(acme)
        tries_again(acme)
        fails(acme)
        stuck(acme)
        program_gone(acme)
        reconfigured(acme)
        retyped(acme)
        unserved(acme)
        by_hand_early(acme, hook)
        told_again(acme, hook)
        webhook(acme, hook)
        by_hand(acme)
        without_work(acme)
        same([w for w in works(acme)["works"]], [], "no work is left")
        ok(chain_holds(acme.audit()), "the audit log is a whole chain")
        for request in acme.every():
            if not request["final"]:
                acme.tell(request["id"])
        same([r["id"] for r in acme.every() if not r["final"]], [],
             "every request came to its end")
        same((acme.program.standing(), hook.effects), ([], {}),
             "and no effect stands")
    done()


main()
