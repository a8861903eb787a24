# SPDX-License-Identifier: Apache-2.0
"""Who is told what: notices to the log and to a webhook, signed with the key
that usherd shows, kept until they were heard.
"""
import base64
import hashlib
import json
import re
import shutil
import time

from access import DEV, LEAD, Access, Sink, read_table
from lib import done, eventually, note, ok, run, same, skip

RULES = """
group dev  = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
rule all {
	from group dev;
	to any;
	approve group lead;
	approve escalation pagerduty "P1";
}
"""
PEOPLE = {"ana": DEV, "mia": LEAD, "otto": {}}
# SubjectPublicKeyInfo of a P-256 key, before its point.
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def integer(raw):
    """DER."""
    raw = raw.lstrip(b"\0") or b"\0"
    raw = b"\0" + raw if raw[0] & 0x80 else raw
    return b"\2" + bytes([len(raw)]) + raw


def signed_by(acme, token, keys):
    """Was the token signed with one of the keys? By openssl."""
    head, claims, signature = token.split(".")
    kid = json.loads(unpack(head))["kid"]
    key = [k for k in keys if k["kid"] == kid][0]
    point = b"\4" + unpack(key["x"]) + unpack(key["y"])
    raw = unpack(signature)
    pair = integer(raw[:32]) + integer(raw[32:])
    with open(acme.path("signature"), "wb") as file:
        file.write(b"\x30" + bytes([len(pair)]) + pair)
    with open(acme.path("key.pem"), "wb") as file:
        file.write(b"-----BEGIN PUBLIC KEY-----\n" +
                   base64.encodebytes(SPKI + point) +
                   b"-----END PUBLIC KEY-----\n")
    status, out, _ = run(
        "openssl", "dgst", "-sha256", "-verify", acme.path("key.pem"),
        "-signature", acme.path("signature"),
        stdin=(head + "." + claims).encode())
    return status == 0 and "OK" in out


def notices(sink, ident=None):
    return [h.body["notice"] for h in sink.heard
            if ident in (None, h.body.get("id"))]


def a_life(acme, sink):
    """One request through its whole life, and who hears of it."""
    ana, mia = acme.who("ana"), acme.who("mia")
    ident = ana.request("aws role Told --reason 'a good one'")
    ok(eventually(lambda: "requested" in notices(sink, ident)),
       "a request is told")
    body = [h.body for h in sink.heard if h.body.get("id") == ident][0]
    for name, value in (("principal", "ana@example.com"), ("org", "acme"),
                        ("service", "aws"), ("reason", "a good one")):
        same(body.get(name), value, "with its %s" % name)
    ok("a member of Leads" in body["approvers"], "and who can approve")
    ana.escalate(ident)
    ok(eventually(lambda: "escalated" in notices(sink, ident)),
       "an escalation is told")
    ok(acme.wait_log("page: pagerduty P1 for request " + ident),
       "and paged, in the log")
    mia.approve(ident, "1h")
    acme.until(ident, "DONE")
    acme.clock.leap(minutes=51)
    ok(eventually(lambda: "expiring-soon" in notices(sink, ident)),
       "that it ends soon")
    acme.clock.leap(minutes=10)
    acme.until(ident, "EXPIRED")
    want = ["requested", "escalated", "approved", "granted", "expiring-soon",
            "expired"]
    eventually(lambda: len(notices(sink, ident)) >= len(want))
    same(sorted(notices(sink, ident)), sorted(want), "each once")
    times = [h.body["at"] for h in sink.heard if h.body.get("id") == ident]
    ok(len(times) == len(want) and all(times), "each with its time")


def others(acme, sink):
    ana, mia = acme.who("ana"), acme.who("mia")
    denied = ana.request("aws role D")
    mia.deny(denied)
    back = ana.request("aws role R")
    mia.approve(back, "1h")
    acme.until(back, "DONE")
    ana.relinquish(back)
    failed = ana.request("aws role refuse.1")
    mia.approve(failed, "1h")
    acme.until(failed, "ERRORED")
    waits = ana.request("aws role W")
    acme.clock.leap(days=15)
    mia.ask("aws role P --to ana@example.com --length 2h", "allow")
    eventually(lambda: "preapproval-created" in notices(sink))
    acme.clock.leap(hours=1, minutes=55)
    for ident, word in ((denied, "denied"), (back, "revoked"),
                        (failed, "errored"), (waits, "timed-out"),
                        (None, "preapproval-created"),
                        (None, "preapproval-ending")):
        ok(eventually(lambda w=word, i=ident: w in notices(sink, i)),
           "%s is told" % word) or note(notices(sink, ident))
    refused = acme.who("otto").ask("aws role X").json["id"]
    same(acme.status(refused), "DENIED", "what the rules refuse")
    same(notices(sink, refused), [], "bothers nobody")
    for word in notices(sink):
        if not acme.wait_log(word):
            ok(False, "the log has %s, too" % word)
    ok("a good one" not in acme.logged(), "the log has nobody's words")


def signatures(acme, sink):
    keys = acme.get("/.well-known/jwks.json").json["keys"]
    ok(keys and all("d" not in key for key in keys),
       "the key is shown, its secret is not")
    first = sink.heard[0]
    kind, token = first.headers["Authorization"].split(" ")
    same(kind, "Bearer", "a notice has a token")
    claims = json.loads(unpack(token.split(".")[1]))
    same((claims["sub"], claims["aud"]), ("acme", sink.url),
         "of whom, and for whom")
    ok(claims["exp"] - claims["iat"] <= 300, "for a short time")
    same(unpack(claims["digest"]), hashlib.sha256(first.raw).digest(),
         "and of what")
    same(acme.get("/o/acme/account", token).status, 401,
         "it is no token for usherd")
    if not shutil.which("openssl"):
        skip("the signature", "openssl is not installed")
        return
    wrong = [h for h in sink.heard if not signed_by(
        acme, h.headers["Authorization"].split(" ")[1], keys)]
    same(len(wrong), 0, "each of %d is signed with the key" %
         len(sink.heard))
    head, claims, signature = token.split(".")
    forged = base64.urlsafe_b64encode(unpack(claims).replace(
        b"acme", b"evil")).decode().rstrip("=")
    ok(not signed_by(acme, ".".join((head, forged, signature)), keys),
       "and no other claims are")


def kept(acme, sink):
    """What is not heard is told again, also after a restart; nothing waits
    for it."""
    sink.answer = 500
    ident = acme.who("ana").request("aws role Kept")
    acme.who("mia").approve(ident, "1h")
    acme.becomes(ident, "DONE", "access does not wait for notices")
    eventually(lambda: "granted" in notices(sink, ident))
    acme.restart()
    sink.heard.clear()
    sink.answer = 200

    def heard():
        acme.clock.leap(minutes=1)
        return {"requested", "approved", "granted"} <= set(
            notices(sink, ident))
    ok(eventually(heard), "all are told in the end")


def hanging():
    """One that does not answer is left alone for a while, and what is too
    old is given up without being tried."""
    sink = Sink(500)
    with Access(RULES, PEOPLE, lines={"notifier": {
            "ears": {"type": "webhook", "url": sink.url}}}) as acme:
        ana = acme.who("ana")
        ids = [ana.request("aws role H%d" % i) for i in range(40)]
        eventually(lambda: sink.heard)
        time.sleep(1)
        ok(len(sink.heard) <= 3, "it is not asked for each of them") or note(
            len(sink.heard))
        before = len(sink.heard)
        acme.clock.leap(days=2)
        ok(eventually(lambda: acme.logged().count("and gives it up") >= 40),
           "what is old is given up, and that is told")
        ok(len(sink.heard) <= before + 1, "untried")
        sink.answer = 200
        fresh = ana.request("aws role Fresh")

        def heard():
            acme.clock.leap(minutes=1)
            return "requested" in notices(sink, fresh)
        ok(eventually(heard), "what is new is heard")
        same([i for i in ids if i in {h.body["id"] for h in
                                      sink.heard[before + 1:]}], [],
             "what was given up is not")
    sink.close()


def main():
    sink = Sink()
    with Access(RULES, PEOPLE, oncall={"pagerduty": {
            "P1": ["otto@example.com"]}}, lines={"notifier": {
                "ears": {"type": "webhook", "url": sink.url}}}) as acme:
        a_life(acme, sink)
        others(acme, sink)
        signatures(acme, sink)
        words = set(notices(sink))
        kept(acme, sink)
        table = set(re.findall(r"^US_NOTICE\(\w+, \"([^\"]+)\"",
                               read_table("notice.def"), re.M))
        same(sorted(table - words), ["stuck"],
             "every notice was heard, but of what is stuck")
    hanging()
    done()


main()
