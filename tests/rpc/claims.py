# SPDX-License-Identifier: Apache-2.0
"""A client cannot claim anything: no attribute, group, role, duty or approval.
For each service and access type everything is tried, in arguments, options,
members of the body, headers and queries, under rules that grant at once to
whoever has what is claimed. And: arguments say what the table of SPEC 7 has,
the inventory replaces it, and what only an inventory can know is not known
without one, never absent.
"""
import base64
import os
import re

from access import DEV, LEAD, Access
from lib import TOP, done, note, ok, same

TABLE_NAME = "//bigquery.googleapis.com/projects/p/datasets/d/tables/t"
ARN = "arn:aws:iam::123456789012:"
OBJECT = {"full-resource-name": [TABLE_NAME], "type": ["table"],
          "name": ["t"]}

# service, access type, arguments, what they set, what is not known.
ROWS = [
    ("gcloud", "role", "viewer", {"role": {"id": ["roles/viewer"]}}, []),
    ("gcloud", "role", "roles/editor --resource " + TABLE_NAME,
     {"role": {"id": ["roles/editor"]}, "resource": OBJECT}, []),
    ("gcloud", "permission", "bigquery.tables.get --resource " + TABLE_NAME,
     {"permission": {"id": ["bigquery.tables.get"]}, "resource": OBJECT}, []),
    ("gcloud", "resource", TABLE_NAME, {"resource": OBJECT}, []),
    ("aws", "role", ARN + "role/Deploy",
     {"role": {"name": ["Deploy"], "arn": [ARN + "role/Deploy"]},
      "account": {"id": ["123456789012"]}}, ["tag"]),
    ("aws", "role", "Ops --account 123456789012",
     {"role": {"name": ["Ops"]}, "account": {"id": ["123456789012"]}},
     ["role.arn", "tag"]),
    ("aws", "group", "Admins --account 123456789012",
     {"group": {"name": ["Admins"]}, "account": {"id": ["123456789012"]}},
     ["tag"]),
    ("aws", "permission-set", "ReadOnly --account 123456789012",
     {"permission-set": {"name": ["ReadOnly"]},
      "account": {"id": ["123456789012"]}}, ["permission-set.arn", "tag"]),
    ("aws", "policy", ARN + "policy/P",
     {"policy": {"arn": [ARN + "policy/P"]},
      "account": {"id": ["123456789012"]}}, ["tag"]),
    ("aws", "resource", "arn:aws:rds:eu-1:123456789012:db:main",
     {"resource": {"arn": ["arn:aws:rds:eu-1:123456789012:db:main"],
                   "service": ["rds"], "name": ["main"]},
      "account": {"id": ["123456789012"]}}, ["tag"]),
    ("azure", "role", "Reader --subscription S",
     {"role": {"name": ["Reader"]}, "subscription": {"id": ["s"]}},
     ["role.id"]),
    ("azure", "resource", "/subscriptions/S/resourceGroups/g/providers/"
     "Microsoft.Compute/virtualMachines/vm1 --role Reader",
     {"subscription": {"id": ["s"]}, "role": {"name": ["Reader"]},
      "resource": {"name": ["vm1"], "id": [
          "/subscriptions/s/resourceGroups/g/providers/microsoft.compute/"
          "virtualmachines/vm1"]}}, ["role.id"]),
    ("ssh", "session", "web-1",
     {"destination": {"name": ["web-1"]}, "sudo": False}, []),
    ("ssh", "session", "web-1 --sudo",
     {"destination": {"name": ["web-1"]}, "sudo": True}, []),
    ("ssh", "group", "db", {"group": {"name": ["db"]}, "sudo": False}, []),
    ("ssh", "parent", "acct", {"parent": {"id": ["acct"]}, "sudo": False},
     []),
    ("ssh", "all", "", {"sudo": False},
     ["provider", "destination", "group", "parent", "region"]),
    ("k8s", "resource", "edit --cluster C --locator 'Pod / prod / web'",
     {"role": {"name": ["edit"]}, "cluster": {"id": ["C"]},
      "locator": {"name": ["Pod / prod / web"]},
      "namespace": {"name": ["prod"]}}, []),
    ("snowflake", "role", "ANALYST", {"role": {"name": ["ANALYST"]}}, []),
    ("snowflake", "sql", "'select 1' --role ANALYST",
     {"role": {"name": ["ANALYST"]}}, []),
    ("github", "team", "core", {"team": {"name": ["core"]}}, []),
    ("rdp", "session", "desk-1",
     {"destination": {"name": ["desk-1"]}, "admin": False}, []),
    ("rdp", "session", "desk-1 --admin",
     {"destination": {"name": ["desk-1"]}, "admin": True}, []),
    ("file-transfer", "session", "drop-1",
     {"destination": {"name": ["drop-1"]}}, []),
] + [
    (service, access, argument + " --instance i --database d" + role,
     {"instance": {"id": ["i"]}, "database": {"name": ["d"]},
      "role": {"name": ["R"]}}, [])
    for service in ("pg", "postgres", "mysql")
    for access, argument, role in (("role", "R", ""),
                                   ("sql", "'select 1'", " --role R"))
] + [
    (service, "group", name, {"group": {"name": [name]}}, ["group.id"])
    for service, name in (("okta", "G"), ("workspace", "g@example.com"),
                          ("azure-ad", "G"), ("entra-id", "G"))
] + [
    (service, "role", "R", {"role": {"name": ["R"]}}, [])
    for service in ("azure-ad", "entra-id")
]

# Without attributes: listed, so that they can be asked for at all.
ITEMS = [{"service": service, "accessTypes": [access], "id": name,
          "attributes": {}}
         for service, access, name in (
             ("ssh", "session", "web-1"), ("ssh", "group", "db"),
             ("ssh", "parent", "acct"), ("rdp", "session", "desk-1"),
             ("file-transfer", "session", "drop-1"))]

PEOPLE = {"ana": DEV, "lee": LEAD,
          "root": {"groups": [{"directory": "okta", "id": "00adm"}]}}
ONCALL = {"pagerduty": {"P1": ["lee@example.com"]}}

BASE = """
group adm  = okta "00adm" "Administrators";
group lead = okta "00lead" "Leads";
rule base {
	from any;
	to any;
	approve group lead;
}
"""
# Whoever is taken for one of these has all at once.
FACTS = BASE + """
rule administrators { from group adm; to any; approve persistent; }
rule root { from user "root@example.com"; to any; approve persistent; }
rule duty { from any; to any; approve oncall pagerduty; }
rule agents { from agent any user any; to any; approve persistent; }
rule owned { from agent owner "root@example.com" user none; to any;
	approve persistent; }
rule advance { from any; to any; approve group lead require preapproval; }
preapprove early {
	from group adm;
	to any;
	valid until "2090-01-01T00:00:00Z";
}
"""
CLAIMS = [
    "--group 00adm", "--groups okta:00adm", "--directory okta",
    "--role owner", "--roles security-reviewer", "--oncall pagerduty",
    "--on-call", "--user root@example.com", "--uid root@example.com",
    "--principal root@example.com", "--requestor root@example.com",
    "--requested-by root@example.com", "--as root@example.com",
    "--agent bot", "--agent-owner root@example.com", "--client-id bot",
    "--owner root@example.com", "--provider-id x", "--subject x",
    "--profile okta", "--manager ana@example.com",
    "--approver lee@example.com", "--approved", "--approved-by lee",
    "--preapproved", "--preapproval x", "--pre-approved", "--persistent",
    "--escalated", "--at 2020-01-01T00:00:00Z", "--status DONE",
    "--workflow v1", "--version v1", "--rule administrators",
    "--attributes '{\"tag\":{\"env\":\"claimed\"}}'", "--attribute x=claimed",
    "--tag env=claimed", "--tags env=claimed", "--label claimed",
    "--break-glass", "--sudo=maybe", "--org other", "--token x",
    "--principal-type owner", "--to root@example.com --to ana@example.com",
]
MEMBERS = {
    "requestor": {"uid": "root@example.com", "groups": [
        {"directory": "okta", "id": "00adm"}]},
    "principal": "root@example.com", "user": "root@example.com",
    "groups": ["okta:00adm"], "roles": ["owner"],
    "oncall": {"pagerduty": True}, "agent": {"clientId": "bot"},
    "attributes": {"tag": {"env": "claimed"}},
    "resource": {"service": "aws", "accessType": "role",
                 "attributes": {"tag": {"env": "claimed"}}},
    "approver": {"uid": "lee@example.com"}, "preapproved": True,
    "escalated": True, "decision": {"outcome": "granted"},
    "status": "DONE", "by": "persistent", "at": "2020-01-01T00:00:00Z",
    "requestedBy": "root@example.com", "workflow": {"rules": []},
    "durationSeconds": 1, "reason": "claimed", "item": "claimed",
}
HEADERS = ["X-User", "X-Remote-User", "X-Forwarded-User", "X-Email",
           "X-Auth-Request-Email", "X-Usher-User", "X-Usher-Groups",
           "X-Groups", "X-Roles", "X-Forwarded-Groups", "X-Usher-Role",
           "X-Original-User", "From", "X-Usher-Oncall", "Cookie"]


def filters():
    """[(service, filter, keys, access types)] of the vocabulary."""
    with open(os.path.join(TOP, "engine", "vocab.def"),
              encoding="utf-8") as file:
        return [(a, b, c.split(), d.split()) for a, b, c, d in re.findall(
            r"^US_FILTER\(\"([^\"]+)\", \"([^\"]+)\", \"([^\"]+)\", "
            r"\"([^\"]+)\"\)", file.read(), re.M)]


def services():
    with open(os.path.join(TOP, "engine", "vocab.def"),
              encoding="utf-8") as file:
        return {(name, access) for name, types in re.findall(
            r"^US_SERVICE\(\"([^\"]+)\", \"([^\"]+)\"\)", file.read(), re.M)
            for access in types.split()}


def lists(attributes):
    """Each value as a list; null and booleans stay."""
    def many(value):
        return value if isinstance(value, list) or value is None else [value]
    return {name: {key: many(v) for key, v in keys.items()}
            if isinstance(keys, dict) else keys
            for name, keys in attributes.items()}


def settled(attributes, sets):
    """Those that the arguments set, and no empty ones."""
    return {name: keys if not isinstance(keys, dict) else
            {key: v for key, v in keys.items() if v}
            for name, keys in lists(attributes).items()
            if name in sets and keys is not None}


def not_known(attributes):
    """["filter" or "filter.key"] that are null."""
    found = []
    for name, keys in attributes.items():
        if keys is None:
            found.append(name)
        elif isinstance(keys, dict):
            found += ["%s.%s" % (name, key) for key, value in keys.items()
                      if value is None]
    return found


def ask(acme, row, more="", name="ana"):
    return acme.who(name).ask("%s %s %s %s" % (row[0], row[1], row[2], more))


def forget(acme, answer):
    """So that the next is no twin."""
    if answer.status == 200 and answer.json.get("id"):
        acme.who("ana").relinquish(answer.json["id"])


# --- What arguments set -----------------------------------------------------

def table(acme):
    same({row[:2] for row in ROWS}, services(),
         "the table has every service and access type")
    for row in ROWS:
        title = " ".join(row[:3])
        answer = ask(acme, row)
        if not ok(answer.status == 200 and answer.json["id"], title):
            note(answer)
            continue
        attributes = acme.seen(answer.json["id"])["attributes"]
        same(settled(attributes, row[3]), row[3], title + ": is set")
        same(sorted(not_known(attributes)), sorted(row[4]),
             title + ": is not known")
        extra = [f for f, v in settled(attributes, attributes).items()
                 if v not in ({}, False) and f not in row[3]]
        same(extra, [], title + ": and nothing else")
        forget(acme, answer)


def refused(acme):
    """What contradicts itself, is not listed, or is no item at all."""
    rows = [
        "aws role %srole/Deploy --account 999999999999" % ARN,
        "aws policy NotAnArn", "aws resource x", "aws role", "aws",
        "aws role ''", "aws nothing x", "nothing role x", "gcloud resource x",
        "gcloud role viewer --resource nope",
        "ssh session not-listed", "rdp session not-listed",
        "ssh group not-listed", "ssh parent not-listed",
        "file-transfer session not-listed", "ssh session desk-1",
        "k8s resource edit", "k8s resource edit --cluster C --locator x",
        "ssh session web-1 --provider nowhere",
        "gcloud resource //storage.googleapis.com/log%73",
        "gcloud resource //storage.googleapis.com./logs",
        "azure resource /subscriptions/S/resourceGroups/%67",
        "ssh session web-1 --provider self-hosted",
        "aws role A\u202e", "aws role A --reason \x1b[2J",
        "aws role " + "x" * 2000, "aws role a\x01b", "aws role A --reason",
        "aws role A --reason x --reason y", "aws role A --no-such x",
        "aws role A --account", "", "aws role A --principal-type robot",
    ]
    before = acme.own.listed()
    for line in rows:
        answer = acme.who("ana").ask(line)
        ok(answer.status == 400 and answer.json.get("error"),
           "refused: %.60r" % line) or note(answer)
    for argv in (["request", "aws", "role", 3], ["request", None], "request",
                 {}, None, [["request"]], [], ["fetch", "aws"], [""]):
        answer = acme.who("ana").post("/command/", {"argv": argv})
        ok(answer.status == 400 and answer.json.get("error"),
           "argv %r" % (argv,)) or note(answer)
    answer = acme.who("ana").ask("ssh session not-listed")
    ok("not-listed" in answer.text, "what is not listed is named")
    same(acme.own.listed(), before, "nothing was made of any of them")


# --- Claims of facts about people -------------------------------------------

def people(acme):
    acme.save(FACTS)
    same(acme.who("root").ask("aws role R").json["isPersistent"], True,
         "who has it, gets it")
    ok(acme.until(acme.who("lee").request("aws role R"), "DONE"),
       "who is on call, too")
    for row in ROWS:
        given, odd = [], []
        for claim in CLAIMS:
            answer = ask(acme, row, claim)
            if answer.status == 200 and answer.json.get("id"):
                request = acme.seen(answer.json["id"])
                if request["status"] != "PENDING_APPROVAL" or \
                        request["principal"] != "ana@example.com":
                    given.append((claim, request["status"],
                                  request["principal"]))
            elif answer.status != 400:
                odd.append((claim, answer))
            forget(acme, answer)
        same((given, odd), ([], []), "%s %s: %d claims in options" % (
            row[0], row[1], len(CLAIMS)))
    bodies(acme)


def bodies(acme):
    ana, line = acme.who("ana"), "aws role Deploy --reason x".split()
    argv = ["request"] + line
    for member, value in MEMBERS.items():
        answer = ana.command(argv, **{member: value})
        ok(answer.status == 400 and member in answer.text,
           "member %s is refused" % member) or note(answer)
    for name in HEADERS:
        for value in "root@example.com", "okta:00adm", "owner":
            answer = acme.post("/o/acme/command", {"argv": argv}, ana.token,
                               {name: value})
            if not answer.status == 200 or answer.json["status"] != \
                    "PENDING_APPROVAL":
                ok(False, "header %s: %s is not read" % (name, value))
                note(answer)
    ok(True, "%d headers are not read" % len(HEADERS))
    for query in ("user=root@example.com", "groups=okta:00adm", "role=owner",
                  "preapproved=true", "oncall=pagerduty"):
        answer = acme.post("/o/acme/command?" + query, {"argv": argv},
                           ana.token)
        ok(answer.status == 400 or answer.json["status"] ==
           "PENDING_APPROVAL", "query %s is not read" % query) or note(answer)
    ident = ana.request("aws role Claimed")
    for body in ({"approver": "lee@example.com"}, {"roles": ["owner"]},
                 {"uid": "lee@example.com"}, {"via": [{"rule": "base"}]},
                 {"force": True}, {"expirationLength": "1h", "as": "lee"}):
        for who in "ana", "root":
            ok(acme.who(who).act(ident, "approve", body).status in
               (400, 403, 404), "%s approves nothing with %r" % (who, body))
    same(acme.status(ident), "PENDING_APPROVAL", "it still waits")
    forged(acme, ident)


def forged(acme, ident):
    """Tokens with other claims than usherd signed."""
    head, claims, signature = acme.who("ana").token.split(".")
    text = base64.urlsafe_b64decode(claims + "==")
    for old, new in ((b"ana@example.com", b"lee@example.com"),
                     (b'"acme"', b'"acme","roles":["owner"]')):
        changed = base64.urlsafe_b64encode(text.replace(
            old, new)).decode().rstrip("=")
        ok(changed != claims, "a token is changed")
        same(acme.post("/o/acme/permission-requests/%s/approve" % ident, {},
                       ".".join((head, changed, signature))).status, 401,
             "and no token any more")


# --- Claims of facts about things -------------------------------------------

def fact_rules(row):
    """A rule that grants for each key that the arguments do not set."""
    rules, seen = [], []
    for service, name, keys, accesses in filters():
        if service != row[0] or not ({row[1], "*"} & set(accesses)):
            continue
        for key in {"*": ["env"], "?": []}.get(keys[0], keys):
            if key in row[3].get(name, {}) if isinstance(
                    row[3].get(name, {}), dict) else True:
                continue
            seen.append((name, key))
            rules.append('rule f%d { from any; to %s access %s { keep %s '
                         '%s ~ "claimed"; } approve persistent; }' % (
                             len(rules), service, row[1], name, key))
    return "\n".join(rules), seen


def things(acme):
    for row in ROWS:
        rules, keys = fact_rules(row)
        if not keys:
            continue
        acme.save(BASE + rules)
        unknown = any(name in row[4] or "%s.%s" % (name, key) in row[4]
                      for name, key in keys)
        title = "%s %s" % row[:2]
        answer = ask(acme, row)
        same(answer.json.get("status"), "DENIED" if unknown else
             "PENDING_APPROVAL", "%s: %s" % (
                 title, "what is not known grants nothing, and is not taken "
                 "for absent" if unknown else "what is absent is absent"))
        forget(acme, answer)
        given = []
        for name, key in keys:
            for claim in ("--%s claimed" % name, "--%s claimed" % key,
                          "--%s-%s claimed" % (name, key),
                          "--%s.%s claimed" % (name, key),
                          "--%s %s=claimed" % (name, key),
                          "--%s=%s=claimed" % (name, key),
                          "%s=claimed" % name, "%s.%s=claimed" % (name, key),
                          "--attributes '{\"%s\":{\"%s\":\"claimed\"}}'" % (
                              name, key)):
                answer = ask(acme, row, claim)
                for ident in (answer.json.get("ids") or
                              [answer.json.get("id")] if answer.status == 200
                              else []):
                    got = ident and acme.seen(ident)
                    if got and got["status"] not in ("PENDING_APPROVAL",
                                                     "DENIED"):
                        given.append((claim, got["status"],
                                      got["attributes"]))
                    if got:
                        acme.who("ana").relinquish(ident)
        allowed = legitimate(row)
        same([g for g in given if re.split("[ =]", g[0])[0] not in allowed],
             [],
             "%s: %d facts claimed in vain" % (title, len(keys)))


def legitimate(row):
    """Options that identify an item, and so set what they say: what is got
    is what they name, and no more."""
    if row[0] == "ssh":
        return {"session": [], "all": []}.get(
            row[1], ["--provider", "--region"])
    return {"gcloud": ["--resource"], "aws": ["--account"],
            "azure": ["--subscription", "--resource", "--role"],
            "k8s": ["--cluster", "--locator"], "snowflake": ["--role"],
            "pg": ["--role"], "postgres": ["--role"],
            "mysql": ["--role"]}.get(row[0], [])


# --- The inventory ----------------------------------------------------------

def listed(acme):
    """What it lists takes the place of what was derived or not known."""
    def item(service, access, ident, attributes, **more):
        return dict({"service": service, "accessTypes": [access],
                     "id": ident, "attributes": attributes}, **more)
    rows = [
        ("aws", "role", ARN + "role/Deploy", {"tag": {"env": ["claimed"]}},
         'keep tag env ~ "claimed"'),
        ("okta", "group", "G", {"group": {"id": ["00claimed"]}},
         'keep group id ~ "claimed"'),
        ("ssh", "session", "web-2", {"parent": {"id": ["claimed"]}},
         'keep parent id ~ "claimed"'),
        ("ssh", "session", "web-2", {"region": {"id": ["claimed"]}},
         'keep region id ~ "claimed"'),
    ]
    for service, access, ident, attributes, keeps in rows:
        acme.save(BASE + "rule f { from any; to %s access %s { %s; } approve "
                  "persistent; }" % (service, access, keeps))
        path = "/inventory/%s/%s" % (service, acme.quoted(ident))
        line = "%s %s %s" % (service, access, ident)
        for has, want in ((attributes, True), ({}, False)):
            answer = acme.own.put(path, item(service, access, ident, has))
            same(answer.status, 200, "%s is listed" % ident)
            answer = acme.who("ana").ask(line)
            ok(answer.status == 200 and
               (answer.json["status"] != "PENDING_APPROVAL") == want and
               answer.json["isPersistent"] == want,
               "%s %s the attribute: %s" % (
                   line, "with" if want else "without",
                   "granted" if want else "waits")) or note(answer)
            if answer.status == 200:
                acme.until(answer.json["id"], "DONE" if want
                           else "PENDING_APPROVAL")
                acme.who("ana").relinquish(answer.json["id"])
                acme.until(answer.json["id"], "REVOKED", "DENIED")
        same(acme.own.delete(path).status, 204, "it is listed no more")
    same(acme.own.get("/inventory/aws?aftr=x").status, 400,
         "a misspelt parameter is refused")
    for name, status in ("ana", 403), ("lee", 403):
        same(acme.who(name).put("/inventory/aws/x", item(
            "aws", "role", "x", {"tag": {"env": "claimed"}})).status, status,
            "%s does not list anything" % name)


def spelt(acme):
    """However it is spelt, a thing is one: what the inventory and the rules
    say of it binds every spelling."""
    pay, name = "/subscriptions/5F1C/resourceGroups/Pay", "azure resource "
    for path, body in (
            ("azure", {"service": "azure", "accessTypes": ["resource"],
                       "id": pay, "attributes": {
                           "resource": {"name": "critical-pay"}}}),
            ("aws", {"service": "aws", "accessTypes": ["role"],
                     "id": ARN + "role/Admin", "attributes": {
                         "tag": {"grantable": "no"}}})):
        same(acme.own.put("/inventory/%s/%s" % (path, acme.quoted(
            body["id"])), body).status, 200, "%s is listed" % body["id"])
    acme.save(BASE + """
rule all { from any; to any; approve persistent; }
rule pay { from any; to azure access resource {
	keep resource name ~ "^critical-"; } deny; }
rule owner { from any; to azure access role { keep role name ~ "^Owner$"; }
	deny; }
rule admin { from any; to aws access role { keep tag grantable ~ "^no$"; }
	deny; }
rule bucket { from any; to gcloud access resource {
	keep resource full-resource-name ~ "^//storage.googleapis.com/pay"; }
	deny; }
""")
    for line in (name + pay, name + pay.lower(), name + pay.upper(),
                 "azure role Owner", "azure role OWNER", "azure role owner",
                 "aws role %srole/Admin" % ARN,
                 "aws role admin --account 123456789012",
                 "aws role Admin --account 123456789012",
                 "gcloud resource //storage.googleapis.com/payroll",
                 "gcloud resource //STORAGE.googleapis.com/payroll",
                 "gcloud resource "
                 "//storage.googleapis.com/projects/_/buckets/payroll"):
        answer = acme.who("ana").ask(line)
        ok(answer.status == 200 and answer.json["status"] == "DENIED",
           "denied: " + line) or note(answer)
    answer = acme.who("ana").ask("aws role %srole/dev/Admin" % ARN)
    ok(answer.status == 400 and "inventory says" in answer.text,
       "an ARN with another path than the inventory's") or note(answer)
    one, two = (acme.who("ana").ask(
        service + " role ro --instance i --database d").json
        for service in ("pg", "postgres"))
    ok(two["isPreexisting"] and one["id"] == two["id"],
       "pg and postgres are one database, with one role") or note(two)


def main():
    with Access(BASE, PEOPLE, oncall=ONCALL,
                inventory={"items": ITEMS}) as acme:
        for part in table, refused, people, things, listed, spelt:
            part(acme)
    done()


main()
