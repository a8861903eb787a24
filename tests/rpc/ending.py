# SPDX-License-Identifier: Apache-2.0
"""How access ends by itself: time-outs, expiry, standing access, reminders,
people who leave; over restarts, leaps of the clock by a day, and SIGTERM
under load.
"""
import threading

from access import DAY, DEV, LEAD, Access
from lib import chain_holds, done, eventually, note, ok, same

RULES = """
group dev  = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
rule roles {
	from any;
	to aws;
	approve group lead;
}
rule standing {
	from group dev;
	to okta;
	approve persistent;
}
"""
PEOPLE = {"ana": DEV, "bob": DEV, "mia": LEAD, "gus": DEV, "hal": DEV,
          "ida": DEV}


def granted(acme, name, item, length="1h"):
    ident = acme.who(name).request("aws role " + item)
    acme.who("mia").approve(ident, length)
    acme.until(ident, "DONE")
    return ident


def stays(acme, *rows):
    """After a while: (id, status) as they were, and in place or not."""
    ok(acme.stays(rows[0][0], rows[0][1]) and
       all(acme.status(i) == status for i, status in rows),
       "%s: %s" % (" ".join(s for _, s in rows), "it stays so"))


def set_span(acme, name, time, unit):
    same(acme.own.put("/settings/" + name, {"time": time, "unit": unit})
         .status, 204, "%s is %d %s" % (name, time, unit))


def times_out(acme):
    old = acme.who("ana").request("aws role Old")
    until = acme.seen(old)["approvableUntil"]
    same(until[:19], acme.clock.iso(14 * DAY)[:19], "14 days to approve")
    set_span(acme, "approvable-duration", 2, "hours")
    new = acme.who("ana").request("aws role New")
    acme.clock.leap(hours=2, seconds=-1)
    stays(acme, (new, "PENDING_APPROVAL"), (old, "PENDING_APPROVAL"))
    acme.restart()
    acme.clock.leap(seconds=1)
    acme.becomes(new, "TIMED_OUT", "nobody approved in time")
    same(acme.status(old), "PENDING_APPROVAL",
         "the older has what was promised to it")
    answer = acme.own.approve(new)
    same((answer.status, answer.json["error"]),
         (400, "Invalid or expired request"), "too late")
    acme.clock.leap(days=14)
    acme.becomes(old, "TIMED_OUT", "in the end that one, too")
    set_span(acme, "approvable-duration", 2, "weeks")


def expires(acme):
    """The clock of a grant begins when it is in place."""
    acme.program.hold("go")
    slow = acme.who("ana").request("aws role hold.slow")
    acme.who("mia").approve(slow, "1h")
    eventually(lambda: acme.program.calls("grant", slow))
    acme.clock.leap(minutes=30)
    acme.program.let("go")
    acme.until(slow, "DONE")
    same(acme.seen(slow)["expiresDate"][:19], acme.clock.iso(3600)[:19],
         "an hour from when it stands, not from the approval")
    short = granted(acme, "bob", "Short", "5m")
    acme.clock.leap(minutes=5, seconds=-1)
    stays(acme, (short, "DONE"), (slow, "DONE"))
    acme.restart()
    stays(acme, (short, "DONE"), (slow, "DONE"))
    same(acme.program.stands("bob@example.com", "Short"), 1, "it stands")
    acme.clock.leap(seconds=1)
    acme.becomes(short, "EXPIRED", "it ends on time, also after a restart")
    same((acme.program.stands("bob@example.com", "Short"),
          acme.status(slow)), (0, "DONE"), "and the other does not")
    acme.stop()
    acme.clock.leap(hours=2)
    same(acme.program.stands("ana@example.com", "hold.slow"), 1,
         "what ends while usherd is down")
    acme.start()
    acme.becomes(slow, "EXPIRED", "ends when it is up")
    same(acme.program.stands("ana@example.com", "hold.slow"), 0, "really")
    request = acme.seen(slow)
    ok(request["endDate"] and request["final"], "and says when it ended")


def standing(acme):
    ident = acme.who("ana").request("okta group Wiki --duration 2h")
    acme.until(ident, "DONE")
    same(acme.seen(ident)["expiresDate"][:19], acme.clock.iso(DAY)[:19],
         "standing access lasts a day, whatever was asked")
    set_span(acme, "standing-access-duration", 2, "days")
    other = acme.who("bob").request("okta group Wiki")
    acme.until(other, "DONE")
    acme.clock.leap(days=1, seconds=1)
    acme.becomes(ident, "EXPIRED", "then it is asked for again")
    same(acme.status(other), "DONE", "two days, when that is the setting")
    again = acme.who("ana").ask("okta group Wiki").json
    ok(again["id"] != ident and again["isPersistent"], "and given again")
    acme.clock.leap(days=2, seconds=1)
    acme.becomes(other, "EXPIRED", "for them, too")


def reminders(acme):
    """Ten minutes before the end, once; never for what ended before."""
    def reminded(ident):
        return acme.logged().count("expiring-soon"), ident
    set_span(acme, "reminder-duration", 10, "minutes")
    before = reminded(None)[0]
    ident = granted(acme, "ana", "Reminded")
    back = granted(acme, "bob", "Back")
    acme.who("bob").relinquish(back)
    acme.until(back, "REVOKED")
    acme.clock.leap(minutes=50, seconds=-1)
    stays(acme, (ident, "DONE"))
    same(reminded(ident)[0], before, "not yet")
    acme.clock.leap(seconds=2)
    ok(eventually(lambda: reminded(ident)[0] == before + 1),
       "ten minutes before the end, a reminder")
    acme.restart()
    stays(acme, (ident, "DONE"))
    same(reminded(ident)[0], before + 1, "one")
    acme.clock.leap(minutes=10)
    acme.becomes(ident, "EXPIRED", "then it ends")


def leaves(acme):
    """Who is gone from the directory has nothing any more."""
    pending = acme.who("gus").request("aws role Gus1")
    active = granted(acme, "gus", "Gus2", "30d")
    for_gus = acme.who("ana").request("aws role Gus3 --to gus@example.com")
    kept = acme.who("ana").request("aws role Kept --to hal@example.com")
    robot = acme.key()
    robots = robot.request("aws role Robot")
    by_gus = acme.who("gus").request("aws role Hal --to hal@example.com")
    acme.leave("gus")
    acme.becomes(pending, "DENIED", "what gus waited for")
    acme.becomes(for_gus, "DENIED", "and what others asked for gus")
    acme.becomes(active, "REVOKED", "what gus had")
    same(acme.program.stands("gus@example.com"), 0, "is really gone")
    ok(acme.stays(robots, "PENDING_APPROVAL", 0.3),
       "what never was in the directory is left alone")
    same(acme.status(kept), "PENDING_APPROVAL", "and so is hal")
    same(acme.status(by_gus), "PENDING_APPROVAL", "also what gus asked for")
    last = acme.seen(active)["history"][-1]
    same(last["by"], "usherd", "it was usherd")
    for name, line in (("gus", "aws role G"), ("zoe", "aws role Z"),
                       ("ana", "aws role A --to gus@example.com")):
        ok(acme.who(name).ask(line).status in (400, 403),
           "%s: %s: nobody who is not there gets anything" % (name, line))
    late = granted(acme, "hal", "Late", "30d")
    acme.stop()
    del acme.people["hal"]
    acme.write_people()
    acme.start()
    acme.becomes(late, "REVOKED", "also when it happened while usherd "
                 "was down")
    acme.write("directory.json", "{ broken")
    keeps = granted(acme, "ida", "Keeps", "30d")
    ok(acme.stays(keeps, "DONE", 2), "a broken file removes nobody")
    acme.write_people()


def keys_and_agents(acme):
    """What a key has goes with it, and what an agent has with its owner."""
    robot = acme.key()
    item = granted_to(acme, robot, "Robot1")
    waits = robot.request("aws role Robot2")
    other = granted_to(acme, acme.key(), "Robot3")
    same(acme.own.delete("/settings/api-keys/" +
                         robot.name.split(":")[1]).status, 204,
         "a key is deleted")
    acme.becomes(item, "REVOKED", "what it had is taken away")
    acme.becomes(waits, "DENIED", "and what it waited for")
    short = acme.key(expiresInDays=1)
    late = granted_to(acme, short, "Robot4")
    acme.clock.leap(days=1, seconds=1)
    acme.becomes(late, "EXPIRED", "a key that ends has nothing either")
    same(acme.status(other), "DONE", "other keys keep what they have")
    acme.who("mia").revoke(other)
    acme.until(other, "REVOKED")
    acme.people["joe"] = DEV
    acme.write_people()
    ok(eventually(lambda: acme.agent("bot", None, "joe").ask(
        "aws role Bot1").status == 200), "an agent of joe's")
    bot = granted_to(acme, acme.agent("bot", None, "joe"), "Bot2")
    ana = granted_to(acme, acme.agent("bot", None, "ana"), "Bot2")
    ok(bot != ana, "another owner's agent is another one")
    acme.leave("joe")
    acme.becomes(bot, "REVOKED", "it has nothing without joe")
    same(acme.status(ana), "DONE", "and ana's keeps what it has")
    acme.who("mia").revoke(ana)
    acme.until(ana, "REVOKED")


def granted_to(acme, who, item):
    ident = who.request("aws role " + item)
    acme.who("mia").approve(ident, "30d")
    acme.until(ident, "DONE")
    return ident


def crowds(acme):
    """Nobody asks for the same again and again."""
    ana, made = acme.who("ana"), []
    for minute in range(12):
        answer = ana.ask("aws role Crowd --duration %dm" % (minute + 1))
        if answer.status == 200:
            made.append(answer.json["id"])
    same(len(made), 8, "eight are enough")
    ok("take one of them back" in answer.json["error"], "it says what to do")
    ana.relinquish(made[0])
    same(ana.ask("aws role Crowd --duration 1h").status, 200, "and so it is")
    for ident in ana.listed("permission-requests?status=PENDING_APPROVAL"):
        ana.relinquish(ident)


def leaps(acme):
    """No grant lasts longer for a clock that goes back, and none is lost."""
    back = granted(acme, "ana", "Back2", "2h")
    acme.clock.leap(hours=1)
    stays(acme, (back, "DONE"))
    acme.clock.leap(days=-1)
    stays(acme, (back, "DONE"))
    same(acme.seen(back)["expiresDate"][:16], acme.clock.iso(3600)[:16],
         "after a day back, still an hour is left")
    after = granted(acme, "bob", "After", "3h")
    acme.restart()
    stays(acme, (back, "DONE"), (after, "DONE"))
    acme.clock.leap(hours=1, seconds=1)
    acme.becomes(back, "EXPIRED", "and then it ends")
    same(acme.status(after), "DONE", "what came after the leap goes on")
    waits = acme.who("ana").request("aws role Leaps")
    acme.clock.leap(days=1)
    acme.becomes(after, "EXPIRED", "a day ahead, at once")
    ok(acme.stays(waits, "PENDING_APPROVAL", 0.3), "what may wait, waits")
    ident = granted(acme, "bob", "Later", "1h")
    acme.stop()
    acme.clock.leap(days=-1)
    acme.start()
    stays(acme, (ident, "DONE"))
    acme.clock.leap(hours=1, seconds=1)
    acme.becomes(ident, "EXPIRED", "a leap while usherd is down is one, too")
    same(acme.program.stands("Back2"), 0, "nothing is left")
    same(acme.program.stands("After"), 0, "of any of them")


def terminated(acme):
    """SIGTERM under load: what was answered with yes is kept, and every
    answer is whole."""
    answered, odd, stop = [], [], threading.Event()

    def ask(n):
        who, i = acme.who("ana"), 0
        while not stop.is_set():
            i += 1
            try:
                answer = who.ask("aws role T%d-%d" % (n, i))
            except (OSError, IndexError):  # it is not there just now
                continue
            except Exception as error:  # half an answer
                odd.append(repr(error))
                continue
            if answer.status == 200:
                answered.append(answer.json["id"])
            elif answer.status != 503:
                odd.append(repr(answer))
    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for one in threads:
        one.start()
    for _ in range(3):
        eventually(lambda n=len(answered): len(answered) > n + 30)
        process = acme.process
        same(acme.stop(), 0, "SIGTERM under load: usherd ends with 0")
        ok(process.poll() is not None, "and is gone")
        acme.start()
    stop.set()
    for one in threads:
        one.join()
    note("%d requests were answered" % len(answered))
    same(odd[:3], [], "no half answers")
    known = set(acme.own.listed())
    same([i for i in answered if i not in known], [],
         "every request that was answered is there")
    ok(chain_holds(acme.audit()), "the audit log is a whole chain")


def main():
    with Access(RULES, PEOPLE) as acme:
        for part in (times_out, expires, standing, reminders, leaves,
                     keys_and_agents, crowds, leaps, terminated):
            part(acme)
    done()


main()
