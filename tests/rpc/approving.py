# SPDX-License-Identifier: Apache-2.0
"""Who may say yes: every type of approval with every option, one's own
requests in their three forms, requests for others, escalation, break-glass,
two approvers at the same moment, and what changed between request and
approval; and for how long.
"""
import itertools
import json
import threading

from access import DAY, DEV, LEAD, REVIEWER, Access, mail
from lib import done, eventually, note, ok, same

GROUPS = """
group dev  = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
group ops  = entra-id "5f1c" "Operations";
"""

# A rule for each: requests for the aws role of that name come to it alone.
WAYS = {
    "group": "approve group lead;",
    "groups": "approve group lead, ops;",
    "outside": "approve outside dev;",
    "reviewers": "approve reviewers;",
    "manager": 'approve manager okta "manager";',
    "mentor": 'approve manager okta "mentor";',
    "escalation": 'approve escalation pagerduty "P1", "P2";',
    "either": "approve group lead; approve reviewers;",
    "one-party": "approve group lead, dev allow one-party;",
    "one-party-other": "approve group lead allow one-party; "
                       "approve group dev;",
    "manager-one-party": 'approve manager okta "manager" allow one-party;',
    "reviewers-one-party": "approve reviewers allow one-party;",
    "escalation-one-party":
        'approve escalation pagerduty "P1" allow one-party;',
    "reason": "approve group lead require reason;",
    "duration": "approve group lead require duration;",
    "both": "approve group lead require reason, duration;",
    "preapproval": "approve group lead require preapproval;",
    "reason-or-not": "approve group lead require reason; approve reviewers;",
    "duration-or-not":
        "approve group lead; approve reviewers require duration;",
    "persistent": "approve persistent;",
    "persistent-reason": "approve persistent require reason;",
    "persistent-or": "approve persistent require reason; "
                     "approve group lead;",
    "auto": "approve oncall pagerduty;",
    "auto-reason": "approve oncall pagerduty require reason;",
    "auto-or": "approve oncall pagerduty; approve group lead;",
    "auto-unknown": "approve oncall incidentio;",
    "auto-unknown-or": "approve oncall incidentio; approve group lead;",
    "deny": "deny;",
    "nobody": "approve nobody;",
}
WAY_RULE = """
rule %s {
	from any;
	to aws access role { keep role name ~ "^%s(\\\\.|$)"; }
	%s
}
"""
RULES = GROUPS + "".join(WAY_RULE % (name, name, way)
                         for name, way in WAYS.items()) + """
rule denied-beside {
	from any;
	to aws access role { keep role name ~ "^denied-beside$"; }
	approve group lead;
}
rule denying {
	from user "ana@example.com";
	to aws access role { keep role name ~ "^denied-beside$"; }
	deny;
}
rule bot {
	from agent client "bot" user any;
	to gcloud access role { keep role id ~ "bot$"; }
	approve group lead, dev;
}
rule bot-one-party {
	from agent any user any;
	to gcloud access role { keep role id ~ "own$"; }
	approve group lead, dev allow one-party;
}
rule ssh-wide {
	from group dev;
	to ssh;
	approve group lead;
	approve persistent require reason;
	approve oncall pagerduty;
}
rule ssh-glass {
	from group ops;
	to ssh;
	approve group lead allow break-glass;
	approve reviewers;
}
rule ssh-named {
	from user "ned@example.com";
	to ssh access all;
	approve group lead require reason;
}
rule ssh-oncall {
	from user "otto@example.com";
	to ssh access all;
	approve oncall pagerduty;
}
"""

OPS = {"groups": [{"directory": "azure-ad", "id": "5f1c"}]}
PEOPLE = {
    "ana": dict(DEV, profile={"okta": {"manager": "mia@example.com"}}),
    "bob": DEV, "mia": {}, "lee": LEAD, "max": LEAD, "oli": OPS,
    "sue": REVIEWER, "otto": {}, "eve": {}, "ned": {},
    "selfman": {"profile": {"okta": {"manager": "SelfMan@example.com"}}},
    "leadev": {"groups": DEV["groups"] + LEAD["groups"]},
}
ONCALL = {"pagerduty": {"P1": ["otto@example.com"],
                        "P2": ["Oli@Example.com"],
                        "P3": ["eve@example.com"]}}
DECIDERS = ["ana", "bob", "mia", "lee", "oli", "sue", "otto", "eve", "own"]

# way, options, who of DECIDERS may approve what ana asks for.
MAY = [
    ("group", "", "lee"), ("groups", "", "lee oli"),
    ("outside", "", "mia lee oli sue otto eve own"),
    ("reviewers", "", "sue own"), ("manager", "", "mia"),
    ("mentor", "", ""), ("escalation", "", ""),
    ("escalation", "escalate", "oli otto"),
    ("either", "", "lee sue own"),
    ("one-party", "", "ana bob lee"),
    ("one-party-other", "", "bob lee"),
    ("manager-one-party", "", "mia"),
    ("reason", "--reason x", "lee"),
    ("duration", "--duration 1h", "lee"),
    ("both", "--reason x --requested-duration 30m", "lee"),
    ("reason-or-not", "", "sue own"),
    ("reason-or-not", "--reason '  '", "sue own"),
    ("reason-or-not", "--reason x", "lee sue own"),
    ("duration-or-not", "", "lee"),
    ("duration-or-not", "--duration 10m", "lee sue own"),
    ("persistent-or", "", "lee"), ("auto-or", "", "lee"),
    ("auto-unknown-or", "", "lee"),
]

# who, way, options, what becomes of it at once, a word of the message.
AT_ONCE = [
    ("ana", "reason", "", "DENIED", "--reason"),
    ("ana", "reason", "--reason ' \t '", "DENIED", "--reason"),
    ("ana", "duration", "--reason x", "DENIED", "duration"),
    ("ana", "both", "", "DENIED", "--reason"),
    ("ana", "preapproval", "--reason x", "DENIED", "advance"),
    ("ana", "persistent-reason", "", "DENIED", "--reason"),
    ("ana", "persistent", "", "DONE", ""),
    ("bob", "persistent-reason", "--reason x", "DONE", ""),
    ("bob", "persistent-or", "--reason x", "DONE", ""),
    ("otto", "auto", "", "DONE", ""),
    ("oli", "auto", "", "DONE", ""),
    ("otto", "auto-reason", "", "DENIED", "--reason"),
    ("otto", "auto-reason", "--reason x", "DONE", ""),
    ("oli", "auto-or", "", "DONE", ""),
    ("ana", "auto", "", "DENIED", ""),
    ("otto", "auto-unknown", "", "DENIED", ""),
    ("ana", "deny", "--reason x --duration 1h", "DENIED", ""),
    ("ana", "nobody", "--reason x --duration 1h", "DENIED", ""),
    ("ana", "denied-beside", "--reason x", "DENIED", ""),
    ("ana", "no-such-rule", "--reason x", "DENIED", ""),
]

fresh = itertools.count(1)


def ask_way(who, way, options=""):
    """A request that comes to the rule of that name, and is no twin."""
    return who.request("aws role %s.%d %s" % (way, next(fresh), options))


def may_approve(acme):
    """Each of the deciders tries; who may, does."""
    for way, options, admitted in MAY:
        escalates = options == "escalate"
        got = []
        for name in DECIDERS:
            ident = ask_way(acme.who("ana"), way,
                            "" if escalates else options)
            if escalates:
                acme.who("ana").escalate(ident)
            answer = acme.who(name).approve(ident, "1h")
            after = acme.seen(ident)
            if answer.status == 200:
                got.append(name)
                if after["approvedBy"] != mail(name):
                    note("approvedBy: %r" % after["approvedBy"])
                    got.append("(not recorded)")
            elif after["status"] not in ("PENDING_APPROVAL",
                                         "PENDING_APPROVAL_ESCALATED") or \
                    answer.status not in (403, 404) or \
                    not answer.json["error"]:
                got.append("%s: %r" % (name, answer))
        same(" ".join(got), admitted, "%s %s: approve %s" % (
            way, options, admitted or "nobody"))


def at_once(acme):
    for name, way, options, status, word in AT_ONCE:
        if way not in WAYS:
            answer = acme.who(name).ask("aws role %s %s" % (way, options))
        else:
            answer = acme.who(name).ask("aws role %s.%d %s" % (
                way, next(fresh), options))
        ident = (answer.json or {}).get("id")
        if not ok(answer.status == 200 and ident and
                  acme.until(ident, status) and
                  word in answer.json["message"],
                  "%s, %s %s: %s" % (name, way, options, status)):
            note(answer)
        if status == "DENIED" and ident:
            ok(acme.seen(ident)["error"] and not acme.seen(ident)
               ["approvedBy"], "with a reason, and nobody was asked")


def who_sees(acme):
    """For whom it does not concern, it does not exist."""
    ident = ask_way(acme.who("ana"), "group", "--reason x")
    for name, status in (("ana", 200), ("lee", 200), ("own", 200),
                         ("sue", 200), ("bob", 404), ("mia", 404),
                         ("eve", 404)):
        same(acme.who(name).see(ident).status, status,
             "%s sees it: %d" % (name, status))
        for what in "approve", "deny", "revoke", "escalate":
            if status == 404:
                same(acme.who(name).act(ident, what).status, 404,
                     "%s cannot %s what is not there" % (name, what))
        for path, there in (
                ("permission-requests", status == 200),
                ("permission-requests/approvals", name == "lee"),
                ("permission-requests/mine", name == "ana")):
            same(ident in acme.who(name).listed(path), there,
                 "%s: in %s: %s" % (name, path, there))
    same(acme.who("sue").approve(ident).status, 403,
         "a reviewer who sees it, but may not approve it: 403")
    same(acme.who("lee").approve(ident).status, 200, "a lead approves")
    acme.until(ident, "DONE")
    ok(ident not in acme.who("lee").listed("permission-requests/approvals"),
       "then it waits for nobody")
    same(acme.who("lee").see(ident).status, 200,
         "who approved goes on to see it")


def own_requests(acme):
    """The principal, who asked, and the owner of the agent."""
    lee, bob = acme.who("lee"), acme.who("bob")
    rows = [
        ("principal", "leadev", "group", 403),
        ("principal", "leadev", "one-party", 200),
        ("principal", "sue", "reviewers", 403),
        ("principal", "sue", "reviewers-one-party", 200),
        ("principal", "selfman", "manager", 403),
        ("principal", "selfman", "manager-one-party", 200),
        ("principal", "otto", "escalation", 403),
        ("principal", "otto", "escalation-one-party", 200),
    ]
    for form, name, way, status in rows:
        ident = ask_way(acme.who(name), way)
        if "escalation" in way:
            same(acme.who(name).escalate(ident).status, 200, "escalated")
        same(acme.who(name).approve(ident).status, status,
             "the %s, %s: %d" % (form, way, status))
    for way, status in ("group", 403), ("one-party", 200):
        ident = ask_way(lee, way, "--to bob@example.com")
        same(acme.seen(ident)["principal"], "bob@example.com",
             "lee asks for bob")
        same(lee.approve(ident).status, status,
             "who asked, %s: %d" % (way, status))
        if status == 403:
            same(acme.who("max").approve(ident).status, 200,
                 "somebody else approves it")
    bot = acme.agent("bot", owner="bob")
    for role, status in ("bot", 403), ("own", 200):
        ident = bot.request("gcloud role %s" % role)
        agent = acme.seen(ident)["agent"]
        same((agent["clientId"], agent["owner"]),
             ("bot", "bob@example.com"), "bob's agent asks")
        same(bob.approve(ident).status, status,
             "the agent's owner, %s: %d" % (role, status))
        same(bot.approve(ident).status in (403, 404, 400), True,
             "an agent approves nothing")
    human = acme.agent("bot", user="ana", owner="bob")
    ident = human.request("gcloud role bot")
    same(acme.who("ana").approve(ident).status, 403,
         "the human of the session is the principal")
    same(bob.approve(ident).status, 403, "the owner may not either")
    same(lee.approve(ident).status, 200, "a lead may")


def for_others(acme):
    """On behalf of another: the rules look at the principal."""
    eve, ana = acme.who("eve"), acme.who("ana")
    answer = eve.ask("aws role denied-beside --to ana@example.com")
    same(answer.json["status"], "DENIED", "ana's rules refuse, whoever asks")
    answer = ana.ask("aws role denied-beside --to eve@example.com")
    same(answer.json["status"], "PENDING_APPROVAL", "eve's do not")
    ident = answer.json["id"]
    request = acme.seen(ident)
    same((request["principal"], request["requestor"]),
         ("eve@example.com", "ana@example.com"), "both are recorded")
    for name in "ana", "eve":
        same(acme.who(name).see(ident).status, 200, "%s sees it" % name)
    same(acme.who("lee").approve(ident, "1h").status, 200, "approved")
    acme.becomes(ident, "DONE", "it is in place")
    same((acme.program.stands("eve@example.com", "denied-beside"),
          acme.program.stands('"principal": "ana', "denied-beside")), (1, 0),
         "for the principal")
    same(ana.relinquish(ident).status, 200, "who asked gives it back")
    acme.becomes(ident, "REVOKED", "and it is gone")
    same(acme.program.stands("eve@example.com", "denied-beside"), 0,
         "really")
    for name in "ana", "EVE@Example.com":
        answer = ana.ask("aws role group.%d --to %s" % (next(fresh),
                                                         mail(name)))
        same(answer.json["status"], "PENDING_APPROVAL", "for %s" % name)
    plain, other = acme.key(), acme.key(forOthers=True)
    line = "aws role group.key --to bob@example.com"
    same(plain.ask(line).status, 403, "a key that may not ask for others")
    answer = other.ask(line)
    same(answer.status, 200, "and one that may")
    request = acme.seen(answer.json["id"])
    same((request["principal"], request["issuer"]["type"]),
         ("bob@example.com", "key"), "issued by a key")
    for bad in ("", "bob", "key:01", "@", "bob@example.com x"):
        answer = ana.command(["request", "aws", "role", "group", "--to", bad])
        same(answer.status, 400, "nobody is called %r" % bad)


def granting(acme):
    """grant: asking for somebody, and approving it in the same breath."""
    rows = [("lee", "group", "PENDING_APPROVAL"), ("lee", "one-party", "DONE"),
            ("eve", "group", "PENDING_APPROVAL"),
            ("eve", "one-party", "PENDING_APPROVAL"),
            ("eve", "persistent", "DONE"), ("eve", "deny", "DENIED")]
    for name, way, status in rows:
        answer = acme.who(name).ask("aws role %s.%d --duration 20m "
                                    "--to bob@example.com" % (
                                        way, next(fresh)), "grant")
        if not ok(answer.status == 200 and
                  acme.until(answer.json["id"], status),
                  "%s grants %s: %s" % (name, way, status)):
            note(answer)
        elif (name, status) == ("lee", "DONE"):
            request = acme.seen(answer.json["id"])
            same((request["approvedBy"], request["duration"]),
                 ("lee@example.com", 1200), "as lee may approve it")
    same(acme.who("lee").ask("aws role one-party", "grant").status, 400,
         "somebody is to be named")


def escalating(acme):
    """Pages those on call, once; then they may approve."""
    ana, otto = acme.who("ana"), acme.who("otto")
    plain = ask_way(ana, "group")
    answer = ana.escalate(plain)
    same(answer.status, 400, "what nobody is on call for is not escalated")
    ident = ask_way(ana, "escalation", "--reason fire")
    ok("now: otto@example.com" in acme.seen(ident)["approvers"],
       "it is said who is on call") or note(acme.seen(ident)["approvers"])
    same(otto.approve(ident).status, 404, "before, otto cannot even see it")
    for name, status in (("own", 403), ("eve", 404)):
        same(acme.who(name).escalate(ident).status, status,
             "%s does not escalate it" % name)
    same(ana.escalate(ident).status, 200, "who asked escalates")
    request = acme.seen(ident)
    same((request["status"], request["label"]),
         ("PENDING_APPROVAL_ESCALATED", "Pending approval (escalated)"),
         "it says so")
    same(ana.escalate(ident).status, 400, "once")
    ok(ident in otto.listed("permission-requests/approvals"),
       "it waits for those on call")
    for name in "eve", "lee", "own":
        ok(acme.who(name).approve(ident).status in (403, 404),
           "%s is not on call there" % name)
    same([e["data"].get("id") for e in acme.audit(
        "permission-request.escalated")].count(ident), 1, "one audit event")
    acme.write("oncall.json", {"pagerduty": {"P1": ["bob@example.com"],
                                             "P2": []}})
    ok(eventually(lambda: acme.who("bob").see(ident).status == 200),
       "now bob is on call")
    same(otto.approve(ident).status in (403, 404), True, "and otto is not")
    same(acme.who("bob").approve(ident, "1h").status, 200, "bob approves")
    acme.becomes(ident, "DONE", "and it is granted")
    acme.write("oncall.json", "{ broken")
    ok(acme.wait_log("oncall.json"), "a broken file is told of")
    ident = ask_way(ana, "escalation")
    ana.escalate(ident)
    same(acme.who("bob").approve(ident).status, 200,
         "and keeps what was known")
    acme.write("oncall.json", ONCALL)
    eventually(lambda: acme.who("otto").ask(
        "aws role auto.%d" % next(fresh)).json["status"] != "DENIED")


def break_glass(acme):
    """ssh all: only by rules that name it, or human ones that allow it."""
    rows = [
        ("ana", "", "DENIED", ""), ("ana", "--reason x", "DENIED", ""),
        ("oli", "", "PENDING_APPROVAL", "lee"),
        ("ned", "", "DENIED", ""), ("ned", "--reason x",
                                    "PENDING_APPROVAL", "lee"),
        ("otto", "", "DONE", ""),
        ("eve", "--reason x", "DENIED", ""),
    ]
    for name, options, status, approver in rows:
        answer = acme.who(name).ask("ssh all %s" % options)
        ident = answer.json["id"]
        if not ok(acme.until(ident, status), "ssh all of %s %s: %s" % (
                name, options, status)):
            note(answer)
        if approver:
            ok(acme.who("sue").approve(ident).status == 403,
               "an alternative without the option counts for nothing")
            same(acme.who(approver).approve(ident).status, 200,
                 "%s approves" % approver)
            acme.becomes(ident, "DONE", "it is granted")


def at_the_same_moment(acme):
    """Of two approvers one wins, and the other is told who."""
    approvers = [acme.who("lee"), acme.who("max")]
    wrong = []
    winners = {"lee": 0, "max": 0}
    for n in range(60):
        ident = ask_way(acme.who("ana"), "group")
        acts = [lambda who: who.approve(ident, "1h")] * 2
        if n % 3 == 1:
            acts[1] = lambda who: who.deny(ident)
        barrier, answers = threading.Barrier(2), [None, None]

        def act(i):
            barrier.wait()
            answers[i] = acts[i](approvers[i])
        both = [threading.Thread(target=act, args=(i,)) for i in (0, 1)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        codes = [a.status for a in answers]
        if sorted(codes) != [200, 400]:
            wrong.append("%r" % answers)
            continue
        won = codes.index(200)
        winners[approvers[won].name] += 1
        lost = answers[1 - won].json
        did = "denied" if n % 3 == 1 and won == 1 else "approved"
        if lost != {"error": "Invalid or expired request", "detail":
                    "%s %s it already" % (approvers[won].mail, did)}:
            wrong.append(lost)
        words = [e["event"] for e in acme.seen(ident)["history"]]
        if words.count("approved") + words.count("denied") != 1:
            wrong.append(words)
    same(wrong[:3], [], "60 times, one of two wins, the other is told")
    note("who won: %r" % winners)


def changed_since(acme):
    """What counts is what holds when the approver acts."""
    ana, lee = acme.who("ana"), acme.who("lee")

    def waits(way="group"):
        return ask_way(ana, way, "--reason x")
    ident = waits()
    acme.save(RULES.replace(WAYS["group"] + "\n", "approve reviewers;\n", 1))
    same(acme.who("lee").approve(ident).status, 404,
         "new rules: who was an approver is none")
    same(acme.who("sue").approve(ident, "1h").status, 200,
         "who is one now, is")
    acme.save(RULES)
    same(acme.seen(waits())["workflowVersion"],
         acme.own.get("/routing/latest").json["workflow"]["version"],
         "the version that decided is recorded")
    ident = waits("either")
    del acme.people["lee"]
    acme.people["lee"] = {}
    acme.write_people()
    ok(eventually(lambda: lee.see(ident).status == 404),
       "an approver who left the group sees it no more")
    same(lee.approve(ident).status, 404, "and cannot approve it")
    same(acme.who("max").approve(ident).status, 200, "others can")
    acme.people["lee"] = LEAD
    acme.write_people()
    ident = waits()
    acme.leave("max")
    same(acme.who("max").approve(ident).status in (401, 403, 404), True,
         "an approver who is gone from the directory approves nothing")
    same(acme.status(ident), "PENDING_APPROVAL", "it still waits")
    acme.people["max"] = LEAD
    acme.write_people()
    acme.wait_people()
    same(acme.who("max").approve(ident, "1h").status, 200,
         "until there again")
    ident = waits("manager")
    acme.people["ana"] = dict(DEV, profile={"okta": {
        "manager": "max@example.com"}})
    acme.write_people()
    ok(eventually(lambda: acme.who("max").see(ident).status == 200 and
                  acme.who("mia").see(ident).status != 200),
       "another manager, another approver")
    same(acme.who("mia").approve(ident).status, 404, "not the old one")
    same(acme.who("max").approve(ident, "1h").status, 200, "but the new one")
    acme.people["ana"] = PEOPLE["ana"]
    acme.write_people()
    ident = waits()
    acme.save(RULES + 'rule stop { from user "ana@example.com"; to aws; '
                      "deny; }\n")
    answer = lee.approve(ident)
    ok(answer.status in (400, 403, 404),
       "what new rules deny is not approved") or note(answer)
    acme.becomes(ident, "DENIED", "but denied")
    ok("usherd" in acme.seen(ident)["history"][-1]["by"], "by usherd")
    acme.save(RULES)
    ident = waits()
    acme.save(RULES + "# the same, said in other words\n")
    same(lee.approve(ident, "1h").status, 200,
         "a change that is none of its business is none")


LENGTHS = [
    ("", None, 3600), ("--duration 2h", None, 7200),
    ("--duration 2h", "30m", 1800), ("--duration 10m", "1 day", DAY),
    ("", "90 minutes", 5400), ("", "1 week", 7 * DAY),
    ("", "1 month", 30 * DAY), ("", "180d", 180 * DAY),
    ("", "181d", 0), ("", "0m", 0), ("", "0", 0), ("", "-1h", 0),
    ("", "1.5h", 0), ("", "soon", 0), ("", "1h ", 0), ("", "99999999999w", 0),
    ("", "1y", 0), ("", "h", 0),
]


def lengths(acme):
    for options, length, seconds in LENGTHS:
        ident = ask_way(acme.who("ana"), "group", options)
        answer = acme.who("lee").approve(ident, length)
        if not seconds:
            ok(answer.status == 400 and answer.json["error"],
               "%r is no length" % length) or note(answer)
            same(acme.status(ident), "PENDING_APPROVAL", "it still waits")
            continue
        same((answer.status, answer.json), (200, {}),
             "asked %s, approved for %s" % (options or "nothing", length))
        acme.until(ident, "DONE")
        request = acme.seen(ident)
        same(request["duration"], seconds, "lasts %d s" % seconds)
        same(request["expiresDate"][:19], acme.clock.iso(seconds)[:19],
             "to the second")
    for body in ({"expirationLength": 3600}, {"expirationLength": ["1h"]},
                 {"length": "1h"}, [], "1h", 3):
        ident = ask_way(acme.who("ana"), "group")
        same(acme.post("/o/acme/permission-requests/%s/approve" % ident,
                       json.dumps(body), acme.who("lee").token,
                       {"Content-Type": "application/json"}).status, 400,
             "%r is no approval" % (body,))
    for line in ("--duration 181d", "--duration 0h", "--duration x",
                 "--duration ''", "--requested-duration -1h"):
        same(acme.who("ana").ask("aws role group.x " + line).status, 400,
             "nothing is asked for with %s" % line)


def at_most(acme):
    """The longest access is a setting."""
    before = ask_way(acme.who("ana"), "group", "--duration 5h")
    same(acme.own.put("/settings/max-access-duration",
                      {"time": 2, "unit": "hours"}).status, 204,
         "two hours at most")
    same(acme.who("ana").ask("aws role group.long --duration 3h").status,
         400, "more is not asked for")
    for length in None, "121m":
        answer = acme.who("lee").approve(before, length)
        ok(answer.status == 400 and answer.json["error"],
           "what was asked before is not approved for %s" % (
               length or "what was asked")) or note(answer)
    same(acme.who("lee").approve(before, "2h").status, 200,
         "but for two hours")
    acme.own.put("/settings/max-access-duration", {"time": 180,
                                                   "unit": "days"})


def denying(acme):
    ana, lee = acme.who("ana"), acme.who("lee")
    ident = ask_way(ana, "group")
    same(acme.who("sue").deny(ident).status, 403, "who may not, may not deny")
    same((lee.deny(ident, "ask me on Monday").status,
          acme.status(ident)), (200, "DENIED"), "an approver denies")
    ok("Monday" in str(ana.see(ident).json), "and ana reads why")
    same(lee.approve(ident).json["error"], "Invalid or expired request",
         "which is the end of it")
    answer = ana.ask("aws role group.again")
    same(answer.json["isPreexisting"], False, "she may ask again")


def main():
    with Access(RULES, PEOPLE, oncall=ONCALL) as acme:
        for part in (may_approve, at_once, who_sees, own_requests, for_others,
                     granting, escalating, break_glass, at_the_same_moment,
                     changed_since, lengths, at_most, denying):
            part(acme)
    done()


main()
