# SPDX-License-Identifier: Apache-2.0
"""The audit log over HTTP: its chain, checked as anybody may, and its pages."""
from lib import Usherd, ZEROS, chain_holds, done, ok, same

AUDIT = "/o/acme/audit"


def pages(usherd, token, limit):
    """All events, page by page."""
    events, after = [], 0
    for _ in range(1000):
        page = usherd.get("%s?limit=%d&after=%d" % (AUDIT, limit, after),
                          token).json
        events += page["events"]
        if page["next"] is None:
            break
        after = page["next"]
    return events


def make_events(usherd, token):
    """Six changes, by two people, one of them with a name to escape."""
    roles = "/o/acme/settings/roles/viewer/bindings/users/"
    keys = "/o/acme/settings/api-keys"
    usherd.put(roles + "eve%40example.com", None, token)
    usherd.put(roles + "%C3%A9%22%7F%F0%9F%98%80%40x", None, token)
    usherd.put(roles + "e%5C%22%EF%AC%B3%40x", None, token)
    usherd.delete(roles + "eve%40example.com", token)
    usherd.delete(roles + "eve%40example.com", token)
    key = usherd.post(keys, {"name": "k\u0007\b\n", "roles": ["iamOwner"]},
                      token).json
    usherd.put(roles + "bob%40example.com", None, key["key"])
    usherd.delete(keys + "/" + key["id"], token)
    return "key:" + key["id"]


def check_chain(usherd, token, key):
    events = usherd.get(AUDIT, token).json["events"]
    same([e["action"].split(".", 1)[1] for e in events],
         ["role-binding.created"] * 2 + ["role-binding.deleted",
                                         "api-key.created",
                                         "role-binding.created",
                                         "api-key.deleted"],
         "an event for each change, and for nothing else")
    same([e["user"]["email"] for e in events],
         ["root@example.com"] * 4 + [key, "root@example.com"], "by whom")
    same({(e["vendor_account"], e["type"]) for e in events},
         {("acme", "api")}, "of which organisation and kind")
    last = chain_holds(events)
    ok(last is not None, "the chain holds")
    same(usherd.get(AUDIT + "/head", token).json,
         {"seq": len(events), "hash": last}, "and ends with the head")
    events[1]["data"]["id"] = "mallory@example.com"
    ok(chain_holds(events) is None, "it would not, had one been changed")


def check_pages(usherd, token):
    whole = usherd.get(AUDIT, token).json["events"]
    for limit in (1, 2, 4, 1000):
        same(pages(usherd, token, limit), whole, "pages of %d" % limit)
    some = usherd.get(AUDIT + "?action=admin.role-binding.deleted",
                      token).json
    same([e["seq"] for e in some["events"]], [3], "those of one action")
    for query in ("limit=0", "limit=1001", "limit=", "limit=x", "limit=-1",
                  "after=-1", "after=1.5", "after=9999999999999999999999",
                  "action=nothing", "action=", "wat=1", "after"):
        same(usherd.get(AUDIT + "?" + query, token).status, 400,
             "400 for " + query)


with Usherd(orgs=["acme", "other"]) as daemon:
    root = daemon.token("acme", "root@example.com", "owner")
    eve = daemon.token("acme", "eve@example.com")
    same(daemon.get(AUDIT, root).json, {"events": [], "next": None},
         "nothing happened yet")
    same(daemon.get(AUDIT + "/head", root).json, {"seq": 0, "hash": ZEROS},
         "whose head is of zeros")
    same(daemon.get(AUDIT, eve).status, 403, "not for everyone")
    made_by = make_events(daemon, root)
    check_chain(daemon, root, made_by)
    check_pages(daemon, root)
    foreign = daemon.token("other", "root@example.com", "owner")
    same(daemon.get("/o/other/audit", foreign).json["events"], [],
         "another organisation has its own log")
    before = daemon.get(AUDIT + "/head", root).body
    daemon.restart()
    same(daemon.get(AUDIT + "/head", root).body, before,
         "the log survives a restart")
done()
