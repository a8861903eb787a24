# SPDX-License-Identifier: Apache-2.0
"""Provisioners and notifiers in usherd.conf: what is wrong is said before
anything starts, by -n and at the start.
"""
import os
import re
import shutil
import tempfile

from lib import USHERD, done, note, ok, run, same

FOLDER = tempfile.mkdtemp(prefix="usherd-")


def path(name):
    return os.path.join(FOLDER, name)


def conf(section):
    """usherd.conf with this in the section of an organisation."""
    with open(path("usherd.conf"), "w", encoding="utf-8") as file:
        file.write("data = \"%s\"\norganisation \"acme\" {\n%s\n}\n"
                   % (path("data"), section))
    return path("usherd.conf")


def says(name, pattern, section):
    """Refused by -n and at the start, with such a message."""
    for flags in ["-n"], []:
        made = run(USHERD, "-f", conf(section), *flags)
        if not ok(made[0] == 2 and re.search(pattern, made[2]),
                  name + (", -n" if flags else ", at the start")):
            note("%r, wanted %s" % (made, pattern))


def provisioner(lines, name="cloud"):
    return "provisioner \"%s\" {\n%s\n}\n" % (name, lines)


def notifier(lines, name="chat"):
    return "notifier \"%s\" {\n%s\n}\n" % (name, lines)


def wrong_provisioners():
    program = path("program")
    with open(program, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n")
    aws = "services = {\"aws\"}\n"
    says("no type", "it has no type; there are", provisioner(aws))
    says("no such type", "\"exce\" is no type; there are manual, exec",
         provisioner(aws + "type = exce"))
    says("no services", "it has no services; name some",
         provisioner("type = manual"))
    says("no command", "exec needs a command", provisioner(aws +
                                                           "type = exec"))
    says("a relative command", "\"run/it\" is no absolute path",
         provisioner(aws + "type = exec\ncommand = \"run/it\""))
    says("a command that is not there", "cannot find .*No such file",
         provisioner(aws + "type = exec\ncommand = /nowhere/x"))
    if os.access(program, os.X_OK):
        note("files can be run whatever their mode")
    says("a command that cannot be run", "is no program that can be run",
         provisioner(aws + "type = exec\ncommand = \"%s\"" % program))
    says("a folder", "is no program that can be run",
         provisioner(aws + "type = exec\ncommand = \"%s\"" % FOLDER))
    says("no url", "a webhook needs a url", provisioner(aws +
                                                        "type = webhook"))
    says("an odd url", "\"ftp://x\" does not begin with http",
         provisioner(aws + "type = webhook\nurl = \"ftp://x\""))
    says("a url of exec", "\"manual\" has no url; webhook has",
         provisioner(aws + "type = manual\nurl = \"http://x\""))
    says("a service twice", "service \"aws\" is named twice, by \"one\"",
         provisioner(aws + "type = manual", "one") +
         provisioner(aws + "type = none", "two"))
    says("a service twice in one", "named twice", provisioner(
        "type = manual\nservices = {\"aws\", \"ssh\", \"aws\"}"))
    says("a name twice", "cloud", provisioner(aws + "type = manual") +
         provisioner("type = none\nservices = {\"ssh\"}"))
    says("an odd name", "a name is up to 64",
         provisioner(aws + "type = manual", "a b"))
    says("the name of what people do", "choose another",
         provisioner(aws + "type = none", "manual"))
    says("a line that is unknown", "usherd.conf:.*\"comand\" \\(did you mean "
         "\"command\"", provisioner("comand = x"))
    says("a time that is too long", "timeout-seconds: \"9999\" is not a "
         "number from 1 to 600", provisioner("timeout-seconds = 9999"))


def wrong_notifiers():
    says("a notifier without a type", "it has no type; there is webhook",
         notifier("url = \"http://x\""))
    says("a notifier of no such type", "\"pigeon\" is no type",
         notifier("type = pigeon"))
    says("a notifier without a url", "a webhook needs a url",
         notifier("type = webhook"))
    says("the name of the log", "the log is always told",
         notifier("type = webhook\nurl = \"http://x\"", "log"))


def right():
    program = path("right")
    with open(program, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n")
    os.chmod(program, 0o755)
    made = run(USHERD, "-n", "-f", conf(
        provisioner("type = exec\ncommand = \"%s\"\nparallel = 64\n"
                    "services = {\"aws\", \"gcloud\"}" % program) +
        provisioner("type = webhook\nurl = \"https://x/y\"\n"
                    "services = {\"*\"}", "rest") +
        provisioner("type = manual\nservices = {\"ssh\"}", "manual") +
        notifier("type = webhook\nurl = \"http://x\"")))
    same((made[0], made[2]), (0, ""), "what is right is taken")


wrong_provisioners()
wrong_notifiers()
right()
shutil.rmtree(FOLDER)
done()
