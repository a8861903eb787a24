# SPDX-License-Identifier: Apache-2.0
"""A program that usherd did not outlive is ended before anything is tried
again: what it would still put in place, nobody would take away."""
import os
import signal
import subprocess
import time

from lib import Usherd, eventually, done, ok, same

RULES = ('rule all { from any; to any; approve persistent; }\n')
PROGRAM = """#!/bin/sh
cat >/dev/null
[ "$1" = grant ] || exit 0
echo $$ >>"%(folder)s/pids"
[ -e "%(folder)s/quick" ] && exit 0
# A child that would do it later, when its parent is long gone.
(sleep 5; touch "%(folder)s/late") &
wait
"""


def alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


def main():
    usherd = Usherd(start=False, orgs={"acme": {}})
    with usherd:
        usherd.write("rules.usher", RULES)
        program = usherd.write("program", PROGRAM % {"folder": usherd.folder})
        os.chmod(program, 0o755)
        with open(usherd.conf, encoding="utf-8") as conf:
            text = conf.read()
        usherd.write("usherd.conf", text.replace(
            'organisation "acme" {', 'organisation "acme" {\n'
            '\trules = "%s"\n\tprovisioner "slow" {\n\t\ttype = "exec"\n'
            '\t\tservices = {"*"}\n\t\tcommand = "%s"\n\t}' % (
                usherd.path("rules.usher"), program)))
        usherd.start()
        token = usherd.token("acme", "ana@example.com", "owner")
        answer = usherd.post("/o/acme/command", {
            "argv": ["request", "aws", "role", "Deploy"],
            "scriptName": "test"}, token)
        same(answer.status, 200, "the request is granted at once")
        pids = usherd.path("pids")
        ok(eventually(lambda: os.path.exists(pids) and
                      open(pids, encoding="utf-8").read().strip()),
           "the program runs")
        with open(pids, encoding="utf-8") as file:
            pid = int(file.read().split()[0])
        usherd.kill()
        ok(alive(pid), "it outlives a usherd that is killed")
        usherd.write("quick", "")
        with open(os.path.join(usherd.data, "programs.lock"), "rb") as lock:
            reader = subprocess.Popen(["sleep", "60"], stdin=lock)
        usherd.start()
        ok(eventually(lambda: not alive(pid)), "the next usherd ends it")
        same(reader.poll(), None, "who only reads the file is left alone")
        reader.kill()
        reader.wait()
        ok(usherd.wait_log("program [0-9]+ of an earlier usherd"),
           "and says so")
        wanted = "/o/acme/permission-requests/" + answer.json["id"]
        ok(eventually(lambda: usherd.get(wanted, token).json["status"] ==
                      "DONE"), "then it is tried again")
        time.sleep(6)
        ok(not os.path.exists(usherd.path("late")),
           "its children are ended with it")
    done()


signal.alarm(120)
main()
