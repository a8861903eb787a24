# SPDX-License-Identifier: Apache-2.0
"""The Command API: who may ask for whom, what the answers say, and that what
was decided under one workflow is not stored under another. And the poll, with
clients of HTTP/1.0, and with clients that go.
"""
import json
import socket
import threading
import time

from access import DEV, LEAD, Access
from lib import done, eventually, note, ok, same

RULES = """
group dev = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
rule roles {
	from group dev;
	to aws access role;
	approve group lead;
	approve escalation pagerduty "P1" require reason;
}
rule deny {
	from any;
	to aws access role { keep role name ~ "^never"; }
	deny;
}
rule own {
	from group lead;
	to aws access role;
	approve group lead allow one-party;
}
rule reasons {
	from any;
	to aws access group;
	approve manager okta "manager" require reason, duration;
}
rule bots {
	from agent any user any;
	to gcloud access role;
	approve reviewers;
}
rule on-call {
	from any;
	to azure access role;
	approve oncall incidentio;
}
rule standing {
	from any;
	to github;
	approve persistent;
}
"""
PEOPLE = {"ana": dict(DEV, profile={"okta": {"manager": "mia@example.com"}}),
          "bob": DEV, "mia": LEAD, "eve": {}}


def says(answer, status, *words):
    """A result: this status, and all words in the message or error."""
    text = (answer.json or {}).get("message") or \
        (answer.json or {}).get("error") or ""
    return ok(answer.status == status and all(w in text for w in words),
              "%d: %s" % (status, ", ".join(words))) or note(answer)


def for_whom(acme):
    ana, eve = acme.who("ana"), acme.who("eve")
    answer = eve.ask("aws role A --to bob@example.com")
    request = acme.seen(answer.json["id"])
    same((request["principal"], request["requestor"], request["issuer"]),
         ("bob@example.com", "eve@example.com",
          {"type": "person", "id": "eve@example.com"}),
         "anybody may ask for somebody else")
    same(request["status"], "PENDING_APPROVAL",
         "and the rules look at who gets access")
    same(acme.seen(ana.request("aws role A --to ANA@example.com"))
         ["principal"], "ana@example.com", "for oneself, in any case")
    says(ana.ask("aws role A --to nobody@example.com"), 400,
         "nobody@example.com", "directory")
    says(ana.ask("aws role A --to bob"), 400, "e-mail")
    says(ana.ask("aws role A --principal-type service-account"), 400,
         "service-account", "user")
    same(ana.ask("aws role A --principal-type user").status, 200,
         "a principal is a user")
    says(acme.who("zoe").ask("aws role A"), 403, "zoe@example.com",
         "directory")
    bot = acme.agent("bot", user="ana")
    request = acme.seen(bot.request("gcloud role viewer"))
    same((request["principal"], request["agent"]["clientId"],
          request["issuer"]["type"]), ("ana@example.com", "bot", "agent"),
         "an agent asks for its human")
    says(bot.ask("gcloud role viewer --to bob@example.com"), 403, "agent")
    says(bot.ask("aws role A --to ana@example.com", "grant"), 403, "agent")
    alone = acme.agent("bot", owner="ana")
    request = acme.seen(alone.request("gcloud role viewer"))
    same((request["principal"], request["agent"]["owner"]),
         (None, "ana@example.com"), "or, without one, for itself")
    says(acme.agent("bot", user="zoe").ask("gcloud role x"), 403, "zoe")
    says(acme.agent("bot", owner="zoe").ask("gcloud role x"), 403, "zoe")
    key, other = acme.key(), acme.key(forOthers=True)
    same(acme.seen(key.request("github team T"))["principal"], key.name,
         "a key asks for itself")
    says(key.ask("aws role A --to ana@example.com"), 403, "forOthers")
    request = acme.seen(other.request("aws role K --to ana@example.com"))
    same((request["principal"], request["issuer"]["type"]),
         ("ana@example.com", "key"), "and for others when it may")
    says(other.ask("aws role A --to ana@example.com --length 1h", "allow"),
         403, "key")


def words(acme):
    ana = acme.who("ana")
    says(ana.ask("aws role W"), 200, "a member of Leads",
         "until " + acme.clock.iso(14 * 24 * 3600)[:10])
    says(ana.ask("aws role W2 --reason x"), 200, "P1", "pagerduty",
         "escalated")
    says(ana.ask("aws role W"), 200, "asked for before")
    says(ana.ask("aws group G"), 200, "denied", "--reason",
         "--requested-duration")
    says(ana.ask("aws group G --reason x --duration 1h"), 200,
         "mia@example.com")
    says(acme.who("bob").ask("aws group G --reason x --duration 1h"), 200,
         "nobody is named")
    says(acme.who("eve").ask("aws role X"), 200, "no rule is about it")
    says(ana.ask("aws role never"), 200, "deny")
    says(ana.ask("azure role Reader --subscription S"), 200,
         "on call could not be found out")
    says(ana.ask("github team T"), 200, "granted by the rules for 1d")
    says(ana.ask("aws role W --duration 200d"), 400, "at most")
    says(ana.command(["wat"]), 400, "wat", "request, grant, allow and ls")
    same(acme.audit("permission-request.refused")[0]["data"]["status"],
         "DENIED", "a refusal is recorded")


def granting(acme):
    mia, ana = acme.who("mia"), acme.who("ana")
    answer = mia.ask("aws role G --to ana@example.com --duration 2h", "grant")
    same(answer.json["status"], "PENDING_APPROVAL",
         "who asks does not approve it, where one party may not")
    says(answer, 200, "you cannot approve it yourself")
    answer = mia.ask("aws role H --to mia@example.com --duration 2h", "grant")
    ok(answer.json["status"] in ("APPROVED", "DONE"),
       "where one party may, it is approved at once") or note(answer)
    acme.becomes(answer.json["id"], "DONE", "and put in place")
    request = acme.seen(answer.json["id"])
    same([e["event"] for e in request["history"][:2]],
         ["requested", "approved"], "asked for and approved in one go")
    same((request["approvedBy"], request["duration"]),
         ("mia@example.com", 7200), "by her, for so long")
    says(ana.ask("aws role G", "grant"), 400, "--to")
    answer = ana.ask("aws role I --to bob@example.com", "grant")
    same(answer.json["status"], "PENDING_APPROVAL", "who may not, asks")


def moving(acme):
    """Rules that change all the time: every answer is right, or 503."""
    ana, stop, answers = acme.who("ana"), threading.Event(), []
    deny = RULES + "rule stop { from any; to aws access role " \
        "{ keep role name ~ \"^move\"; } deny; }\n"

    def save():
        while not stop.is_set():
            acme.save(deny)
            acme.save(RULES)
    saver = threading.Thread(target=save)
    saver.start()
    try:
        for n in range(60):
            answers.append(ana.ask("aws role move-%d" % n))
    finally:
        stop.set()
        saver.join()
    bad = [a for a in answers if a.status not in (200, 503)]
    same(bad, [], "all are answered")
    seen = [acme.seen(a.json["id"]) for a in answers if a.status == 200]
    ok(seen, "%d of %d were decided in time" % (len(seen), len(answers)))
    wrong = [r for r in seen if r["decision"]["outcome"] not in
             ("pending", "denied")]
    same(wrong, [], "and as one of the two says")


# --- The poll -----------------------------------------------------------------

def raw(acme, who, ident, version="1.0"):
    sock = socket.create_connection(("127.0.0.1", acme.port), timeout=20)
    sock.sendall(("GET /o/acme/command/%s/poll HTTP/%s\r\nHost: h\r\n"
                  "Authorization: Bearer %s\r\n\r\n" % (
                      ident, version, who.token)).encode())
    return sock


def read_all(sock):
    got = b""
    while True:
        more = sock.recv(65536)
        if not more:
            sock.close()
            return got.decode()
        got += more


def polling(acme):
    ana, mia = acme.who("ana"), acme.who("mia")
    ident = ana.request("aws role Poll")
    sock = raw(acme, ana, ident)
    time.sleep(0.2)
    mia.deny(ident, "not today")
    head, body = read_all(sock).split("\r\n\r\n", 1)
    ok("Transfer-Encoding" not in head and "Connection: close" in head,
       "a client of HTTP/1.0 gets no chunks")
    lines = [json.loads(line) for line in body.splitlines()]
    same([line["type"] for line in lines], ["heartbeat", "data"],
         "a heartbeat, and the end")
    ok("mia@example.com" in lines[1]["data"]["message"] and
       "not today" in lines[1]["data"]["message"],
       "which says who denied it, and why") or note(lines[1])
    sock = raw(acme, ana, ident, "1.1")
    text = ""
    while "0\r\n\r\n" not in text:
        text += sock.recv(65536).decode()
    ok("Transfer-Encoding: chunked" in text, "a client of HTTP/1.1 does")
    sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
    ok("200 OK" in sock.recv(65536).decode(),
       "and its connection goes on after the last")
    sock.close()
    ident = ana.request("aws role Many")
    socks = [raw(acme, ana, ident, "1.1") for _ in range(200)]
    for sock in socks[:50]:
        sock.close()
    mia.approve(ident, "1h")
    ends = 0
    for sock in socks[50:]:
        text = ""
        while "0\r\n\r\n" not in text:
            more = sock.recv(65536).decode()
            if not more:
                break
            text += more
        ends += '"type":"data"' in text
        sock.close()
    same(ends, 150, "150 that wait hear of it, 50 that went do not hurt")


def stopping(acme):
    """Who waits while usherd ends gets an end, too."""
    ana = acme.who("ana")
    sock = raw(acme, ana, ana.request("aws role Last"))
    time.sleep(0.2)
    acme.restart()
    body = read_all(sock).split("\r\n\r\n", 1)[1]
    last = json.loads(body.splitlines()[-1])
    same((last["type"], last["data"]["request"]["status"]),
         ("data", "PENDING_APPROVAL"), "a poll ends with usherd")
    ok(eventually(lambda: ana.get("/account").status == 200), "it is back")


def main():
    with Access(RULES, PEOPLE) as acme:
        for part in (for_whom, words, granting, moving, polling, stopping):
            part(acme)
    done()


main()
