# SPDX-License-Identifier: Apache-2.0
"""Rules and directories in files: seeds, and files that are followed."""
import os
import signal

from lib import Usherd, done, eventually, ok, same


def text(name, kind="deny"):
    return "# %s\nrule %s {\n\tfrom any;\n\tto any;\n\t%s;\n}\n" % (
        name, name, kind)


def latest(usherd, token):
    return usherd.get("/o/acme/routing/latest", token).json["workflow"]


def names(usherd, token):
    return [r["name"] for r in latest(usherd, token)["rules"]]


def save(usherd, token, version):
    return usherd.post("/o/acme/routing", {
        "workflow": {"rules": []}, "currentVersion": version}, token)


def begin(rules, follow):
    """A daemon that is not started, its rules in a file or a folder."""
    usherd = Usherd(start=False)
    if isinstance(rules, dict):
        path = usherd.path("rules")
        os.mkdir(path)
        for name, content in rules.items():
            usherd.write("rules/" + name, content)
    else:
        path = usherd.write("rules.usher", rules)
    usherd.write_conf({"acme": {"rules": path, "rules-follow": follow}}, {},
                      "")
    return usherd


def test_seed():
    with begin(text("first"), False) as usherd:
        usherd.start()
        token = usherd.token("acme", "own@example.com", "owner")
        same((names(usherd, token), latest(usherd, token)["version"]),
             (["first"], "v1"), "a file seeds an organisation")
        entry = usherd.get("/o/acme/routing/history",
                           token).json["versions"][0]
        same((entry["author"], entry["added"]), ("usherd", 1), "as usherd")
        same(usherd.get("/o/acme/routing", token,
                        {"Accept": "text/x-usher"}).text, text("first"),
             "its text is kept")
        usherd.write("rules.usher", text("second"))
        usherd.restart()
        same(names(usherd, token), ["first"], "a seed is sown once")
        same(save(usherd, token, "v1").status, 200, "and may be changed")
        usherd.write("rules.usher", "rule {")
        usherd.restart()
        same(names(usherd, token), [], "nobody reads it any more")


def test_forms():
    rule = ('{"name": "x", "disabled": null, "requestor": {"type":"any"},'
            '"resource": {"type":"any"}, "approval": [ ]}')
    for name, content in (
            ("a.json", '[%s]' % rule), ("b.json", '{"rules": [%s]}' % rule),
            ("c.json", '{"workflow": {"rules": [%s]}}' % rule),
            ("d.yaml", "- name: x\n  requestor: {type: any}\n"
                       "  resource: {type: any}\n  approval: []\n")):
        with Usherd(start=False) as usherd:
            path = usherd.write(name, content)
            usherd.write_conf({"acme": {"rules": path}}, {}, "")
            usherd.start()
            token = usherd.token("acme", "own@example.com", "owner")
            same(names(usherd, token), ["x"], "%s is read" % name)
            got = usherd.get("/o/acme/routing/name/x", token).text
            if name.endswith("json"):
                same(got, rule, "  and kept as it is")


def test_bad_start():
    for follow in (False, True):
        with begin("rule {", follow) as usherd:
            try:
                usherd.start()
                ok(False, "it does not start with broken rules")
            except RuntimeError as error:
                ok("rules.usher:1" in str(error),
                   "it does not start with broken rules, and says where")


def test_follow():
    with begin({"a.usher": text("one"), "b.usher": text("two")},
               True) as usherd:
        usherd.start()
        token = usherd.token("acme", "own@example.com", "owner")
        same((names(usherd, token), latest(usherd, token)["version"]),
             (["one", "two"], "v1"), "a folder is followed")
        usherd.restart()
        same(latest(usherd, token)["version"], "v1",
             "equal content makes no version")
        same(save(usherd, token, "v1").status, 409, "nobody else may write")
        for call in (usherd.put, usherd.post):
            same(call("/o/acme/routing/name/one", {"name": "one"},
                      token).status, 409, "not even one rule")
        same(usherd.delete("/o/acme/routing/name/one", token).status, 409,
             "or delete one")
        same(usherd.post("/o/acme/routing/check", [], token).status, 200,
             "but check")
        usherd.write("rules/b.usher", text("three"))
        ok(eventually(lambda: names(usherd, token) == ["one", "three"]),
           "a file that changes is read again")
        usherd.write("rules/c.usher", text("four"))
        ok(eventually(lambda: names(usherd, token) ==
                      ["one", "three", "four"]), "so is one more")
        test_broken(usherd, token)
        os.remove(usherd.path("rules/a.usher"))
        ok(eventually(lambda: names(usherd, token) == ["three", "five"]),
           "and one less")
        version = latest(usherd, token)["version"]
        usherd.signal(signal.SIGHUP)
        ok(usherd.wait_log("SIGHUP"), "SIGHUP reads them again")
        same(latest(usherd, token)["version"], version,
             "which changes nothing when they are the same")


def trouble(usherd):
    return usherd.get("/readyz").json["trouble"]


def test_broken(usherd, token):
    before = latest(usherd, token)
    usherd.write("rules/c.usher", "rule four { from any to any; }")
    ok(eventually(lambda: trouble(usherd)),
       "a broken file is told by /readyz")
    same(usherd.get("/readyz").status, 200, "which is ready all the same")
    ok(usherd.wait_log("c.usher:1"), "and by the log, with the place")
    same(latest(usherd, token), before, "and the old rules stay")
    asked = {"request": {"requestor": {"uid": "x"},
                         "resource": {"service": "ssh"}}}
    same(usherd.post("/o/acme/routing/decide", asked,
                     token).json["outcome"], "denied", "and decide")
    usherd.restart()
    same(latest(usherd, token), before, "after a restart too")
    ok(trouble(usherd), "and the trouble is told again")
    usherd.write("rules/c.usher", text("five"))
    ok(eventually(lambda: names(usherd, token) == ["one", "three", "five"]),
       "a mended file is read again")
    ok(eventually(lambda: not trouble(usherd)),
       "and the trouble is over")


def test_directory():
    def people(roles):
        return {"users": {"ana@example.com": {"roles": roles}}}

    with Usherd(directories={"acme": people([])}) as usherd:
        token = usherd.token("acme", "ana@example.com")

        def status():
            return usherd.get("/o/acme/routing", token).status

        same(status(), 403, "ana may not read rules")
        usherd.write("directory-acme.json", people(["viewer"]))
        ok(eventually(lambda: status() == 200),
           "until the directory says so")
        usherd.write("directory-acme.json", "{")
        ok(eventually(lambda: trouble(usherd)),
           "a broken directory is told")
        same(status(), 200, "and the old one stays")
        usherd.write("directory-acme.json", people([]))
        ok(eventually(lambda: status() == 403), "until it is mended")


def main():
    test_seed()
    test_forms()
    test_bad_start()
    test_follow()
    test_directory()
    done()


main()
