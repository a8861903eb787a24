# SPDX-License-Identifier: Apache-2.0
"""usherd with a company in it."""
import os
import sys
import time

import rig

sys.path.append(os.path.join(rig.TOP, "tests", "rpc"))
from lib import Usherd, eventually  # noqa: E402 (needs the path above)

PEOPLE = 10000
# Each may have 1,000 requests that wait.
CALLERS = int(os.environ.get("CALLERS", "1024"))
RULES = 1000


def rules():
    """Many that have nothing to do with what is asked for, as in a company,
    and two that have."""
    text = "group leads = okta \"00lead\" \"Leads\";\n"
    for i in range(RULES):
        text += ("group team-%d = okta \"00team%d\" \"\";\n"
                 "rule team-%d {\n\tfrom group team-%d;\n"
                 "\tto aws access role {\n\t\tkeep role name ~ \"^t%d-\";\n"
                 "\t}\n\tapprove group leads require reason;\n}\n" % (
                     i, i, i, i, i))
    for name, how in (("ask", "group leads require reason"),
                      ("have", "persistent")):
        text += ("rule %s {\n\tfrom any;\n\tto aws access role {\n"
                 "\t\tkeep role name ~ \"^%s-\";\n\t}\n\tapprove %s;\n}\n"
                 % (name, name, how))
    return text


def directory():
    users = {"u%d@example.com" % i: {
        "groups": [{"directory": "okta", "id": "00team%d" % (i % RULES)}]}
             for i in range(PEOPLE)}
    users["u0@example.com"] = {
        "groups": [{"directory": "okta", "id": "00lead"}], "roles": ["owner"]}
    return {"users": users}


class Daemon(Usherd):
    """usherd with a company in it. follows: its clock is what set_clock
    says, which costs something at each look at it. lines: more lines of
    usherd.conf."""

    def __init__(self, follows=False, lines=""):
        super().__init__(start=False)
        self.clock = self.path("clock") if follows else None
        self.set_clock(time.time() * 1000)
        self.lines = "log-level = \"error\"\n" + lines + (
            "clock-file = \"%s\"\n" % self.clock if follows else "")
        self.use(self.write("acme.usher", rules()))
        os.makedirs(self.data, exist_ok=True)
        made = rig.run(rig.program("tokens"), self.data, "acme", CALLERS)
        self.owner = made.splitlines()[0]
        self.tokens = self.write("tokens", made)
        self.first = self.write("token", self.owner + "\n")

    def __exit__(self, *exc):
        status = self.stop() if self.process else 0
        self.clean()
        if status and exc[0] is None:
            raise RuntimeError("usherd ended with %s" % status)

    def use(self, workflow):
        """A file of rules, from the start on."""
        self.write_conf({"acme": {
            "rules": workflow,
            "directory": self.write("directory.json", directory()),
            "provisioner": {"nothing": {"type": "none", "services": ["*"]}},
        }}, {}, self.lines)

    def set_clock(self, ms):
        self.ms = int(ms)
        if self.clock:
            self.write("clock", str(self.ms))

    def figures(self):
        """Sums of the samples of /metrics, by name."""
        sums = {}
        for line in self.get("/metrics").text.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                name = name.split("{")[0]
                sums[name] = sums.get(name, 0) + float(value)
        return sums

    def load(self, *options, tokens=None):
        return rig.load(*options, self.port, "acme", tokens or self.tokens)

    def idle(self, patience=600):
        """Seconds until no work is left; the clock goes on meanwhile."""
        start, ms = time.monotonic(), self.ms

        def rested():
            self.set_clock(ms + 1000 * (time.monotonic() - start))
            return self.figures().get("usher_outbox_rows", 0) == 0
        if not eventually(rested, patience):
            raise RuntimeError("work is left after %d s" % patience)
        return time.monotonic() - start
