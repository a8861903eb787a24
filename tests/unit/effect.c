/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Effects that several requests have: what happens in which order, told as
 * stories; and long random ones, of which only what always holds is known.
 */
#include "daemon/effect_parts.h"
#include "tests/tap.h"
#include "tests/unit/life.h"

/* --- Stories ------------------------------------------------------------ */

/*
 * What happens, one word each. Requests are a, b, c, all for one effect:
 *	a+ granted, a- given back, ax expired, ar revoked
 *	a> granted for longer, a* with a public key
 * and results of a try of the effect's task:
 *	done, accepted, later, failed, absent, lost
 * wait: so long that nothing can come of what was lost. back: the wall clock is
 * set back.
 * What comes of it: the statuses by their first letters, in the order of
 * requests (A APPROVED, S STAGED, D DONE, E EXPIRY_SUBMITTED, e EXPIRED,
 * R REVOKE_SUBMITTED, r REVOKED, X ERRORED, C CLEANUP_SUBMITTED, c CLEANED_UP,
 * Z CLEANUP_ERRORED), and of the effect: providing, standing, removing, none.
 */
static const struct {
	const char *happens, *want;
} stories[] = {
    {"a+", "A providing"},
    {"a+ done", "D standing"},
    {"a+ back done", "D standing"},
    {"a+ done b> back done", "DD standing"},
    {"a+ accepted", "S providing"},
    {"a+ accepted done", "D standing"},
    {"a+ accepted accepted later absent", "S providing"},
    {"a+ accepted later later later later later later", "S providing"},
    {"a+ later", "A providing"},
    {"a+ later done", "D standing"},
    {"a+ failed", "C removing"},
    {"a+ failed done", "c none"},
    {"a+ failed absent", "c none"},
    {"a+ absent", "X none"},
    {"a+ later later later later", "A providing"},
    {"a+ later later later later later", "C removing"},
    {"a+ later later later later absent", "X none"},
    {"a+ accepted failed", "C removing"},
    {"a+ done ax", "E removing"},
    {"a+ done ax done", "e none"},
    {"a+ done ax later later done", "e none"},
    {"a+ done ax failed failed done", "e none"},
    {"a+ done ax accepted", "E removing"},
    {"a+ done ax accepted later absent", "e none"},
    {"a+ done ax accepted failed done", "e none"},
    {"a+ done ar", "R removing"},
    {"a+ done a- done", "r none"},
    /* Given up while it is tried: what comes of the try is waited for. */
    {"a+ a-", "R providing"},
    {"a+ a- done", "R removing"},
    {"a+ a- done done", "r none"},
    {"a+ a- later", "R removing"},
    {"a+ a- accepted", "R removing"},
    {"a+ a- failed", "R removing"},
    {"a+ a- failed done", "r none"},
    {"a+ a- absent", "r none"},
    /* Of what is staged no try is under way. */
    {"a+ accepted ar", "R removing"},
    {"a+ accepted ar done", "r none"},
    /* A try that was lost may yet be carried out. */
    {"a+ lost", "A providing"},
    {"a+ lost done", "D standing"},
    {"a+ lost absent", "C removing"},
    {"a+ lost failed", "C removing"},
    {"a+ lost lost lost lost lost", "C removing"},
    {"a+ lost failed done", "C removing"},
    {"a+ lost failed absent", "C removing"},
    {"a+ lost failed done wait done", "c none"},
    {"a+ lost wait absent", "X none"},
    {"a+ a- lost done", "R removing"},
    {"a+ a- lost done wait absent", "r none"},
    {"a+ lost done a- done", "R removing"},
    {"a+ lost done a- done b+ wait done done", "rD standing"},
    {"a+ done ax lost done", "e none"},
    /* Who needs what the provisioner was not told waits until it is. */
    {"a+ done b>", "DA providing"},
    {"a+ done b> done", "DD standing"},
    {"a+ done b> done c+", "DDD standing"},
    {"a+ done b> c+ done", "DDD standing"},
    {"a+ done b*", "DA providing"},
    {"a* done b+", "DD standing"},
    {"a+ done b* c> done", "DDA providing"},
    {"a+ done b* c> done done", "DDD standing"},
    {"a+ b> done", "DA providing"},
    {"a+ b> done done", "DD standing"},
    {"a+ done b> accepted", "DS providing"},
    {"a+ done b> accepted done", "DD standing"},
    {"a+ done b> failed", "DX standing"},
    /* What is not there, though some have it, is put in place again. */
    {"a+ done b> absent", "DX providing"},
    {"a+ done b> absent done", "DX standing"},
    {"a+ done b> absent failed", "DX providing"},
    {"a+ done b> absent later later later later later", "DX providing"},
    {"a+ done b> absent accepted failed done", "DX standing"},
    {"a+ done b> absent c+", "DXA providing"},
    {"a+ done b> absent c+ done", "DXD standing"},
    {"a+ done b> absent c+ failed", "DXX providing"},
    {"a+ done b> absent c> done", "DXA providing"},
    {"a+ done b> absent c> done done", "DXD standing"},
    {"a+ done b> absent ax", "EX providing"},
    {"a+ done b> absent ax absent", "eX none"},
    {"a+ done b> absent ax done done", "eX none"},
    {"a+ done b> failed c>", "DXA providing"},
    {"a+ done b> failed c+", "DXA providing"},
    {"a+ done b> ax", "eA providing"},
    {"a+ done b> ax failed", "eC removing"},
    {"a+ done b> ax absent", "eX none"},
    {"a+ done b> b-", "Dr providing"},
    {"a+ done b> b- done", "Dr standing"},
    {"a+ done b> b- ax", "Er providing"},
    {"a+ done b> b- ax done", "Er removing"},
    {"a+ done b> b- ax done done", "er none"},
    /* Two of them. */
    {"a+ b+", "AA providing"},
    {"a+ b+ done", "DD standing"},
    {"a+ b+ accepted", "SS providing"},
    {"a+ accepted b+", "SS providing"},
    {"a+ b+ failed", "CC removing"},
    {"a+ b+ failed done", "cc none"},
    {"a+ b+ absent", "XX none"},
    {"a+ done b+", "DD standing"},
    {"a+ done b+ ax", "eD standing"},
    {"a+ done b+ b-", "Dr standing"},
    {"a+ done b+ ax b-", "eR removing"},
    {"a+ done b+ ax b- done", "er none"},
    {"a+ b+ a-", "rA providing"},
    {"a+ b+ a- done", "rD standing"},
    {"a+ b+ a- b-", "rR providing"},
    {"a+ b+ a- b- done", "rR removing"},
    {"a+ b+ a- failed", "rC removing"},
    /* Who comes back before the try is over. */
    {"a+ a- b+", "rA providing"},
    {"a+ a- b+ done", "rA providing"},
    {"a+ a- b+ done done", "rD standing"},
    /* Who comes while it goes waits, and is first for it anew. */
    {"a+ done ax b+", "EA removing"},
    {"a+ done ax b+ later", "EA removing"},
    {"a+ done ax b+ done", "eA providing"},
    {"a+ done ax b+ done done", "eD standing"},
    {"a+ done ax b+ c+ done", "eAA providing"},
    {"a+ done ax b+ b-", "ER removing"},
    {"a+ done ax b+ b- done", "er none"},
    {"a+ done ax b+ c+ b- done", "erA providing"},
    {"a+ failed b+", "CA removing"},
    {"a+ failed b+ done", "cA providing"},
    /* A clean-up that is given up goes on, and who comes still waits for it. */
    {"a+ failed later later later later later later later later later later "
     "later",
	"C removing"},
    {"a+ failed later later later later later later later later later later "
     "later later",
	"Z removing"},
    {"a+ failed later later later later later later later later later later "
     "later later b+ later done done",
	"ZD standing"},
    {"a+ failed later later later later later later later later later later "
     "later later done",
	"Z none"},
    {"a+ done ax later later later later later later later later later later "
     "later later",
	"E removing"},
};

static const struct {
	const char *word;
	enum us_work_result result;
} results[] = {
    {"done", US_WORK_DONE},
    {"accepted", US_WORK_ACCEPTED},
    {"later", US_WORK_LATER},
    {"failed", US_WORK_FAILED},
    {"absent", US_WORK_ABSENT},
    {"lost", US_WORK_LOST},
};
#define RESULTS (sizeof(results) / sizeof(*results))
/* More than any call takes. */
#define WAIT_MS INT64_C(600000)

/* The requests of one effect. */
struct story {
	struct bench *b;
	const char *item;
	char ids[8][27];
	unsigned n;
	struct us_str key; /* lasts as long as the story's arena */
	struct us_arena arena;
};

/* how: '+', '>', '*' */
static void
ask(struct story *s, char how)
{
	struct us_permission p = bench_request(s->b, s->item, s->ids[s->n++]);

	if (how == '>')
		p.asked_duration = 7200;
	if (how == '*')
		p.public_key = US_STR("ssh-ed25519 AAAA ana");
	if (how == '*')
		p.connect = US_STR("{\"host\":\"web-1\"}");
	us_life_step(
	    &s->b->change, &p, &(struct us_step){.event = US_EVENT_GRANT});
	s->key = us_effect_key_of(&p, &s->arena);
}

static bool
happen(struct story *s, unsigned who, enum us_event event)
{
	struct us_permission p = bench_get(s->b, us_str(s->ids[who]));

	return us_life_step(
	    &s->b->change, &p, &(struct us_step){.event = event});
}

static int64_t
try(struct story *s, enum us_work_result result)
{
	int64_t next;

	us_effect_result(&s->b->change, s->key, result, US_STR("no luck"),
	    US_STR("{\"user\":\"ana\"}"), &next);
	return next;
}

static void
word(struct story *s, const char *w, size_t n)
{
	static const char whats[] = "-xr";
	static const enum us_event events[] = {
	    US_EVENT_RELINQUISH, US_EVENT_EXPIRE, US_EVENT_REVOKE};

	if (n == 2 && strchr("+>*", w[1]))
		ask(s, w[1]);
	if (n == 4 && memcmp(w, "wait", n) == 0) {
		s->b->change.now += WAIT_MS;
		s->b->change.due_now += WAIT_MS;
	}
	if (n == 4 && memcmp(w, "back", n) == 0)
		s->b->change.now -= WAIT_MS;
	for (unsigned i = 0; n == 2 && i < 3; i++)
		if (w[1] == whats[i])
			happen(s, (unsigned)(w[0] - 'a'), events[i]);
	for (unsigned i = 0; i < RESULTS; i++)
		if (us_str_is((struct us_str){w, n}, results[i].word))
			try(s, results[i].result);
}

/* "DA removing" */
static void
state_of(struct story *s, struct us_buf *out)
{
	static const char letters[] = "NpqASDnTXEeRrCcZ";
	static const char *const states[] = {
	    "providing", "standing", "removing"};
	struct us_effect_record effect;

	for (unsigned i = 0; i < s->n; i++)
		us_buf_putc(
		    out, letters[bench_get(s->b, us_str(s->ids[i])).status]);
	us_buf_putc(out, ' ');
	us_buf_puts(out, us_effect_get(s->b->change.txn, s->b->org.name, s->key,
			     &s->b->arena, &effect)
			     ? states[effect.state]
			     : "none");
}

static void
test_stories(struct bench *b)
{
	for (unsigned i = 0; i < sizeof(stories) / sizeof(*stories); i++) {
		struct story s = {.b = b, .item = stories[i].happens};
		struct us_buf got = {0};

		bench_begin(b);
		for (const char *w = stories[i].happens; *w;) {
			size_t n = strcspn(w, " ");

			word(&s, w, n);
			w += n + (w[n] == ' ');
		}
		state_of(&s, &got);
		is_str(got.p, stories[i].want, "%s", stories[i].happens);
		is_int(us_txn_error(b->change.txn), 0, "no error");
		us_txn_abort(b->change.txn);
		us_buf_free(&got);
		us_arena_free(&s.arena);
	}
}

/* --- What always holds -------------------------------------------------- */

struct tally {
	struct us_str key;
	unsigned tasks; /* of the effect */
	uint64_t seq;
	enum us_work_kind kind;
	bool listed; /* among those that are on their way */
};

static bool
count_tasks(void *arg, const struct us_work *work)
{
	struct tally *t = arg;

	if (work->kind != US_WORK_PROVIDE && work->kind != US_WORK_REMOVE)
		return true;
	if (!us_str_eq(work->ref, t->key))
		return true;
	t->tasks++;
	t->seq = work->seq;
	t->kind = work->kind;
	return true;
}

static bool
note_listed(void *arg, struct us_str key, const struct us_effect_record *effect)
{
	struct tally *t = arg;

	(void)effect;
	t->listed |= us_str_eq(key, t->key);
	return true;
}

/* Empty, or what is wrong. real: is the effect in place? */
static const char *
wrong(struct story *s, bool real)
{
	unsigned holding = 0, leaving = 0, done = 0, staged = 0;
	struct us_effect_record e = {0};
	struct tally t = {.key = s->key};
	bool there = us_effect_get(
	    s->b->change.txn, s->b->org.name, s->key, &s->b->arena, &e);

	for (unsigned i = 0; i < s->n; i++) {
		struct us_permission p = bench_get(s->b, us_str(s->ids[i]));

		holding += us_effect_holds(p.status);
		leaving += us_effect_leaves(p.status);
		done += p.status == US_STATUS_DONE;
		staged += p.status == US_STATUS_STAGED;
	}
	us_outbox_scan(s->b->change.txn, 0, count_tasks, &t);
	us_effect_scan(s->b->change.txn, s->b->org.name, (struct us_str){0},
	    note_listed, &t);
	if (us_txn_error(s->b->change.txn))
		return "the store has an error";
	if (t.listed != (there && e.state != US_EFFECT_STANDING))
		return "the list of what is on its way is wrong";
	if (done && !real)
		return "a request is done, and its effect is not in place";
	if (!there)
		return holding || leaving ? "nobody sees to the effect"
		       : real		  ? "the effect outlives its grants"
		       : t.tasks	  ? "a task without an effect"
					  : "";
	if (e.state == US_EFFECT_STANDING)
		return t.tasks || e.task ? "a task of what stands"
		       : !done		 ? "it stands for nobody"
		       : leaving	 ? "who leaves waits for nothing"
		       : holding != done ? "who waits has it"
					 : "";
	if (t.tasks != 1 || t.seq != e.task)
		return "not one task";
	if (e.state == US_EFFECT_REMOVING)
		return done || staged		  ? "it goes while it is held"
		       : t.kind != US_WORK_REMOVE ? "not the task to remove"
						  : "";
	return t.kind != US_WORK_PROVIDE ? "not the task to provide"
	       : done && !e.stands	 ? "done before it is there"
	       : holding && leaving	 ? "who leaves waits for others"
	       : e.staged && !holding	 ? "staged for nobody"
	       : staged && !e.staged && !e.stands     ? "staged alone"
	       : e.staged && staged + done != holding ? "not all are staged"
						      : "";
}

static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* A try, and what it would do to the world. */
static void
random_try(struct story *s, uint32_t dice, bool *real)
{
	struct us_effect_record e;
	enum us_work_result result;

	if (!us_effect_get(
		s->b->change.txn, s->b->org.name, s->key, &s->b->arena, &e) ||
	    e.state == US_EFFECT_STANDING)
		return;
	result = results[dice % RESULTS].result;
	if (result == US_WORK_ABSENT && e.stands)
		result = US_WORK_FAILED;
	/* An effect is there or not: nobody says what is not so. */
	if (result == US_WORK_DONE)
		*real = e.state == US_EFFECT_PROVIDING;
	else if (result == US_WORK_ABSENT)
		*real = false;
	else if (e.state == US_EFFECT_PROVIDING)
		*real |= dice % 2; /* it may have been, and then failed */
	try(s, result);
}

static void
one_random(struct bench *b, uint32_t seed)
{
	static const enum us_event events[] = {US_EVENT_RELINQUISH,
	    US_EVENT_EXPIRE, US_EVENT_REVOKE, US_EVENT_LEAVE};
	struct story s = {.b = b, .item = "random"};
	const char *bad = "";
	bool real = false;
	uint32_t state = seed * 2654435761u + 1;
	struct us_effect_record e;
	unsigned i;

	bench_begin(b);
	ask(&s, '+');
	for (i = 0; i < 60 && !*bad; i++) {
		uint32_t dice = next_random(&state);

		if (dice % 8 == 0 && s.n < 8)
			ask(&s, "+>*"[dice / 8 % 3]);
		else if (dice % 8 < 4)
			happen(&s, dice / 8 % s.n, events[dice / 64 % 4]);
		else
			random_try(&s, dice / 8, &real);
		bad = wrong(&s, real);
	}
	/* At last all give up, and tries succeed: nothing is left. */
	for (unsigned k = 0; k < s.n && !*bad; k++)
		happen(&s, k, US_EVENT_RELINQUISH);
	b->change.now += WAIT_MS;
	for (i = 0; i < 4 && !*bad; i++)
		try(&s, US_WORK_DONE);
	if (!*bad &&
	    us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e))
		bad = "something is left at last";
	is_str(bad, "", "random story %u", seed);
	us_txn_abort(b->change.txn);
	us_arena_free(&s.arena);
}

/* --- What else an effect is --------------------------------------------- */

static struct us_str
key_of(struct bench *b, const struct us_permission *p)
{
	return us_effect_key_of(p, &b->arena);
}

static struct us_lives
lives_of(struct bench *b, const struct us_permission *p)
{
	return us_effect_lives_of(
	    b->change.txn, b->org.name, p, &b->arena);
}

static void
test_keys(struct bench *b)
{
	char id[27];
	struct us_permission p = bench_request(b, "x", id), q;
	struct us_str key;

	bench_begin(b);
	key = key_of(b, &p);
	is_int(key.n, US_EFFECT_KEY, "a key");
	q = p;
	q.principal = US_STR("ana@example.com");
	ok(us_str_eq(key, key_of(b, &q)), "case of an e-mail does not count");
	q.agent_client = US_STR("bot");
	ok(us_str_eq(key, key_of(b, &q)), "an agent has its human's effect");
	q.principal = (struct us_str){0};
	ok(!us_str_eq(key, key_of(b, &q)), "without one its own");
	key = key_of(b, &q);
	q.agent_owner = US_STR("bob@example.com");
	ok(!us_str_eq(key, key_of(b, &q)), "by the owner, too");
	q.agent_owner = p.agent_owner;
	q.agent_provider = US_STR("other");
	ok(!us_str_eq(key, key_of(b, &q)), "and by the provider");
	key = key_of(b, &p);
	q = p;
	q.item = US_STR("y");
	ok(!us_str_eq(key, key_of(b, &q)), "another item");
	q = p;
	q.service = US_STR("awsr");
	q.access = US_STR("ole");
	ok(!us_str_eq(key, key_of(b, &q)), "another access type");
	q = p;
	q.attributes = US_STR("{\"sudo\":true}");
	ok(!us_str_eq(key, key_of(b, &q)), "sudo");
	q.attributes = US_STR("{ \"tag\": {\"a\": []}, \"sudo\" : true }");
	ok(!us_str_eq(key, key_of(b, &q)), "sudo, as it may be written");
	q.attributes = US_STR("{\"sudo\":false}");
	ok(us_str_eq(key, key_of(b, &q)), "no sudo");
	q.attributes = US_STR("{\"tag\":{\"sudo\":[\"true\"],"
			      "\"x\":[\"\\\"sudo\\\":true\",\"sudo\"]}}");
	ok(us_str_eq(key, key_of(b, &q)), "sudo in a text is none");
	q.attributes = US_STR("{\"sudo\"");
	ok(us_str_eq(key, key_of(b, &q)), "nor at the end of one");
	us_txn_abort(b->change.txn);
}

static const struct {
	const char *what, *happens;
	int64_t asked; /* by the second; the first asked for an hour */
	const char *agent;
	bool twin;
} twins[] = {
    {"what is granted", "", 0, "", true},
    {"what is there", "done", 3600, "", true},
    {"what is there, for longer", "done", 3601, "", false},
    {"what failed", "absent", 0, "", false},
    {"what is to be taken away", "done a-", 0, "", false},
    {"what is cleaned up", "failed", 0, "", false},
    {"what is there, for an agent", "done", 0, "bot", false},
};

static void
test_twins(struct bench *b)
{
	for (unsigned i = 0; i < sizeof(twins) / sizeof(*twins); i++) {
		struct story s = {.b = b, .item = "twin"};
		struct us_permission p, twin;
		struct us_lives lives;
		char id[27];
		bool found;

		bench_begin(b);
		ask(&s, '+');
		for (const char *w = twins[i].happens; *w;) {
			size_t n = strcspn(w, " ");

			word(&s, w, n);
			w += n + (w[n] == ' ');
		}
		p = bench_request(b, "twin", id);
		p.asked_duration = twins[i].asked;
		p.agent_client = us_str(twins[i].agent);
		lives = lives_of(b, &p);
		found = us_effect_twin(
		    b->change.txn, b->org.name, &p, &lives, &twin);
		is_int(found, twins[i].twin, "%s", twins[i].what);
		if (found)
			ok(us_str_is(twin.id, s.ids[0]), "it is that one");
		us_txn_abort(b->change.txn);
		us_arena_free(&s.arena);
	}
}

static bool
crowded(struct bench *b, const struct us_permission *p, bool waits)
{
	struct us_lives lives = lives_of(b, p);

	return us_effect_crowded(
		   b->change.txn, b->org.name, p, &lives, waits) != NULL;
}

/* No more of one effect, of those that wait, and half as many by others. */
static void
test_crowds(struct bench *b)
{
	struct story s = {.b = b, .item = "crowd"};
	struct us_permission p;
	char id[27];

	bench_begin(b);
	p = bench_request(b, "crowd", id);
	for (unsigned i = 0; i < US_LIVE_MAX; i++) {
		p.asker = US_STR("bob@example.com");
		is_int(crowded(b, &p, true),
		    i >= US_LIVE_MAX / 2, "%u of them, for another", i);
		p.asker = US_STR("ana@example.com");
		ok(!crowded(b, &p, true),
		    "for oneself");
		ask(&s, '+');
	}
	ok(crowded(b, &p, true),
	    "they are too many");
	p.item = US_STR("another");
	p.effect = (struct us_str){0};
	for (unsigned i = 0; i < US_PENDING_MAX; i++) {
		char item[16];
		struct us_permission q;
		char other[27];

		snprintf(item, sizeof(item), "item%u", i);
		q = bench_request(b, item, other);
		us_life_step(
		    &b->change, &q, &(struct us_step){.event = US_EVENT_ROUTE});
		if (i == US_PENDING_MAX - 2)
			ok(!crowded(b, &p, true),
			    "not yet");
	}
	ok(crowded(b, &p, true),
	    "too many wait");
	ok(!crowded(b, &p, false),
	    "what is granted does not");
	us_txn_abort(b->change.txn);
	us_arena_free(&s.arena);
}

/* How long until the next try; what is stuck is told once, and freed. */
static void
test_stuck(struct bench *b)
{
	struct story s = {.b = b, .item = "stuck"};
	struct us_effect_record e;
	int64_t want = 1000;

	bench_begin(b);
	ask(&s, '+');
	try(&s, US_WORK_DONE);
	happen(&s, 0, US_EVENT_EXPIRE);
	for (unsigned i = 1; i < 14; i++) {
		is_int(try(&s, US_WORK_LATER), want, "after try %u", i);
		want = want * 2 < 900000 ? want * 2 : 900000;
		us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e);
		is_int(e.tries, i, "it is counted");
		is_int(e.stuck, i >= US_STUCK_TRIES, "stuck");
		ok(us_str_is(e.error, "no luck"), "and why");
		is_int(us_effect_stuck(b->change.txn, b->org.name),
		    i >= US_STUCK_TRIES, "and is counted");
	}
	is_int(try(&s, US_WORK_DONE), 0, "then there is none");
	is_int(us_effect_stuck(b->change.txn, b->org.name), 0, "nor stuck");
	us_txn_abort(b->change.txn);
	us_arena_free(&s.arena);
}

/* What a person has to do is stuck after an hour, however often looked at. */
static void
test_stuck_long(struct bench *b)
{
	struct story s = {.b = b, .item = "long"};
	struct us_effect_record e;

	bench_begin(b);
	ask(&s, '+');
	try(&s, US_WORK_DONE);
	happen(&s, 0, US_EVENT_EXPIRE);
	for (unsigned i = 0; i < 20; i++)
		try(&s, i ? US_WORK_LATER : US_WORK_ACCEPTED);
	us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e);
	ok(!e.stuck && e.staged, "looked at twenty times");
	b->change.now += 3600 * 1000;
	try(&s, US_WORK_LATER);
	us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e);
	ok(e.stuck, "after an hour");
	us_txn_abort(b->change.txn);
	us_arena_free(&s.arena);
}

static bool
count_rows(void *arg, const struct us_work *work)
{
	unsigned *n = arg;

	n[work->org.n == 0]++;
	return true;
}

/* One row that cannot be read holds up no other. */
static void
test_bad_row(struct bench *b)
{
	struct story s = {.b = b, .item = "bad"};
	struct us_key key = {0};
	unsigned n[2] = {0};

	bench_begin(b);
	ask(&s, '+');
	us_outbox_scan(b->change.txn, 0, count_rows, n);
	us_key_number(&key, 1);
	us_txn_put(
	    b->change.txn, US_TABLE_OUTBOX, us_key_str(&key), US_STR("\xff"));
	is_int(n[1], 0, "all can be read");
	n[0] = 0;
	us_outbox_scan(b->change.txn, 0, count_rows, n);
	is_int(n[1], 1, "one cannot");
	ok(n[0] >= 1, "the others come nonetheless");
	is_int(us_txn_error(b->change.txn), 0, "no error");
	us_txn_abort(b->change.txn);
	us_arena_free(&s.arena);
}

/* What the provisioner gets. */
static void
test_grant(struct bench *b)
{
	struct story s = {.b = b, .item = "x \"y\""};
	struct us_effect_record e;
	char want[600];

	bench_begin(b);
	ask(&s, '+');
	snprintf(want, sizeof(want),
	    "{\"id\":\"%s\",\"org\":\"acme\",\"principal\":"
	    "\"Ana@Example.com\",\"service\":\"aws\",\"accessType\":\"role\","
	    "\"item\":\"x \\\"y\\\"\",\"attributes\":{\"role\":{\"name\":"
	    "\"Deploy\"}},\"arguments\":[\"role\",\"Deploy\"],\"reason\":"
	    "\"INC-42\",\"duration\":3600,\"expires\":null}",
	    s.ids[0]);
	us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e);
	ok(us_str_is(e.grant, want), "before its clock runs");
	try(&s, US_WORK_DONE);
	us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e);
	ok(memmem(e.grant.p, e.grant.n, "\"expires\":\"2023-", 16),
	    "then with its end");
	ask(&s, '>');
	try(&s, US_WORK_DONE);
	ask(&s, '*');
	us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e);
	ok(memmem(e.grant.p, e.grant.n, "\"publicKey\":\"ssh-", 17) &&
		memmem(e.grant.p, e.grant.n, "\"duration\":7200", 15),
	    "a shorter one shortens nothing");
	us_txn_abort(b->change.txn);
	us_arena_free(&s.arena);
}

/* Two have it, one with a public key: it is told until both have left. */
static const struct {
	const char *happens;
	bool key;
} keyed[] = {
    {"a+ done b> done", false},
    {"a* done b+", true},
    {"a* done b>", true},
    {"a* done b> done", true},
    {"a* done b> done ax", true},
    {"a* done b> done ax bx", true},
    {"a* b+ done", true},
    {"a* b> done done", true},
    {"a+ done b*", true},
    {"a+ done b* done", true},
    {"a> done b* done", true},
    {"a> b* done done", true},
    {"a> done b* done ax bx", true},
    {"a* done b> absent", true},
    /* What was asked for in vain is no holder's. */
    {"a+ done b* absent", false},
};

static void
test_public_keys(struct bench *b)
{
	for (unsigned i = 0; i < sizeof(keyed) / sizeof(*keyed); i++) {
		struct story s = {.b = b, .item = keyed[i].happens};
		struct us_effect_record e = {0};

		bench_begin(b);
		for (const char *w = keyed[i].happens; *w;) {
			size_t n = strcspn(w, " ");

			word(&s, w, n);
			w += n + (w[n] == ' ');
		}
		us_effect_get(b->change.txn, b->org.name, s.key, &b->arena, &e);
		is_int(memmem(e.grant.p, e.grant.n, "\"publicKey\":\"ssh-",
			   17) != NULL,
		    keyed[i].key, "key: %s", keyed[i].happens);
		is_int(memmem(e.grant.p, e.grant.n, "\"connect\":{\"h", 13) !=
			   NULL,
		    keyed[i].key, "how to connect: %s", keyed[i].happens);
		us_txn_abort(b->change.txn);
		us_arena_free(&s.arena);
	}
}

int
main(void)
{
	struct bench b;

	bench_open(&b);
	test_stories(&b);
	for (uint32_t seed = 1; seed <= 400; seed++)
		one_random(&b, seed);
	test_keys(&b);
	test_twins(&b);
	test_crowds(&b);
	test_stuck(&b);
	test_stuck_long(&b);
	test_bad_row(&b);
	test_grant(&b);
	test_public_keys(&b);
	bench_close(&b);
	return plan_done();
}
