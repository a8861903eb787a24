# SPDX-License-Identifier: Apache-2.0
"""Access lives through the end of usherd: usherd_fail kills itself before or
after a commit or a call of a provisioner, point after point, while people ask,
approve, give back and take away, and the clock goes on or leaps. Then usherd
starts again, and has to be right about everything:

  - what it acknowledged is there;
  - effects, which a provisioner logs outside of usherd, stand for whom access
    is active, for nobody else, and once;
  - when the time of all grants is over, everything is final, nothing stands,
    and no work is left;
  - the audit chain holds.

usage: life.py [POINTS [SEED]]       POINTS 0: every one
"""
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time

import lib
from access import Access, DAY, Sink
from lib import PATIENCE, USHER, USHERD, ZEROS, canonical, done, note, ok, same

BUILD = os.environ.get("USHER_BUILD") or os.path.join(lib.TOP, "build")
FAIL = os.path.join(BUILD, "tests", "faults", "usherd_fail")
PROVISIONER = os.path.join(BUILD, "tests", "faults", "provisioner")
POINTS = int(sys.argv[1]) if len(sys.argv) > 1 else \
    int(os.environ.get("USHER_FAIL_POINTS") or
        ("10" if os.environ.get("USHER_INSTRUMENTED") else "40"))
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
STEPS = 8 if POINTS else 16 # of each person, in a life

RULES = """
group leads = okta "00lead" "Leads";
rule on-call {
	from any;
	to aws access role {
		keep role name ~ "^auto-";
	}
	approve oncall pagerduty;
}
rule leads-approve {
	from any;
	to aws access role {
		keep role name ~ "^team-";
	}
	approve group leads;
	approve escalation pagerduty "S";
}
rule standing {
	from any;
	to aws access role {
		keep role name ~ "^standing-";
	}
	approve persistent;
}
"""
USERS = ["u%d" % i for i in range(6)]
# The last letter is what the provisioner does, see provisioner.c.
AUTO = ["auto-1", "auto-2", "auto-3", "auto-4f", "auto-5d", "auto-6s",
        "auto-7l"]
TEAM = ["team-1", "team-2", "team-3", "team-4d"]
FINAL = {"DENIED", "TIMED_OUT", "ERRORED", "EXPIRED", "REVOKED", "CLEANED_UP",
         "CLEANUP_ERRORED"}
OPEN = ("PENDING_APPROVAL", "PENDING_APPROVAL_ESCALATED", "APPROVED",
        "STAGED", "DONE", "EXPIRY_SUBMITTED", "REVOKE_SUBMITTED",
        "CLEANUP_SUBMITTED")
GONE = (OSError, http.client.HTTPException)


class Victim(Access):
    """usherd that is killed, with what is known of it outside."""

    def __init__(self, folder):
        self.effects = folder
        os.makedirs(os.path.join(folder, "standing"))
        os.makedirs(os.path.join(folder, "tried"))
        self.sink = Sink()
        shutil.copy(PROVISIONER, os.path.join(folder, "provisioner"))
        people = {user: {} for user in USERS}
        people["lead"] = {"groups": [{"directory": "okta", "id": "00lead"}]}
        super().__init__(
            RULES, people, {"pagerduty": {"S": [
                user + "@example.com" for user in USERS]}}, provision=(),
            provisioners={"own": {
                "type": "exec", "services": ["*"],
                "command": os.path.join(folder, "provisioner")}},
            lines={"notifier": {"sink": {"type": "webhook",
                                         "url": self.sink.url}}})
        answer = self.own.put("/settings/approvable-duration",
                              {"time": 2, "unit": "hours"})
        same(answer.status, 204, "requests wait two hours for approval")

    def start_failing(self, at, log, where=""):
        """The build with fail points. False: it did not come up."""
        values = {"USHER_FAIL_AT": str(at), "USHER_FAIL_WHERE": where,
                  "USHER_FAIL_LOG": log}
        os.environ.update(values)
        lib.USHERD = FAIL
        try:
            self.start()
            return True
        except RuntimeError:
            return False
        finally:
            lib.USHERD = USHERD
            for name in values:
                del os.environ[name]

    def renew_tokens(self):
        """For all: they hold a year, by a clock that goes on by days."""
        self.known = {}
        for name in USERS + ["lead", "own"]:
            self.who(name)

    def token(self, org, user, role=None, *more):
        """Made some days ago by usherd's clock, for it may go back."""
        clock = self.write("token-clock", str(
            self.clock.ms - 5 * DAY * 1000))
        return super().token(org, user, role, "--clock-file", clock, *more)

    def standing(self):
        """[who has what], one for each effect."""
        folder, found = os.path.join(self.effects, "standing"), []
        for name in os.listdir(folder):
            try:
                with open(os.path.join(folder, name),
                          encoding="utf-8") as file:
                    found.append(file.read())
            except FileNotFoundError:
                pass
        return sorted(found)

    def calls(self, ident):
        """Has the program been called for this effect?"""
        return os.path.exists(os.path.join(self.effects, "tried", ident))

    def requests(self, status=None):
        """Requests as the owner sees them, all pages."""
        found, after = [], ""
        while True:
            page = self.own.get("/permission-requests?limit=100%s%s" % (
                "&status=" + status if status else "", after)).json
            found += page["requests"]
            if not page["next"]:
                return found
            after = "&after=" + page["next"]

    def open_requests(self):
        return [one for status in OPEN for one in self.requests(status)]

    def waiting(self):
        """What is left to do outside of the store."""
        return (self.metric("usher_outbox_rows") or 0) + \
            len(self.own.get("/provisioning").json["works"])


# --- The people -----------------------------------------------------------

class Crowd:
    """What several people do at once, and what they were told."""

    def __init__(self, victim, seed, steps, threads=4):
        self.victim = victim
        self.seed = seed
        self.steps = steps
        self.told = []      # (id, word of its history; "" for the request)
        self.asked = 0
        self.wrong = []     # answers that nobody should get
        self.threads = [threading.Thread(target=self.live, args=(i,))
                        for i in range(threads)]

    def run(self):
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()

    def live(self, number):
        chance = random.Random("%s.%d" % (self.seed, number))
        mine = []
        try:
            for _ in range(self.steps):
                self.step(chance, mine)
        except GONE:
            pass

    def step(self, chance, mine):
        what = chance.random()
        if what < 0.55 or not mine:
            self.ask(chance, mine)
        elif what < 0.75:
            self.judge(chance, chance.choice(mine))
        elif what < 0.85:
            self.give_back(*chance.choice(mine))
        elif what < 0.92:
            self.act(self.victim.own, chance.choice(mine)[0], "revoke",
                     "revoked")
        else:
            self.allow(chance)

    def ask(self, chance, mine):
        user = chance.choice(USERS)
        item = chance.choice(AUTO + TEAM + ["standing-1"])
        line = "aws role %s --reason x --requested-duration %s" % (
            item, chance.choice(["20m", "1h", "90m"]))
        if chance.random() < 0.1:
            line = line.replace(item, "%s %s" % (item,
                                                 chance.choice(TEAM)))
        answer = self.victim.who(user).ask(line)
        if answer.status != 200 or not answer.json.get("ok"):
            # Two names of one item in a submission may be an error, and
            # longer and longer requests for one item get too many.
            if answer.status not in (400, 409):
                self.wrong.append((line, answer))
            return
        self.asked += 1
        for one in answer.json.get("ids") or [answer.json["id"]]:
            self.told.append((one, ""))
            mine.append((one, user))

    def judge(self, chance, one):
        lead = self.victim.who("lead")
        what = chance.choice(["approve", "approve", "approve", "deny",
                              "escalate"])
        if what == "escalate":
            self.act(self.victim.who(one[1]), one[0], what, "escalated")
        elif what == "deny":
            self.act(lead, one[0], what, "denied")
        else:
            self.act(lead, one[0], what, "approved", {
                "expirationLength": chance.choice(["30m", "1h", "2h"])})

    def act(self, who, ident, what, word, body=None):
        answer = who.act(ident, what, body)
        if answer.status == 200:
            self.told.append((ident, word))
        elif answer.status not in (400, 403, 404):
            self.wrong.append((what, answer))

    def give_back(self, ident, user):
        answer = self.victim.who(user).relinquish(ident)
        if answer.status == 200:
            self.told.append((ident, "relinquished"))
        elif answer.status != 409:
            self.wrong.append(("relinquish", answer))

    def allow(self, chance):
        answer = self.victim.who("lead").ask(
            "aws role %s --to %s@example.com --length 1h" % (
                chance.choice(TEAM), chance.choice(USERS)), "allow")
        if answer.status == 200:
            self.told.append((answer.json["id"], "allow"))
        else:
            self.wrong.append(("allow", answer))


# --- What has to hold -----------------------------------------------------

class Judge:
    """Counts what is wrong, and shows the first of each kind."""

    def __init__(self, victim):
        self.victim = victim
        self.seen = {"seq": 0, "hash": ZEROS}
        self.log_at = 0
        self.places = {}    # who has what -> id of the effect
        self.counts = {}
        self.checked = 0
        self.anew = 0

    def wrong(self, kind, what):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= 3:
            note("%s: %s" % (kind, str(what)[:2000]))

    def settles(self, condition, patience=PATIENCE):
        """Time goes on, second by second, until it holds."""
        end = time.monotonic() + patience
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
            self.victim.clock.leap(seconds=1)
        return True

    def told(self, crowd):
        """What was acknowledged is there."""
        for ident, word in crowd.told:
            self.checked += 1
            if word == "allow":
                answer = self.victim.own.get("/preapprovals/" + ident)
            else:
                answer = self.victim.own.see(ident)
            happened = [one["event"] for one in
                        (answer.json or {}).get("history", [])]
            if answer.status != 200 or \
                    word not in ["", "allow"] + happened:
                self.wrong("lost", (ident, word, answer))
        for one in crowd.wrong:
            self.wrong("answer", one)

    def effects(self):
        """All work done, effects stand for whom access is active, once."""
        victim = self.victim
        if not self.settles(lambda: victim.waiting() == 0):
            self.wrong("unsettled", victim.own.get("/provisioning"))
        want = []

        def same_now():
            want[:] = sorted({"%s %s" % (one["principal"], one["item"])
                              for one in victim.requests("DONE")})
            return victim.standing() == want

        # Time may end a grant while we look.
        if not self.settles(same_now, 3):
            self.wrong("standing", "%s, want %s" % (victim.standing(), want))

    def log(self):
        """Nothing came while the same stood by another id."""
        try:
            with open(os.path.join(self.victim.effects, "log"),
                      encoding="utf-8") as file:
                file.seek(self.log_at)
                lines = file.readlines()
                self.log_at = file.tell()
        except FileNotFoundError:
            return
        for line in lines:
            word, ident, what = line.rstrip("\n").split(" ", 2)
            if word == "came":
                if what in self.places:
                    self.wrong("twice", (what, self.places[what], ident))
                self.places[what] = ident
            elif word == "went" and self.places.get(what) == ident:
                del self.places[what]

    def end(self):
        """All grants are over."""
        victim = self.victim
        victim.clock.leap(hours=26)
        if not self.settles(lambda: not victim.open_requests()):
            self.wrong("not final", [(one["id"], one["status"], one["item"])
                                     for one in victim.open_requests()])
        if not self.settles(lambda: victim.waiting() == 0):
            self.wrong("unsettled", victim.own.get("/provisioning"))
        if victim.standing():
            self.wrong("outlives", victim.standing())

    def chain(self):
        """The events behind those that we saw."""
        seen, after = self.seen, 0
        while after is not None:
            page = self.victim.own.get("/audit?limit=1000&after=%d" %
                                       seen["seq"]).json
            for event in page["events"]:
                hashed = {k: v for k, v in event.items() if k != "hash"}
                if (event["seq"] != seen["seq"] + 1 or
                        event["prev"] != seen["hash"] or
                        lib.hashlib.sha256(canonical(hashed)).hexdigest() !=
                        event["hash"]):
                    self.wrong("chain", event)
                seen["seq"], seen["hash"] = event["seq"], event["hash"]
            after = page["next"]

    def derived(self):
        """What a store that was left so has derived, or derives anew."""
        copy = self.victim.path("copy")
        shutil.copytree(self.victim.data, copy)
        made = subprocess.run([lib.DERIVED, copy], capture_output=True,
                              text=True, check=False)
        if made.returncode:
            self.wrong("derived", made.stdout + made.stderr)
        self.anew += "anew" in made.stdout
        shutil.rmtree(copy)

    def all(self, crowd):
        self.told(crowd)
        self.effects()
        self.end()
        self.log()
        self.chain()


# --- The scenarios --------------------------------------------------------

class Points:
    """Points that were passed, and those at which usherd was killed."""

    def __init__(self, path):
        self.path = path
        self.kills = {}
        self.tried = set()
        self.requests = 0

    def read(self):
        """The names of those that were passed since."""
        try:
            with open(self.path, encoding="utf-8") as file:
                lines = file.read().splitlines()
            os.remove(self.path)
        except FileNotFoundError:
            return []
        return lines

    def killed(self, point):
        """Was it, at this point? Then it counts."""
        for line in self.read():
            if line.startswith("killed "):
                where = line.split(" ", 1)[1]
                self.kills[where] = self.kills.get(where, 0) + 1
                self.tried.add(point)


def leap_now_and_then(victim, crowd, chance, leaps):
    """The clock while a crowd lives: it goes on; or leaps by a day, and
    back."""
    days = 0
    while any(thread.is_alive() for thread in crowd.threads):
        if leaps and chance.random() < 0.2:
            leap = chance.choice([-1, 1]) if days == 0 else -days
            victim.clock.leap(days=leap)
            days += leap
        else:
            victim.clock.leap(minutes=chance.choice([1, 5, 15]))
        time.sleep(0.05)


def live_until(victim, crowd, chance, leaps):
    clock = threading.Thread(target=leap_now_and_then,
                             args=(victim, crowd, chance, leaps))
    for thread in crowd.threads:
        thread.start()
    clock.start()
    for thread in crowd.threads + [clock]:
        thread.join()


def killed_at(victim, judge, points, point, chance, leaps):
    """One life with its end at a point, perhaps one more at the restart."""
    where, at = point
    crowd = Crowd(victim, "%d.%s.%d" % (SEED, where, at), STEPS)
    if victim.start_failing(at, points.path, where):
        live_until(victim, crowd, chance, leaps)
        # It lived on when there was too little to do: that counts as nothing.
        lib.eventually(lambda: victim.process.poll() is not None, 1)
        victim.kill()
    judge.derived()
    points.killed(point)
    points.requests += crowd.asked
    if chance.random() < 0.3:
        again = chance.randrange(1, 60)
        victim.clock.leap(minutes=chance.choice([0, 10, 100]))
        if victim.start_failing(again, points.path):
            lib.eventually(lambda: victim.process.poll() is not None, 0.3)
            victim.kill()
        points.killed(("restart", again))
    victim.start()
    judge.all(crowd)
    victim.kill()


def count_points(victim, judge, points):
    """The points of a life that nothing ends: (part of a name, how many
    before it with this part)."""
    crowd = Crowd(victim, "count", STEPS)
    victim.start_failing(0, points.path)
    live_until(victim, crowd, random.Random(SEED), False)
    judge.all(crowd)
    same(victim.stop(), 0, "without a failure it ends with 0")
    points.requests += crowd.asked
    names = points.read()
    return [(where, at + 1) for where in ("", "grant", "revoke", "check")
            for at in range(sum(where in name for name in names))]


def choose(all_points, count, chance):
    """The first, where a start is; and others, spread over all."""
    if not count or count >= len(all_points):
        return all_points
    first = all_points[:count // 5]
    return first + sorted(chance.sample(all_points[len(first):],
                                        count - len(first)))


def term_under_load(victim, judge, points):
    """SIGTERM: it ends with 0, and what it said holds."""
    statuses = []
    for number in range(3):
        victim.start()
        crowd = Crowd(victim, "term.%d" % number, 1000, 16)
        for thread in crowd.threads:
            thread.start()
        time.sleep(0.4 + 0.3 * number)
        statuses.append(victim.stop())
        for thread in crowd.threads:
            thread.join()
        points.requests += crowd.asked
        victim.start()
        # Whoever came while it stopped was told so.
        crowd.wrong = [one for one in crowd.wrong if one[1].status != 503]
        judge.all(crowd)
        victim.stop()
    same(statuses, [0, 0, 0], "SIGTERM under load ends it with 0")


def outlived(victim):
    """A call of a provisioner goes on when usherd is killed, and what it
    puts in place late is taken away nonetheless."""
    victim.start()
    user = victim.who("u1")
    one = user.request("aws role auto-6s --reason x --requested-duration 1h")
    lib.eventually(lambda: victim.calls(one))
    victim.kill()
    victim.start()
    same(user.relinquish(one).status, 200, "it is given back at once")
    ok(victim.until(one, "REVOKED"), "and is revoked")
    time.sleep(1.5)
    same(victim.standing(), [], "a call that outlived usherd leaves nothing")
    victim.stop()


def clock_leaps(victim):
    """A grant of an hour lasts an hour, whatever the clock does, over
    kills; a clock that leaps ahead ends it."""
    victim.start()
    user = victim.who("u0")
    one = user.request("aws role auto-1 --reason x --requested-duration 1h")
    ok(victim.until(one, "DONE"), "a grant of an hour begins")
    victim.clock.leap(days=-1)
    victim.kill()
    victim.start()
    ok(victim.wait_log("was set back"), "usherd sees that the clock went back")
    victim.clock.leap(minutes=50)
    ok(victim.stays(one, "DONE", 0.5), "a day back and 50 minutes on: active")
    victim.kill()
    victim.start()
    victim.clock.leap(minutes=11)
    ok(victim.until(one, "EXPIRED"), "and 11 more: over, not a day later")
    one = user.request("aws role auto-2 --reason x --requested-duration 1h")
    ok(victim.until(one, "DONE"), "one more hour begins")
    for _ in range(5):
        victim.clock.leap(minutes=10)
        time.sleep(0.3)
    victim.clock.leap(days=-1)
    time.sleep(0.3)
    victim.clock.leap(minutes=11)
    ok(victim.until(one, "EXPIRED"), "50 quiet minutes count, when the clock "
       "goes back a day after them")
    two = user.request("aws role auto-1 --reason x --requested-duration 1h")
    ok(victim.until(two, "DONE"), "another begins")
    victim.kill()
    victim.clock.leap(days=1)
    victim.start()
    ok(victim.until(two, "EXPIRED"), "a day ahead while it was down: over")
    victim.stop()


def main():
    chance = random.Random(SEED)
    folder = os.path.join(os.environ.get("TMPDIR", "/tmp"),
                          "effects-%d" % os.getpid())
    victim = Victim(folder)
    judge, points = Judge(victim), Points(victim.path("points"))
    victim.renew_tokens()
    victim.stop()
    all_points = count_points(victim, judge, points)
    note("a life has %d points" % len(all_points))
    clock_leaps(victim)
    outlived(victim)
    for number, point in enumerate(choose(all_points, POINTS, chance)):
        before = dict(judge.counts)
        killed_at(victim, judge, points, point, chance, number % 3 == 2)
        if judge.counts != before:
            note("^ killed at point %s %d" % point)
        if number % 50 == 49:
            note("%d points, %d requests" % (number + 1, points.requests))
            victim.renew_tokens()
    term_under_load(victim, judge, points)
    victim.start()
    verified = subprocess.run(
        [USHER, "audit", "verify"], capture_output=True, check=False,
        env=dict(os.environ, USHER_URL="http://127.0.0.1:%d" % victim.port,
                 USHER_ORG="acme", USHER_TOKEN=victim.own.token))
    victim.stop()
    note("%d kills at %d points of %s; %d requests, %d acknowledged writes, "
         "%d events; %d times something was derived anew" % (
             sum(points.kills.values()), len(points.tried),
             json.dumps(points.kills), points.requests, judge.checked,
             judge.seen["seq"], judge.anew))
    for kind, what in [
            ("answer", "nobody got an answer that nobody should get"),
            ("lost", "what was acknowledged is there"),
            ("standing", "effects stand for whom access is active"),
            ("twice", "none stands twice"),
            ("not final", "in the end every request is final"),
            ("outlives", "no effect outlives its grant"),
            ("unsettled", "all work is done"),
            ("derived", "what is derived is right"),
            ("chain", "the audit chain holds")]:
        same(judge.counts.get(kind, 0), 0, what)
    same(verified.returncode, 0, "usher audit verify says so too")
    ok(sum(points.kills.values()) >= POINTS / 2, "usherd was killed")
    victim.sink.close()
    victim.clean()
    shutil.rmtree(folder, ignore_errors=True)
    done()


main()
