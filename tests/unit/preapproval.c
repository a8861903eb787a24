/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Approvals in advance: their records and rows, their time, and which request
 * they cover, as what is known of their issuer changes.
 */
#include "daemon/case.h"
#include "daemon/due.h"
#include "daemon/preapproval.h"
#include "tests/unit/life.h"
#include "tests/unit/load.h"

#define HOUR INT64_C(3600000)

static const char id[] = "01HF0000000000000000000001";

static struct us_advance
advance(const char *principal)
{
	return (struct us_advance){
	    .id = us_str(id),
	    .principal = us_str(principal),
	    .issuer = US_STR("mia@example.com"),
	    .service = US_STR("aws"),
	    .access = US_STR("role"),
	    .item = US_STR("deploy"),
	    .label = US_STR("Deploy"),
	    .attributes = US_STR("{\"role\":{\"name\":\"Deploy\"}}"),
	    .reason = US_STR("release \"day\""),
	    .from = START,
	    .until = START + HOUR,
	    .due_until = START + HOUR,
	    .duration = 600,
	    .created = START,
	};
}

/* --- Records -------------------------------------------------------------- */

static void
test_record(void)
{
	struct us_advance r = advance("ana@example.com"), back;
	struct us_buf value = {0}, json = {0}, again = {0};
	bool cut = false;

	us_advance_encode(&r, &value);
	ok(us_advance_decode(us_buf_str(&value), &back), "a record is read");
	us_advance_json(&r, &json);
	us_advance_json(&back, &again);
	is_str(again.p, json.p, "and says the same");
	is_int(back.due_until, r.due_until, "and when it is over");
	for (size_t n = 0; n < value.n; n++)
		cut |= us_advance_decode((struct us_str){value.p, n}, &back);
	ok(!cut, "less than all of one is none");
	us_buf_free(&value);
	us_buf_free(&json);
	us_buf_free(&again);
}

/* --- Rows ----------------------------------------------------------------- */

static bool
count(void *arg, const struct us_advance *r)
{
	(void)r;
	++*(unsigned *)arg;
	return true;
}

static unsigned
found(struct bench *b, const char *principal)
{
	unsigned n = 0;

	us_advance_scan(
	    b->change.txn, b->org.name, us_str(principal), NULL, count, &n);
	return n;
}

static void
test_rows(void)
{
	struct us_advance r = advance("ana@example.com"), ended;
	struct us_advance group = advance("group:okta:00Dev");
	struct us_advance alias = advance("tom@example.com");
	struct us_permission p;
	unsigned aliased = 0;
	struct bench b;
	char made[27];

	bench_open(&b);
	bench_begin(&b);
	us_advance_put(&b.change, NULL, &r);
	ok(!us_advance_for_groups(b.change.txn, b.org.name), "none for groups");
	group.id = US_STR("01HF0000000000000000000002");
	us_advance_put(&b.change, NULL, &group);
	ok(us_advance_for_groups(b.change.txn, b.org.name), "one for groups");
	ok(!us_advance_for_groups(b.change.txn, US_STR("other")),
	    "of this organisation");
	is_int(found(&b, "ANA@example.com"), 1, "found by e-mail, in any case");
	is_int(found(&b, "ana@example.co"), 0, "by all of it");
	is_int(found(&b, "group:okta:00Dev"), 1, "found by group");
	is_int(found(&b, "group:okta:00dev"), 0, "whose id is exact");
	is_int(found(&b, ""), 2, "found, all");
	alias.service = US_STR("postgres");
	alias.id = US_STR("01HF0000000000000000000003");
	us_advance_put(&b.change, NULL, &alias);
	p = bench_request(&b, "deploy", made);
	p.access = alias.access;
	p.item = alias.item;
	p.service = US_STR("pg");
	us_advance_find(
	    b.change.txn, b.org.name, alias.principal, &p, count, &aliased);
	is_int(aliased, 1, "found by another name of the service");
	ended = r;
	ended.ended = START + 1;
	us_advance_put(&b.change, &r, &ended);
	is_int(found(&b, "ana@example.com"), 0, "revoked, and not found");
	ok(us_advance_get(b.change.txn, b.org.name, r.id, &b.arena, &ended) &&
		ended.ended,
	    "but the record stays");
	ok(bench_commit(&b), "stored");
	bench_close(&b);
}

/* --- Time ----------------------------------------------------------------- */

static bool
count_work(void *arg, const struct us_work *work)
{
	*(unsigned *)arg += work->kind == US_WORK_NOTICE;
	return true;
}

static unsigned
told(struct bench *b)
{
	unsigned n = 0;

	us_outbox_scan(b->change.txn, 0, count_work, &n);
	return n;
}

static void
test_time(void)
{
	struct us_advance r = advance("ana@example.com");
	struct bench b;

	bench_open(&b);
	ok(!us_advance_is_over(&r, &b.world, START), "not over at its start");
	ok(us_advance_is_over(&r, &b.world, START + HOUR), "over at its end");
	b.world.due_offset = HOUR;
	ok(us_advance_is_over(&r, &b.world, START),
	    "and when the clock was set back meanwhile");
	b.world.due_offset = 0;
	bench_begin(&b);
	us_advance_put(&b.change, NULL, &r);
	bench_commit(&b);
	bench_time(&b, START + HOUR - 60000);
	bench_begin(&b);
	us_advance_due(&b.change, r.id);
	is_int(told(&b), 2, "its end is told, to each channel");
	is_int(found(&b, ""), 1, "and it still stands");
	bench_commit(&b);
	bench_time(&b, START + HOUR);
	bench_begin(&b);
	us_advance_due(&b.change, r.id);
	is_int(found(&b, ""), 0, "over, it does not");
	is_int(told(&b), 2, "which nobody is told");
	bench_commit(&b);
	bench_close(&b);
}

/* --- What they cover ------------------------------------------------------ */

static const char rules[] =
    "[{\"name\":\"roles\",\"requestor\":{\"type\":\"any\"},"
    "\"resource\":{\"type\":\"integration\",\"service\":\"aws\"},"
    "\"approval\":[{\"type\":\"group\",\"effect\":\"keep\",\"groups\":"
    "[{\"directory\":\"okta\",\"id\":\"lead\",\"label\":\"Leads\"}],"
    "\"options\":{\"requireReason\":true}}]}]";

static const char people[] = "{\"users\":{\"ana@example.com\":{\"groups\":"
			     "[{\"directory\":\"okta\",\"id\":\"00Dev\"}]},"
			     "\"mia@example.com\":{\"groups\":"
			     "[{\"directory\":\"okta\",\"id\":\"%s\"}]}}}";

static struct us_directory *
directory(struct bench *b, const char *group)
{
	struct us_buf error = {0};
	struct us_directory *d;
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/people.json", b->folder.path);
	f = fopen(path, "w");
	fprintf(f, people, group);
	fclose(f);
	d = us_directory_load(path, &error);
	if (!d) {
		printf("Bail out! %s\n", error.p);
		exit(99);
	}
	return d;
}

struct court {
	struct bench b;
	struct us_sources sources;
	struct us_matcher *matcher;
	struct us_prog *prog;
};

static struct us_judge
judge(struct court *c, int64_t now)
{
	return (struct us_judge){.org = &c->b.org,
	    .sources = &c->sources,
	    .matcher = c->matcher,
	    .txn = c->b.change.txn,
	    .now = now};
}

/* The id of what covers the request, or "". */
static const char *
covers(struct court *c, const struct us_permission *p, int64_t now)
{
	const struct us_judge by = judge(c, now);
	struct us_case decided = us_case_decide(&by, p, NULL, &c->b.arena);

	return us_arena_str(&c->b.arena, decided.preapproval).p;
}

static void
knows(struct court *c, const char *group)
{
	us_directory_unref(c->sources.directory);
	c->sources.directory = directory(&c->b, group);
}

static void
test_cover(struct court *c, const char *principal)
{
	struct us_advance r = advance(principal);
	struct us_permission p, other;
	char made[27];

	bench_begin(&c->b);
	us_advance_put(&c->b.change, NULL, &r);
	p = bench_request(&c->b, "deploy", made);
	is_str(covers(c, &p, START), id, "%s: covered", principal);
	is_str(covers(c, &p, START - 1), "", "not before");
	is_str(covers(c, &p, START + HOUR), "", "nor after");
	other = p;
	other.item = US_STR("admin");
	is_str(covers(c, &other, START), "", "no other item");
	other = p;
	other.principal = US_STR("eve@example.com");
	is_str(covers(c, &other, START), "", "nobody else");
	other = p;
	other.agent_client = US_STR("bot");
	is_str(covers(c, &other, START), "", "no agent");
	other = p;
	other.reason = US_STR(" ");
	is_str(covers(c, &other, START), "",
	    "nothing that the issuer could not approve");
	knows(c, "else");
	is_str(covers(c, &p, START), "", "not once the issuer may not");
	knows(c, "lead");
	is_str(covers(c, &p, START), id, "and again when the issuer may");
	us_txn_abort(c->b.change.txn);
}

/* A role that the directory does not give is none. */
static void
test_issue(struct court *c)
{
	struct us_group_id dev = {US_STR("okta"), US_STR("lead")};
	struct us_judge by;
	struct us_permission p;
	struct us_str mia = US_STR("mia@example.com");
	char made[27];

	bench_begin(&c->b);
	by = judge(c, START);
	p = bench_request(&c->b, "deploy", made);
	p.reason = US_STR("");
#define MAY(issuer, group) \
	us_case_may_issue(&by, &p, issuer, group, &c->b.arena)
	ok(MAY(mia, NULL), "who could approve may, without a reason yet");
	ok(!MAY(US_STR("ana@example.com"), NULL), "who could not, may not");
	ok(!MAY(US_STR("tom@example.com"), NULL), "who is not there, neither");
	ok(MAY(mia, &dev), "for a group");
	p.principal = mia;
	ok(!MAY(mia, NULL), "nobody for themselves");
#undef MAY
	us_txn_abort(c->b.change.txn);
}

int
main(void)
{
	static struct court c;

	test_record();
	test_rows();
	test_time();
	bench_open(&c.b);
	c.b.org.directory_path = "people.json";
	c.prog = test_program(rules);
	c.matcher = us_matcher_new(c.prog);
	c.sources = (struct us_sources){directory(&c.b, "lead"),
	    us_oncall_empty(), us_inventory_empty(), 0};
	test_cover(&c, "ana@example.com");
	test_cover(&c, "group:okta:00Dev");
	test_issue(&c);
	us_sources_done(&c.sources);
	us_matcher_free(c.matcher);
	us_prog_unref(c.prog);
	bench_close(&c.b);
	return plan_done();
}
