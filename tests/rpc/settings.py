# SPDX-License-Identifier: Apache-2.0
"""Role bindings and API keys: who may what, and who is the last owner."""
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
done()
