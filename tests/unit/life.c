/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a request: every pair of a status and an event, on a real store.
 * What a row of life.def calls for is looked for in all tables; where there is
 * no row, nothing may change.
 */
#include "daemon/effect_parts.h"
#include "engine/json_canon.h"
#include "tests/tap.h"
#include "tests/unit/life.h"

static const struct us_actor mia = {
    {"mia@example.com", 15}, {"usherd", 6}, NULL};

/* --- Bringing a request into a status ----------------------------------- */

static void
step(struct bench *b, struct us_permission *p, enum us_event event)
{
	us_life_step(&b->change, p,
	    &(struct us_step){.event = event, .text = US_STR("a text")});
}

static void
result(struct bench *b, struct us_permission *p, enum us_work_result how)
{
	struct us_str key = us_effect_key_of(p, &b->arena);
	int64_t next;

	us_effect_result(&b->change, key, how, US_STR("an error"),
	    US_STR("{\"user\":\"ana\"}"), &next);
	*p = bench_get(b, p->id);
}

/* What happens after GRANT, in letters, to come into a status. */
static const char *const ways[US_STATUS_COUNT] = {
    [US_STATUS_NEW] = "",
    [US_STATUS_PENDING_APPROVAL] = "p",
    [US_STATUS_PENDING_APPROVAL_ESCALATED] = "pe",
    [US_STATUS_APPROVED] = "g",
    [US_STATUS_STAGED] = "gA",
    [US_STATUS_DONE] = "gD",
    [US_STATUS_DENIED] = "n",
    [US_STATUS_TIMED_OUT] = "pt",
    [US_STATUS_ERRORED] = "g0",
    [US_STATUS_EXPIRY_SUBMITTED] = "gDx",
    [US_STATUS_EXPIRED] = "gDxD",
    [US_STATUS_REVOKE_SUBMITTED] = "gDr",
    [US_STATUS_REVOKED] = "gDrD",
    [US_STATUS_CLEANUP_SUBMITTED] = "gF",
    [US_STATUS_CLEANED_UP] = "gFD",
    [US_STATUS_CLEANUP_ERRORED] = "gFLLLLLLLLLLLL",
};

static void
go(struct bench *b, struct us_permission *p, char letter)
{
	static const struct {
		char letter;
		enum us_event event;
	} events[] = {{'p', US_EVENT_ROUTE}, {'e', US_EVENT_ESCALATE},
	    {'g', US_EVENT_GRANT}, {'n', US_EVENT_REFUSE},
	    {'t', US_EVENT_TIME_OUT}, {'x', US_EVENT_EXPIRE},
	    {'r', US_EVENT_REVOKE}};
	static const char results[] = "DALF0";

	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].letter == letter)
			step(b, p, events[i].event);
	for (unsigned i = 0; results[i]; i++)
		if (results[i] == letter)
			result(b, p, (enum us_work_result)i);
}

/* A request of its own for each pair; in a transaction that is begun. */
static struct us_permission
bring(struct bench *b, enum us_status status, char id[27])
{
	struct us_permission p;
	char *item;

	us_permission_new_id(START, id);
	item = us_arena_printf(&b->arena, "item of %s", id);
	p = bench_request(b, item, id);
	for (const char *way = ways[status]; *way; way++)
		go(b, &p, *way);
	is_str(us_status_name(p.status), us_status_name(status),
	    "%s is reached", us_status_name(status));
	return p;
}

/* --- What is in the tables ---------------------------------------------- */

struct count {
	struct us_str id;
	enum us_notice notice; /* notices of this kind; NONE: pages */
	enum us_due_kind kind;
	unsigned n;
};

static bool
count_work(void *arg, const struct us_work *work)
{
	struct count *c = arg;
	char word[64];

	snprintf(word, sizeof(word), "{\"notice\":\"%s\"",
	    us_notice_word(c->notice));
	if (!us_str_eq(work->ref, c->id))
		return true;
	if (c->notice == US_NOTICE_NONE)
		c->n += work->kind == US_WORK_PAGE;
	else
		c->n += work->kind == US_WORK_NOTICE &&
			strstr(work->body.p, word) == work->body.p;
	return true;
}

static unsigned
works(struct bench *b, const struct us_permission *p, enum us_notice notice,
    uint64_t after)
{
	struct count c = {.id = p->id, .notice = notice};

	us_outbox_scan(b->change.txn, after, count_work, &c);
	return c.n;
}

static bool
last_seq(void *arg, struct us_str key, struct us_str value)
{
	(void)value;
	*(uint64_t *)arg = us_key_last_number(key);
	return false;
}

static uint64_t
outbox_end(struct bench *b)
{
	uint64_t seq = 0;

	us_txn_scan(b->change.txn, US_TABLE_OUTBOX, US_STR(""),
	    (struct us_str){0}, true, last_seq, &seq);
	return seq;
}

static bool
count_due(void *arg, struct us_str key, struct us_str value)
{
	struct count *c = arg;
	struct us_key tail = {0};

	(void)value;
	us_key_number(&tail, c->kind);
	us_key_text(&tail, c->id);
	c->n += key.n > tail.n &&
		memcmp(key.p + key.n - tail.n, tail.bytes, tail.n) == 0;
	return true;
}

static unsigned
dues(struct bench *b, const struct us_permission *p, enum us_due_kind kind)
{
	struct count c = {.id = p->id, .kind = kind};

	us_txn_scan(b->change.txn, US_TABLE_DUE, US_STR(""), (struct us_str){0},
	    false, count_due, &c);
	return c.n;
}

static bool
count_same(void *arg, const struct us_permission *p)
{
	struct count *c = arg;

	c->n += us_str_eq(p->id, c->id);
	return true;
}

static unsigned
listed(struct bench *b, const struct us_permission *p,
    const struct us_permission_scan *scan)
{
	struct count c = {.id = p->id};

	us_permission_scan(b->change.txn, b->org.name, scan, count_same, &c);
	return c.n;
}

static bool
is_live(struct bench *b, const struct us_permission *p)
{
	struct us_key row =
	    us_effect_row(b->org.name, us_effect_key_of(p, &b->arena));
	struct us_str value;

	us_key_text(&row, p->id);
	return us_txn_get(
	    b->change.txn, US_TABLE_PERSON, us_key_str(&row), &value);
}

/* Due rows are those of the status, and no others. */
static bool
is_due_right(struct bench *b, const struct us_permission *p)
{
	bool done = p->status == US_STATUS_DONE;

	return dues(b, p, US_DUE_APPROVAL) == us_status_is_pending(p->status) &&
	       dues(b, p, US_DUE_END) == done &&
	       dues(b, p, US_DUE_REMINDER) == done;
}

/* All but the status, which a row that needs no work goes past. */
static void
check_stored(struct bench *b, const struct us_permission *p, const char *what)
{
	struct us_permission stored = bench_get(b, p->id);
	struct us_permission_scan scan = {
	    .scope = US_SCAN_STATUS, .status = p->status};
	struct us_permission_scan who = {
	    .scope = US_SCAN_PERSON, .person = US_STR("MIA@example.com")};
	unsigned wrong = 0;

	is_int(stored.revision, p->revision, "%s: it is stored", what);
	is_int(stored.history.n, p->revision, "%s: with its history", what);
	for (unsigned i = 0; i < US_STATUS_COUNT; i++) {
		scan.status = i;
		wrong += listed(b, p, &scan) != (i == p->status);
	}
	is_int(wrong, 0, "%s: it is listed under its status alone", what);
	is_int(listed(b, p, &who), 1, "%s: and under who acted", what);
	is_int(is_live(b, p), !us_status_is_final(p->status),
	    "%s: it is live until it is final", what);
	ok(is_due_right(b, p), "%s: due is what the status has", what);
	is_int(p->ended != 0, us_status_is_final(p->status),
	    "%s: it has ended when it is final", what);
}

static bool
take_value(void *arg, struct us_str key, struct us_str value)
{
	(void)key;
	us_buf_str_add(arg, value);
	return false;
}

/* Whoever verifies the log writes its events anew, and gets the same text. */
static bool
is_canonical(const char *text)
{
	struct json_object *v = json_tokener_parse(text);
	struct us_buf again = {0};
	bool same = us_canon(v, &again) && strcmp(again.p, text) == 0;

	json_object_put(v);
	us_buf_free(&again);
	return same;
}

/* The last event of the log has the action and the member. */
static bool
is_last_event(struct bench *b, const char *action, const char *member)
{
	struct us_buf event = {0};
	bool found;

	us_txn_scan(b->change.txn, US_TABLE_AUDIT, US_STR("acme"),
	    (struct us_str){0}, true, take_value, &event);
	/* Behind the version and the hash. */
	found = event.n > 33 && strstr(event.p + 33, action) &&
		strstr(event.p + 33, member) && is_canonical(event.p + 33);
	us_buf_free(&event);
	return found;
}

/* --- The table ---------------------------------------------------------- */

static const struct us_life *
row_of(enum us_status from, enum us_event event)
{
	const struct us_life *row;

	for (unsigned i = 0; (row = us_life_row(i)); i++)
		if (row->from == from && row->event == event)
			return row;
	return NULL;
}

static void
check_row(struct bench *b, const struct us_life *row)
{
	char what[100], id[27];
	struct us_permission p;
	uint64_t before;

	snprintf(what, sizeof(what), "%s, %s", us_status_name(row->from),
	    us_event_word(row->event));
	bench_begin(b);
	p = bring(b, row->from, id);
	before = outbox_end(b);
	ok(us_life_step(&b->change, &p,
	       &(struct us_step){.event = row->event,
		   .actor = &mia,
		   .text = US_STR("so be it"),
		   .generated = US_STR("{}")}),
	    "%s: it can happen", what);
	/* Nothing was left behind by what is known not to be there. */
	is_str(us_status_name(p.status),
	    row->from == US_STATUS_ERRORED ? "CLEANED_UP"
					   : us_status_name(row->to),
	    "%s: the status", what);
	check_stored(b, &p, what);
	if (row->from != US_STATUS_ERRORED)
		ok(is_last_event(
		       b, us_action_name(row->action), "\"text\":\"so be it\""),
		    "%s: it is in the audit log", what);
	if (row->notice != US_NOTICE_NONE)
		is_int(works(b, &p, row->notice, before), 2,
		    "%s: both channels are told", what);
	is_int(works(b, &p, US_NOTICE_NONE, before),
	    row->effects & US_LIFE_PAGE ? 1 : 0, "%s: a page", what);
	ok(bench_commit(b), "%s: committed", what);
}

static void
check_refused(struct bench *b, enum us_status from, enum us_event event)
{
	struct us_permission p, before;
	uint64_t writes;
	char id[27];

	bench_begin(b);
	p = bring(b, from, id);
	before = p;
	writes = us_txn_writes(b->change.txn);
	ok(!us_life_step(&b->change, &p,
	       &(struct us_step){.event = event, .actor = &mia}),
	    "%s, %s: it cannot happen", us_status_name(from),
	    us_event_word(event));
	ok(us_txn_writes(b->change.txn) == writes &&
		memcmp(&before, &p, sizeof(p)) == 0,
	    "%s, %s: and nothing does", us_status_name(from),
	    us_event_word(event));
	us_txn_abort(b->change.txn);
}

static void
test_table(struct bench *b)
{
	const struct us_life *row;
	unsigned rows = 0;

	for (unsigned s = 0; s < US_STATUS_COUNT; s++)
		for (unsigned e = 0; e < US_EVENT_COUNT; e++) {
			row = row_of(s, e);
			is_int(us_life_has(s, e), row != NULL,
			    "%s, %s: the table is asked", us_status_name(s),
			    us_event_word(e));
			if (row)
				check_row(b, row);
			else
				check_refused(b, s, e);
			rows += row != NULL;
		}
	for (unsigned i = 0; us_life_row(i); i++)
		rows--;
	is_int(rows, 0, "no pair is in the table twice");
}

/* Final means final, but for what an error left behind. */
static void
test_final(void)
{
	for (unsigned s = 0; s < US_STATUS_COUNT; s++) {
		unsigned n = 0;

		for (unsigned e = 0; e < US_EVENT_COUNT; e++)
			n += us_life_has(s, e);
		if (s == US_STATUS_ERRORED)
			is_int(n, 1, "what is errored is cleaned up at most");
		else
			is_int(n == 0, us_status_is_final(s),
			    "%s: nothing happens once it is final",
			    us_status_name(s));
		is_int(us_status_find(us_str(us_status_name(s))), s,
		    "%s: found by its name", us_status_name(s));
	}
	is_int(us_status_find(US_STR("Done")), US_STATUS_COUNT, "no status");
}

/* --- Times -------------------------------------------------------------- */

#define HOUR 3600
#define MS INT64_C(1000)

static const struct {
	const char *what;
	int64_t asked, said;
	enum us_by by;
	int64_t last;	   /* s from now; 0: no bound */
	int64_t want, end; /* s */
} lengths[] = {
    {"nothing is said: an hour", 0, 0, 0, 0, HOUR, HOUR},
    {"what was asked", 2 * HOUR, 0, 0, 0, 2 * HOUR, 2 * HOUR},
    {"the approver's word counts", 2 * HOUR, 60, 0, 0, 60, 60},
    {"no longer than any may", 200 * US_DAY, 0, 0, 0, 180 * US_DAY,
	180 * US_DAY},
    {"nor by the approver", 0, 200 * US_DAY, 0, 0, 180 * US_DAY, 180 * US_DAY},
    {"standing access lasts its setting", 2 * HOUR, 60, US_BY_PERSISTENT, 0,
	US_DAY, US_DAY},
    {"not past its bound", 2 * HOUR, 0, US_BY_PREAPPROVAL, HOUR, 2 * HOUR,
	HOUR},
    {"a bound that is later", HOUR, 0, US_BY_PREAPPROVAL, 2 * HOUR, HOUR, HOUR},
    {"a bound that is over", HOUR, 0, US_BY_PREAPPROVAL, -5, HOUR, -5},
};

/* The clock begins when access is there, an hour after it was approved. */
static void
test_lengths(struct bench *b)
{
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		const char *what = lengths[i].what;
		struct us_permission p;
		char id[27], item[40];
		int64_t start;

		bench_time(b, START + (2 * i) * HOUR * MS);
		bench_begin(b);
		snprintf(item, sizeof(item), "length %u", i);
		p = bench_request(b, item, id);
		p.asked_duration = lengths[i].asked;
		p.by = lengths[i].by;
		us_life_step(&b->change, &p,
		    &(struct us_step){
			.event = US_EVENT_GRANT, .duration = lengths[i].said});
		is_int(p.duration, lengths[i].want, "%s: length", what);
		is_int(p.started, 0, "%s: the clock does not run yet", what);
		bench_commit(b);

		start = START + (2 * i + 1) * HOUR * MS;
		bench_time(b, start);
		bench_begin(b);
		p = bench_get(b, us_str(id));
		if (lengths[i].last) {
			struct us_permission old = p;

			p.last_end = start + lengths[i].last * MS;
			us_permission_put(b->change.txn, b->org.name, &old, &p);
		}
		result(b, &p, US_WORK_DONE);
		is_int(
		    p.started, start, "%s: it starts when it is there", what);
		is_int(p.due_end - start, lengths[i].end * MS, "%s: end", what);
		ok(us_str_is(p.generated, "{\"user\":\"ana\"}"),
		    "%s: what the provisioner gave is kept", what);
		is_int(dues(b, &p, US_DUE_END), 1, "%s: its end is due", what);
		is_int(dues(b, &p, US_DUE_REMINDER), lengths[i].end > 600,
		    "%s: a reminder, if there is time for one", what);
		bench_commit(b);
	}
	bench_time(b, START);
}

/* The reminder's row goes with the grant, whatever the setting is by then. */
static void
test_reminder(struct bench *b)
{
	struct us_permission p;
	char id[27];

	bench_begin(b);
	p = bring(b, US_STATUS_DONE, id);
	is_int(p.due_reminder, p.due_end - 600 * MS, "ten minutes before");
	us_setting_put(b->change.txn, b->org.name, US_SETTING_REMINDER,
	    (struct us_span){1, US_MINUTES});
	step(b, &p, US_EVENT_EXPIRE);
	is_int(dues(b, &p, US_DUE_REMINDER), 0, "no reminder is left");
	us_txn_abort(b->change.txn);
}

/* --- What is told and shown --------------------------------------------- */

static void
test_json(struct bench *b)
{
	struct us_buf out = {0};
	struct us_permission p;
	struct json_object *v;
	char id[27];

	bench_begin(b);
	p = bring(b, US_STATUS_DONE, id);
	p.decision = US_STR("{\"outcome\":\"granted\",\"rules\":[\"secret\"],"
			    "\"deniedBy\":[],\"undecided\":[\"secret\"],"
			    "\"alternatives\":[{\"rule\":\"secret\","
			    "\"index\":0,\"type\":\"auto\"}]}");
	us_permission_json(
	    &p, 0, US_SHOW_RULES | US_SHOW_GENERATED, &out);
	ok(strstr(out.p, "secret"), "who may read the rules sees their names");
	v = json_tokener_parse(out.p);
	is_str(json_object_get_string(json_object_object_get(v, "status")),
	    "DONE", "it is JSON");
	is_str(json_object_get_string(json_object_object_get(v, "expiresDate")),
	    "2023-11-14T23:13:20Z", "its end on the wall clock");
	json_object_put(v);
	us_buf_reset(&out);
	us_permission_json(&p, 3600 * MS, 0, &out);
	ok(!strstr(out.p, "secret"), "who may not sees none");
	v = json_tokener_parse(out.p);
	ok(v, "it is JSON too");
	is_str(json_object_get_string(json_object_object_get(v, "expiresDate")),
	    "2023-11-14T22:13:20Z", "the clock of due times was an hour ahead");
	is_int(json_object_array_length(json_object_object_get(v, "history")),
	    2, "what happened");
	json_object_put(v);
	us_buf_free(&out);
	us_txn_abort(b->change.txn);
}

static void
test_draw(void)
{
	struct us_buf out = {0};
	const struct us_life *row;
	unsigned lines = 0, rows = 0, wide = 0;

	us_life_draw(&out);
	for (char *p = out.p; *p; p += strcspn(p, "\n") + 1) {
		lines += *p == ' ';
		wide += strcspn(p, "\n") > 72;
	}
	while ((row = us_life_row(rows)))
		rows++;
	is_int(lines, rows, "each row is drawn");
	is_int(wide, 0, "on a page of the manual");
	us_buf_free(&out);
}

int
main(void)
{
	struct bench b;

	bench_open(&b);
	test_table(&b);
	test_final();
	test_json(&b);
	test_lengths(&b);
	test_reminder(&b);
	test_draw();
	bench_close(&b);
	return plan_done();
}
