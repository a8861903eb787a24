# SPDX-License-Identifier: Apache-2.0
"""Role bindings and API keys: who may what, and who is the last owner. Lengths
of time, the lengths that approvers choose from, the default workflow."""
import threading

from lib import Usherd, done, ok, same

ROLES = "/o/acme/settings/roles/"
KEYS = "/o/acme/settings/api-keys"
ALL = ["owner", "manager", "iamOwner", "iamViewer", "viewer"]


def users(role, who=None):
    path = ROLES + role + "/bindings/users"
    return path + "/" + who.replace("@", "%40") if who else path


def groups(role, group=None):
    path = ROLES + role + "/bindings/groups"
    return path + "/" + group if group else path


def roles_of(usherd, token):
    return usherd.get("/o/acme/account", token).json["roles"]


def ids(answer):
    return [b["id"] for b in answer.json["bindings"]]


def bindings(usherd, owner):
    same(ids(usherd.get(users("viewer"), owner)), [], "nobody is bound yet")
    answer = usherd.put(users("viewer", "EVE@example.com"), None, owner)
    same((answer.status, answer.body), (204, b""), "a user is bound")
    same(usherd.put(users("viewer", "eve@Example.com"), None, owner).status,
         204, "and again, in another case")
    same(ids(usherd.get(users("viewer"), owner)), ["eve@example.com"],
         "which is one binding")
    made = usherd.get(users("viewer", "Eve@example.com"), owner).json
    same((made["id"], made["createdBy"]),
         ("eve@example.com", "root@example.com"), "it says by whom")
    eve = usherd.token("acme", "Eve@Example.com")
    same(roles_of(usherd, eve), ["viewer"], "the user has the role")
    same(usherd.delete(users("viewer", "eve@example.com"), owner).status,
         204, "taken away")
    same(usherd.delete(users("viewer", "eve@example.com"), owner).status,
         404, "once")
    same(usherd.get(users("viewer", "eve@example.com"), owner).status,
         404, "and not there any more")
    same(roles_of(usherd, eve), [], "the user does not have the role")


def group_bindings(usherd, owner):
    ana = usherd.token("acme", "ana@example.com")
    same(roles_of(usherd, ana), ["manager", "viewer"],
         "security-reviewer in the directory is manager")
    same(usherd.put(groups("iamViewer", "azure-ad%3A5f%2F1c"), None,
                    owner).status, 204, "a group is bound")
    same(ids(usherd.get(groups("iamViewer"), owner)), ["entra-id:5f/1c"],
         "by the directory's canonical name")
    same(roles_of(usherd, ana), ["manager", "iamViewer", "viewer"],
         "its members have the role")
    same(usherd.delete(groups("iamViewer", "entra-id%3A5f%2F1c"),
                       owner).status, 204, "by either name")
    same(roles_of(usherd, ana), ["manager", "viewer"], "gone")


def refused(usherd, owner):
    iam = usherd.token("acme", "iam@example.com", "iamOwner")
    rows = [
        ("PUT", users("owner", "eve@example.com"), iam, 403,
         "an owner is made by an owner"),
        ("DELETE", users("owner", "eve@example.com"), iam, 403,
         "and ended by one"),
        ("PUT", users("root", "eve@example.com"), owner, 404, "no such role"),
        ("PUT", ROLES + "viewer/bindings/robots/x@y", owner, 404,
         "no such kind"),
        ("PUT", users("viewer", "eve"), owner, 400, "no e-mail"),
        ("PUT", groups("viewer", "00abc"), owner, 400, "no directory"),
        ("PUT", groups("viewer", "otka%3A00abc"), owner, 400,
         "an unknown directory"),
        ("PUT", users("viewer", "a" * 250 + "@b.com"), owner, 400, "too long"),
        ("PUT", users("viewer", "a%0A@b"), owner, 400, "a control character"),
    ]
    for method, path, token, status, what in rows:
        same(usherd.ask(method, path, token).status, status, what)
    same(usherd.put(users("manager", "eve@example.com"), None, iam).status,
         204, "an iamOwner makes a manager")
    same(usherd.delete(users("manager", "eve@example.com"), iam).status, 204,
         "and ends one")


def last_owner(usherd, owner):
    for who in ("a@b", "c@d"):
        usherd.put(users("owner", who), None, owner)
    usherd.put(groups("owner", "okta:00own"), None, owner)
    same(usherd.delete(groups("owner", "okta:00own"), owner).status, 204,
         "one of three owners goes")
    answers = []
    both = [threading.Thread(target=lambda who=who: answers.append(
        usherd.delete(users("owner", who), owner))) for who in ("a@b", "c@d")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    same(sorted(a.status for a in answers), [204, 409],
         "of two who go at once, one stays")
    same([a.json for a in answers if a.status == 409],
         [{"error": "Cannot remove the last owner"}], "and it says why")
    same(len(ids(usherd.get(users("owner"), owner))), 1, "one owner is left")


def keys(usherd, owner):
    made = usherd.post(KEYS, {"name": "ci", "roles": ["manager"],
                              "expires": None}, owner)
    same(made.status, 201, "a key is made")
    key = made.json
    shown = {k: v for k, v in key.items() if k != "key"}
    same(usherd.get(KEYS + "/" + key["id"], owner).json, shown,
         "and shown without its secret")
    same(usherd.get(KEYS, owner).json, {"keys": [shown]}, "in the list too")
    account = usherd.get("/o/acme/account", key["key"]).json
    same((account["uid"], account["roles"]),
         ("key:" + key["id"], ["manager", "viewer"]), "it acts as itself")
    same(usherd.get("/o/other/account", key["key"]).status, 403,
         "not in another organisation")
    other = usherd.token("other", "root@example.com", "owner")
    same(usherd.get("/o/other/settings/api-keys", other).json, {"keys": []},
         "where it is not seen")
    same(usherd.get("/o/other/settings/api-keys/" + key["id"], other).status,
         404, "nor found")
    same(usherd.get("/o/acme/account", key["key"][:-1]).status, 401,
         "a cut secret")
    same(usherd.post(KEYS, {"name": "x", "roles": []}, key["key"]).status,
         403, "a manager's key makes none")
    for kept in (usherd.logged(), usherd.get("/o/acme/audit", owner).text):
        ok(key["key"].split("_")[-1] not in kept and
           key["key"] not in kept, "the secret is nowhere")
    usherd.restart()
    same(usherd.get("/o/acme/account", key["key"]).status, 200,
         "it survives a restart")
    same(usherd.delete(KEYS + "/" + key["id"], owner).status, 204, "revoked")
    same(usherd.get("/o/acme/account", key["key"]).status, 401, "at once")
    same(usherd.delete(KEYS + "/" + key["id"], owner).status, 404, "once")


def bad_keys(usherd, owner):
    good = {"name": "x", "roles": ["viewer"]}
    rows = [
        ({"roles": []}, "name"), ({"name": "x"}, "roles"),
        ({"name": " ", "roles": []}, "name"),
        ({"name": "x" * 256, "roles": []}, "name"),
        (dict(good, roles=["root"]), "roles[0]"),
        (dict(good, roles=[None]), "roles[0]"),
        (dict(good, roles="viewer"), "roles"),
        (dict(good, expiresInDays=0), "expiresInDays"),
        (dict(good, expiresInDays=3651), "expiresInDays"),
        (dict(good, expiresInDays=1.5), "expiresInDays"),
        (dict(good, expires="2001-01-01T00:00:00Z"), "expires"),
        (dict(good, expires="tomorrow"), "expires"),
        (dict(good, expires="2030-01-01T00:00:00Z", expiresInDays=1),
         "expires"),
        (dict(good, forOthers="yes"), "forOthers"),
        (dict(good, admin=True), "admin"),
        ([], "expected"),
        (b"{", "expected"),
        (b'{"name":"a","name":"b","roles":[]}', "twice"),
    ]
    for body, says in rows:
        answer = usherd.post(KEYS, body, owner,
                             {"Content-Type": "application/json"})
        ok(answer.status == 400 and says in answer.json["error"],
           "no key of %.60r" % (body,))
    usherd.put(users("viewer", "last@example.com"), None, owner)
    same(usherd.get(KEYS, owner).json, {"keys": []},
         "none was made, also by what was written since")


# name, default, bounds as they are told.
LENGTHS = [
    ("approvable-duration", (14, "days"), "1 minute to 365 days"),
    ("max-access-duration", (180, "days"), "1 minute to 3650 days"),
    ("standing-access-duration", (1, "days"), "1 minute to 365 days"),
    ("default-duration", (1, "hours"), "1 minute to 365 days"),
    ("reminder-duration", (10, "minutes"), "0 minutes to 30 days"),
]
SETTINGS = "/o/acme/settings/"


def span(time, unit):
    return {"time": time, "unit": unit}


def changes(usherd, owner, action):
    """The data of the events of an action."""
    page = usherd.get("/o/acme/audit?limit=1000&action=" + action, owner)
    return [event["data"] for event in page.json["events"]]


def lengths(usherd, owner):
    for name, default, bounds in LENGTHS:
        path = SETTINGS + name
        same(usherd.get(path, owner).json, span(*default),
             "%s has a default" % name)
        for body, shown in ((span(2, "hours"), span(2, "hours")),
                            (span(48, "hours"), span(48, "hours")),
                            (span(1, "week"), span(1, "weeks"))):
            same((usherd.put(path, body, owner).status,
                  usherd.get(path, owner).json), (204, shown),
                 "%s: %r is kept as it is said" % (name, body))
        for body in (span(3651, "days"), span(99999999, "weeks"),
                     span(2147483647, "weeks")):
            answer = usherd.put(path, body, owner)
            ok(answer.status == 400 and bounds in answer.json["error"],
               "%s: %r is out of bounds" % (name, body)) or print("#", answer)
        for body in (span(-1, "hours"), span(1.5, "hours"),
                     span("2", "hours"), span(2, "years"), span(2, ""),
                     {"time": 2}, {"unit": "hours"}, {}, [], 2,
                     dict(span(2, "hours"), more=1), b"{"):
            same(usherd.put(path, body, owner,
                            {"Content-Type": "application/json"}).status,
                 400, "%s is not %.40r" % (name, body))
        same(usherd.get(path, owner).json, span(1, "weeks"),
             "and stays as it was")
    same(usherd.put(SETTINGS + "default-duration", span(0, "hours"),
                    owner).status, 400, "no grant lasts no time")
    same(usherd.put(SETTINGS + "reminder-duration", span(0, "hours"),
                    owner).status, 204, "but nobody has to be reminded")
    for name in "no-such", "roles", "Default-Duration":
        answer = usherd.get(SETTINGS + name, owner)
        ok(answer.status == 404, "there is no setting %s" % name)
    last = changes(usherd, owner, "admin.settings.updated")[-1]
    same(last, {"setting": "reminder-duration", "old": "1 week",
                "new": "0 hours"}, "the audit log has both values")
    manager = usherd.token("acme", "mia@example.com", "manager")
    same((usherd.get(SETTINGS + "default-duration", manager).status,
          usherd.put(SETTINGS + "default-duration", span(1, "days"),
                     manager).status), (403, 403), "only owners")


def labels(usherd, owner):
    page = usherd.get(SETTINGS + "expiry-options", owner).json
    return [option["label"] for option in page["options"]]


def expiry_options(usherd, owner):
    path = SETTINGS + "expiry-options"
    five = ["5 minutes", "1 hour", "1 day", "1 week", "30 days"]
    same(labels(usherd, owner), five, "five lengths to choose from")
    same(usherd.get(path, owner).json["options"][0],
         {"label": "5 minutes", "time": 5, "unit": "minutes"}, "one of them")
    same(usherd.post(path, span(90, "minutes"), owner).status, 204, "added")
    same(labels(usherd, owner), five[:2] + ["90 minutes"] + five[2:],
         "in its place")
    for body in span(90, "minutes"), span(60, "minutes"), span(24, "hours"):
        same(usherd.post(path, body, owner).status, 409,
             "%r is there already" % body)
    for body in span(0, "hours"), span(4000, "days"), span(1, "moment"):
        same(usherd.post(path, body, owner).status, 400,
             "%r is no option" % body)
    same(usherd.delete(path + "/1%20hour", owner).status, 204, "taken away")
    same(usherd.delete(path + "/1%20hour", owner).status, 404, "once")
    same(usherd.delete(path + "/90%20minutes", owner).status, 204, "another")
    same(labels(usherd, owner), five[:1] + five[2:], "they are gone")
    usherd.restart()
    same(labels(usherd, owner), five[:1] + five[2:], "for good")
    for label in five[:1] + five[2:]:
        usherd.delete(path + "/" + label.replace(" ", "%20"), owner)
    same(labels(usherd, owner), [], "there may be none")
    for n in range(32):
        usherd.post(path, span(n + 1, "days"), owner)
    same((len(labels(usherd, owner)),
          usherd.post(path, span(99, "days"), owner).status), (32, 409),
         "and not more than 32")
    same(usherd.post(path + "/_reset", None, owner).status, 204, "reset")
    same(usherd.post(path + "/_reset", {}, owner).status, 204, "twice")
    same(usherd.post(path + "/_reset", {"x": 1}, owner).status, 400,
         "without more")
    same(labels(usherd, owner), five, "they are the default ones again")
    same((changes(usherd, owner, "admin.jit.expiry-option.created")[0],
          changes(usherd, owner, "admin.jit.expiry-option.deleted")[0],
          len(changes(usherd, owner, "admin.jit.expiry-option.reset"))),
         ({"label": "90 minutes"}, {"label": "1 hour"}, 2),
         "the audit log says so")


def decided(usherd, token, **more):
    request = dict({"requestor": {"uid": "bob@example.com"},
                    "resource": {"service": "aws"}}, **more)
    answer = usherd.post("/o/acme/routing/decide", {"request": request},
                         token).json
    return answer["outcome"]


def default_approvals(usherd, owner):
    path = SETTINGS + "default-approvals"
    none = {"allowOneParty": False, "requireReason": False,
            "breakGlassApprover": False}
    same(usherd.get(path, owner).json, none, "nothing is asked for")
    same(decided(usherd, owner), "pending", "the default workflow")
    strict = dict(none, requireReason=True)
    same(usherd.put(path, {"requireReason": True, "allowOneParty": None},
                    owner).status, 204, "a reason is asked for")
    same(usherd.get(path, owner).json, strict, "it says so")
    same((decided(usherd, owner), decided(usherd, owner, reason="x")),
         ("incomplete", "pending"), "and does so, at once")
    rules = usherd.get("/o/acme/routing", owner).json
    same((rules["id"], rules["rules"][0]["approval"][0]["options"]),
         ("default", strict), "the default workflow shows it")
    usherd.restart()
    same(decided(usherd, owner), "incomplete", "also after a restart")
    for body in ({"requireReason": 1}, {"requireDuration": True}, [], None):
        same(usherd.put(path, body, owner).status, 400,
             "%r is none of it" % (body,))
    last = changes(usherd, owner, "admin.settings.updated")[-1]
    same((last["old"], last["new"]), (none, strict), "the audit log has both")
    usherd.post("/o/acme/routing", {"workflow": {"rules": [
        {"name": "all", "requestor": {"type": "any"},
         "resource": {"type": "any"}, "approval": [{"type": "p0"}]}]},
        "currentVersion": None}, owner)
    same(decided(usherd, owner), "pending", "a saved workflow counts alone")
    same(usherd.put(path, {}, owner).status, 204, "the setting is changed")
    same((usherd.get("/o/acme/routing", owner).json["id"],
          decided(usherd, owner)), ("v1", "pending"), "and nothing else is")


PEOPLE = {"users": {
    "ana@example.com": {"roles": ["security-reviewer"], "groups": [
        {"directory": "entra-id", "id": "5f/1c"}]}}}

with Usherd(orgs=["acme", "other"], directories={"acme": PEOPLE}) as daemon:
    root = daemon.token("acme", "root@example.com", "owner")
    same(roles_of(daemon, root), ALL, "an owner has all roles")
    bindings(daemon, root)
    group_bindings(daemon, root)
    refused(daemon, root)
    last_owner(daemon, root)
    bad_keys(daemon, root)
    keys(daemon, root)
    lengths(daemon, root)
    expiry_options(daemon, root)
    default_approvals(daemon, root)
done()
