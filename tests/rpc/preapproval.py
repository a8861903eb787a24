# SPDX-License-Identifier: Apache-2.0
"""Approval in advance: allow for people and groups, its window and length,
an issuer who can no longer approve, revoking it with and without what it
granted, and preapprove blocks of the rules.
"""
from access import DAY, DEV, LEAD, REVIEWER, Access
from lib import done, note, ok, same

RULES = """
group dev  = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
group night = entra-id "00n" "Night shift";
rule roles {
	from group dev;
	to aws access role;
	approve group lead;
}
rule needs {
	from any;
	to aws access group;
	approve group lead require preapproval, reason;
}
rule reviewed {
	from any;
	to gcloud access role;
	approve reviewers;
}
rule never {
	from any;
	to aws access role { keep role name ~ "^never"; }
	deny;
}
"""
BLOCK = """
preapprove cover {
	from group night;
	to aws access group { keep group name ~ "^on-"; }
	valid from "%s" until "%s";
	duration 2h;
	reason "cover";
}
"""
NIGHT = {"groups": [{"directory": "azure-ad", "id": "00n"}]}
PEOPLE = {"ana": DEV, "bob": DEV, "lee": LEAD, "sue": REVIEWER, "eve": {},
          "nia": NIGHT, "eva": DEV,
          "dual": {"groups": DEV["groups"] + LEAD["groups"]}}


def allowed(acme, line, who="lee"):
    """The id of an approval in advance."""
    answer = acme.who(who).ask(line, "allow")
    if not ok(answer.status == 200 and answer.json.get("id"),
              "%s: allow %s" % (who, line)):
        note(answer)
        return ""
    return answer.json["id"]


def outcome(acme, name, line):
    """What becomes of a request at once: (preapproved, status), id."""
    answer = acme.who(name).ask(line)
    if answer.status != 200:
        return repr(answer), None
    ident = answer.json["id"]
    if answer.json["isPreapproved"]:
        acme.until(ident, "DONE")
    return (answer.json["isPreapproved"], acme.status(ident)), ident


WAITS = (False, "PENDING_APPROVAL")
REFUSED = (False, "DENIED")
GIVEN = (True, "DONE")


def granted_by_it(acme):
    one = allowed(acme, "aws role One --to ana@example.com --length 2h "
                  "--requested-duration 30m --reason 'release day'")
    got, ident = outcome(acme, "ana", "aws role One")
    same(got, GIVEN, "what was approved in advance is granted at once")
    request = acme.seen(ident)
    same((request["preapproval"], request["decision"]["by"]),
         (one, "preapproval"), "and it is known by which")
    same(request["duration"], 1800, "for as long as it says")
    rows = [("bob", "aws role One", WAITS, "not for others"),
            ("ana", "aws role Two", WAITS, "nor for other items"),
            ("eve", "aws role One", REFUSED, "nor for those without a route"),
            ("ana", "aws role One --duration 1h", GIVEN,
             "asking for longer")]
    for name, line, want, what in rows:
        got, ident = outcome(acme, name, line)
        same(got, want, what)
    same(acme.seen(ident)["duration"], 1800, "gives no more than it says")
    agent = acme.agent("bot", user="ana").ask("aws role One")
    ok(not agent.json.get("isPreapproved"), "it is not for ana's agents")
    short = allowed(acme, "aws role Short --to ana@example.com --length 1h "
                    "--requested-duration 30m")
    got, ident = outcome(acme, "ana", "aws role Short --duration 10m")
    same((got, acme.seen(ident)["duration"]), (GIVEN, 600),
         "who asks for less gets less")
    ok(short, "that was another")
    events = [e["action"] for e in acme.audit()
              if e["action"].startswith("preapproval.")]
    same(events[:2], ["preapproval.created", "preapproval.used"],
         "the audit log has both")


def for_groups(acme):
    allowed(acme, "aws role Team --to group:okta:00dev --length 1d")
    for name, want in ("ana", GIVEN), ("bob", GIVEN), ("eve", REFUSED):
        same(outcome(acme, name, "aws role Team")[0], want,
             "a group's, %s" % name)
    allowed(acme, "aws group Night --to group:entra-id:00n --length 1d")
    same(outcome(acme, "nia", "aws group Night --reason x")[0], GIVEN,
         "by the directory's other name")
    same(outcome(acme, "nia", "aws group Night")[0], REFUSED,
         "requirements still bind")


def window(acme):
    allowed(acme, "aws role Later --to ana@example.com --length 2h "
            "--start %s" % acme.clock.iso(3600))
    same(outcome(acme, "ana", "aws role Later")[0], WAITS, "before it begins")
    acme.clock.leap(hours=1, seconds=1)
    got, ident = outcome(acme, "ana", "aws role Later --duration 90m")
    same(got, GIVEN, "in it")
    acme.own.act(ident, "revoke")
    acme.until(ident, "REVOKED")
    acme.clock.leap(minutes=90)
    got, ident = outcome(acme, "ana", "aws role Later --duration 2h")
    same(got, GIVEN, "at its end")
    ok(acme.seen(ident)["duration"] <= 1800,
       "access does not last past the window")
    acme.clock.leap(minutes=30)
    acme.until(ident, "EXPIRED")
    got, _ = outcome(acme, "ana", "aws role Later --duration 1h")
    same(got, WAITS, "and after it, no more")
    for start in "01/02/2099", "2099-01-02", "2099-01-02T03:04:05Z", \
            "2099-01-02T03:04:05+02:00":
        allowed(acme, "aws role Far --to ana@example.com --length '1 week' "
                "--start %s" % start)
    starts = [one["from"][:10] for one in acme.own.get(
        "/preapprovals").json["preapprovals"] if one["from"][:4] == "2099"]
    same(starts, ["2099-01-02"] * 4, "starts are read in each form")


def refused(acme):
    rows = [
        ("bob", "aws role X --to ana@example.com --length 1h",
         "who may not approve such requests"),
        ("ana", "aws role X --to ana@example.com --length 1h", "oneself"),
        ("dual", "aws role X --to dual@example.com --length 1h",
         "oneself, though an approver"),
        ("sue", "aws role X --to ana@example.com --length 1h",
         "a reviewer where reviewers may not"),
        ("lee", "aws role never --to ana@example.com --length 1h",
         "what the rules deny"),
        ("lee", "aws role X --to eve@example.com --length 1h",
         "for whom there is no route"),
        ("lee", "aws role X --length 1h", "nobody"),
        ("lee", "aws role X --to ana@example.com", "no length"),
        ("lee", "aws role X --to ana@example.com --length 0h", "a length of "
         "nothing"),
        ("lee", "aws role X --to ana@example.com --length x", "no length"),
        ("lee", "aws role X --to ana@example.com --length 1h --start soon",
         "no start"),
        ("lee", "aws role X --to ana@example.com --length 1h --start "
         "13/40/2026", "no date"),
        ("lee", "aws role X --to group:okta --length 1h", "no group"),
        ("lee", "aws role X --to group:otka:00dev --length 1h",
         "no directory"),
        ("lee", "aws role X --to 00dev --length 1h", "no e-mail"),
    ]
    before = acme.own.get("/preapprovals").json
    for name, line, what in rows:
        answer = acme.who(name).ask(line, "allow")
        ok(answer.status in (400, 403) and answer.json.get("error"),
           "%s allows nothing: %s" % (name, what)) or note(answer)
    same(acme.agent("bot", user="lee").ask(
        "aws role X --to ana@example.com --length 1h", "allow").status in
        (400, 403), True, "nor does an agent")
    same(acme.own.get("/preapprovals").json, before, "none was made")


def issuer_gone(acme):
    """Who issued it must be able to approve at each use."""
    acme.people["tom"] = LEAD
    acme.write_people()
    acme.wait_people()
    allowed(acme, "aws role Trust --to ana@example.com --length 1w", "tom")
    got, ident = outcome(acme, "ana", "aws role Trust")
    same(got, GIVEN, "while tom leads")
    acme.own.act(ident, "revoke")
    acme.until(ident, "REVOKED")
    acme.people["tom"] = DEV
    acme.people["extra"] = {}
    acme.write_people()
    acme.wait_people()
    got, ident = outcome(acme, "ana", "aws role Trust")
    same(got, WAITS, "not once tom does not")
    acme.who("ana").relinquish(ident)
    acme.people["tom"] = LEAD
    del acme.people["extra"]
    acme.write_people()
    acme.wait_people()
    got, ident = outcome(acme, "ana", "aws role Trust")
    same(got, GIVEN, "and again when tom leads again")
    acme.own.act(ident, "revoke")
    acme.until(ident, "REVOKED")
    acme.leave("tom")
    got, ident = outcome(acme, "ana", "aws role Trust")
    same(got, WAITS, "and not when tom is gone")
    acme.who("ana").relinquish(ident)
    other = allowed(acme, "gcloud role viewer --to eve@example.com "
                    "--length 1w", "sue")
    ok(other, "a reviewer's")
    acme.save(RULES.replace("approve reviewers", "approve group lead"))
    same(outcome(acme, "eve", "gcloud role viewer")[0], WAITS,
         "new rules, by which the issuer may not approve")
    acme.save(RULES)


def revoking(acme):
    lee, ana = acme.who("lee"), acme.who("ana")
    one = allowed(acme, "aws role Gone --to ana@example.com --length 1w")
    _, ident = outcome(acme, "ana", "aws role Gone")
    ok(one in [p["id"] for p in lee.get("/preapprovals").json
               ["preapprovals"]], "its issuer sees it")
    same(acme.who("eve").get("/preapprovals/" + one).status, 404,
         "others do not")
    same(acme.who("eve").delete("/preapprovals/" + one).status, 404,
         "nor can they revoke it")
    ok(ana.delete("/preapprovals/" + one).status in (403, 404),
       "nor whom it is for")
    same(lee.delete("/preapprovals/" + one).status, 204, "its issuer can")
    same(acme.status(ident), "DONE", "what it granted stands")
    got, second = outcome(acme, "ana", "aws role Gone --duration 9h")
    same(got, WAITS, "no more is granted")
    two = allowed(acme, "aws role All --to group:okta:00dev --length 1w")
    ids = [outcome(acme, name, "aws role All")[1] for name in ("ana", "bob")]
    same(acme.own.delete("/preapprovals/" + two + "?revoke=grants").status,
         204, "an owner revokes one, and what it granted")
    for ident2 in ids:
        acme.becomes(ident2, "REVOKED", "which is taken away")
    same(acme.program.stands('"All"'), 0, "really")
    same(acme.status(ident), "DONE", "and nothing else")
    same(acme.own.delete("/preapprovals/" + two).status in (204, 404, 409),
         True, "again")
    same(acme.own.delete("/preapprovals/" + one + "?revoke=no").status, 400,
         "only grants can be revoked with it")
    ok("preapproval.revoked" in [e["action"] for e in acme.audit()],
       "the audit log has it")


def paging(acme):
    """A page after the other: each is seen once."""
    lee = acme.who("lee")
    for name in "ana", "bob", "ana":
        allowed(acme, "aws role Page --to %s@example.com --length 1w" % name)
    everything = lee.get("/preapprovals?limit=1000").json
    same(everything["next"], None, "one page has all")
    ids, after = [], ""
    while after is not None and len(ids) < 1000:
        page = lee.get("/preapprovals?limit=2" + after).json
        ids += [p["id"] for p in page["preapprovals"]]
        ok(len(page["preapprovals"]) <= 2, "two at most")
        after = page["next"] and "&after=" + page["next"]
    same(ids, [p["id"] for p in everything["preapprovals"]], "so have many")
    ok(len(ids) >= 3, "all that there are")
    for query in "limit=0", "limit=1001", "after=x", "wat=1":
        same(lee.get("/preapprovals?" + query).status, 400, query)
    same(lee.get("/preapprovals?after=" + "X" * 4000).status, 400, "a long id")


def too_many(acme):
    """A thousand of one principal; and they cost others nothing."""
    lee = acme.who("lee")
    line = "aws role %s --to eva@example.com --length 1w"
    made = 0
    for page in range(20):
        answer = lee.ask(line % " ".join("M%d-%d" % (page, i)
                                         for i in range(50)), "allow")
        made += len(answer.json.get("ids", []))
    same(made, 1000, "a thousand are made")
    answer = lee.ask(line % "OneMore", "allow")
    same(answer.status, 400, "one more is not") or note(answer)
    ok("1000" in answer.json["error"], "and that is told")
    same(outcome(acme, "eva", "aws role M7-7")[0], GIVEN, "one is found")
    same(outcome(acme, "eva", "aws role M7-77")[0], WAITS, "others are not")
    one = lee.get("/preapprovals?limit=1").json["preapprovals"][0]["id"]
    pages, after = 0, ""
    while after is not None:
        page = lee.get("/preapprovals?limit=1000" + after).json
        mine = [p["id"] for p in page["preapprovals"]
                if p["principal"] == "eva@example.com"]
        pages += len(mine)
        one = mine[0] if mine else one
        after = page["next"] and "&after=" + page["next"]
    same(pages, 1000, "the list has them all")
    same(lee.delete("/preapprovals/" + one).status, 204, "one is revoked")
    same(lee.ask(line % "OneMore", "allow").status, 200, "another is made")


def blocks(acme):
    """In the rules: their authority is the workflow's."""
    line = "aws group on-call --reason x"
    same(outcome(acme, "nia", line)[0], REFUSED, "without a block")
    acme.save(RULES + BLOCK % (acme.clock.iso(3600), acme.clock.iso(DAY)))
    same(outcome(acme, "nia", line)[0], REFUSED, "before its window")
    acme.clock.leap(hours=1, seconds=1)
    got, ident = outcome(acme, "nia", line + " --duration 3h")
    same((got, acme.seen(ident)["duration"]), (GIVEN, 7200),
         "in it, for as long as it says")
    same(outcome(acme, "eve", line)[0], REFUSED, "not for others")
    same(outcome(acme, "nia", "aws group off --reason x")[0], REFUSED,
         "nor for other items")
    same(outcome(acme, "nia", "aws group on-2")[0], REFUSED,
         "requirements still bind")
    acme.clock.leap(hours=22, minutes=30)
    acme.until(ident, "EXPIRED")
    got, ident = outcome(acme, "nia", line)
    same(got, GIVEN, "at its end")
    ok(acme.seen(ident)["duration"] <= 1800, "not past it")
    acme.clock.leap(hours=1)
    acme.until(ident, "EXPIRED")
    same(outcome(acme, "nia", line)[0], REFUSED, "and not after")
    acme.save(RULES)


def main():
    with Access(RULES, PEOPLE) as acme:
        for part in (granted_by_it, for_groups, window, refused, issuer_gone,
                     revoking, paging, too_many, blocks):
            part(acme)
    done()


main()
