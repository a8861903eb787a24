/* SPDX-License-Identifier: Apache-2.0 */
/* Permission requests: their records, their ids, and pages of them. */
#include <pthread.h>

#include "tests/tap.h"
#include "tests/unit/life.h"

/* --- Records ------------------------------------------------------------ */

/* Each member another value, so that none is taken for another. */
static struct us_permission
full(struct us_arena *a)
{
	struct us_permission p = {0};
	struct us_str *texts[] = {&p.id, &p.principal, &p.asker,
	    &p.agent_client, &p.agent_owner, &p.agent_provider, &p.service,
	    &p.access, &p.item, &p.label, &p.attributes, &p.arguments,
	    &p.connect, &p.public_key, &p.reason, &p.decision, &p.preapproval,
	    &p.approvers, &p.approver, &p.error, &p.generated};
	int64_t *times[] = {&p.asked_duration, &p.duration, &p.last_end,
	    &p.created, &p.approved, &p.started, &p.ended, &p.due_start,
	    &p.due_end, &p.due_reminder, &p.due_approval};

	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		*texts[i] = us_str(us_arena_printf(a, "text %u", i));
	for (unsigned i = 0; i < sizeof(times) / sizeof(*times); i++)
		*times[i] = START + i;
	p.last_end = -5;
	p.status = US_STATUS_CLEANUP_ERRORED;
	p.revision = 7;
	p.listed = true;
	p.asker_kind = US_CALLER_KEY;
	p.version = 12;
	p.by = US_BY_PREAPPROVAL;
	for (unsigned i = 0; i < 3; i++)
		*us_list_add(a, &p.history) = (struct us_episode){START + i,
		    US_EVENT_GIVE_UP - i, US_STATUS_CLEANUP_ERRORED - i,
		    us_str(us_arena_printf(a, "by %u", i)), US_STR("\0\xff")};
	return p;
}

static void
test_record(void)
{
	struct us_arena a = {0};
	struct us_permission p = full(&a), q;
	struct us_buf value = {0}, again = {0};
	unsigned read = 0;
	char *exact;

	us_permission_encode(&p, &value);
	ok(us_permission_decode(us_buf_str(&value), &q, &a), "it is read");
	us_permission_encode(&q, &again);
	ok(us_str_eq(us_buf_str(&value), us_buf_str(&again)),
	    "and is what was written");
	ok(us_str_is(q.generated, "text 20") && q.due_approval == START + 10 &&
		q.last_end == -5 && q.listed && q.version == 12 &&
		q.history.n == 3 && us_str_is(q.history.v[2].by, "by 2") &&
		q.history.v[0].event == US_EVENT_GIVE_UP,
	    "member by member");
	/* At the end of its memory, so that a sanitizer sees too much. */
	for (size_t n = 0; n < value.n; n++) {
		exact = memcpy(malloc(n + 1), value.p, n);
		exact = realloc(exact, n ? n : 1);
		read += us_permission_decode((struct us_str){exact, n}, &q, &a);
		free(exact);
	}
	is_int(read, 0, "a part of it is not read");
	us_buf_putc(&value, 'x');
	ok(!us_permission_decode(us_buf_str(&value), &q, &a), "nor more");
	value.n--;
	for (size_t i = 0; i < value.n; i++) {
		value.p[i] ^= (char)0xff;
		us_permission_decode(us_buf_str(&value), &q, &a);
		value.p[i] ^= (char)0xff;
	}
	ok(true, "what is damaged does no harm");
	us_buf_free(&value);
	us_buf_free(&again);
	us_arena_free(&a);
}

static void
test_damaged(struct bench *b)
{
	struct us_permission p;
	struct us_key key = {0};

	bench_begin(b);
	us_key_text(&key, b->org.name);
	us_key_text(&key, US_STR("X"));
	us_txn_put(
	    b->change.txn, US_TABLE_PERMISSION, us_key_str(&key), US_STR("?"));
	ok(!us_permission_get(
	       b->change.txn, b->org.name, US_STR("Y"), &b->arena, &p) &&
		us_txn_error(b->change.txn) == US_STORE_OK,
	    "none is no error");
	ok(!us_permission_get(
	       b->change.txn, b->org.name, US_STR(""), &b->arena, &p),
	    "nor is no id");
	ok(!us_permission_get(
	       b->change.txn, b->org.name, US_STR("X"), &b->arena, &p) &&
		us_txn_error(b->change.txn) == US_STORE_CORRUPT,
	    "one that cannot be read is");
	us_txn_abort(b->change.txn);
}

/* --- Ids ---------------------------------------------------------------- */

#define IDS 20000
#define THREADS 4

static void *
make_ids(void *arg)
{
	char last[27] = "", id[27];
	uintptr_t wrong = 0;

	(void)arg;
	for (unsigned i = 0; i < IDS; i++) {
		/* The clock stands still, goes, and goes back. */
		us_permission_new_id(START + i / 5000 % 2, id);
		wrong += strcmp(id, last) <= 0 || strlen(id) != 26;
		memcpy(last, id, sizeof(id));
	}
	return (void *)wrong;
}

static void
test_ids(void)
{
	pthread_t threads[THREADS];
	char a[27], c[27];
	uintptr_t sum = 0;
	void *wrong;

	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, make_ids, NULL);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		sum += (uintptr_t)wrong;
	}
	is_int(sum, 0, "each is greater than all before");
	us_permission_new_id(START + 1000000, a);
	us_permission_new_id(START + 2000000, c);
	/* 1700001000000 in Crockford's base 32. */
	ok(strncmp(a, "01HF7Z9AJ0", 10) == 0, "it begins with its time: %s", a);
	ok(strncmp(a, c, 10) < 0 && strcmp(a + 10, c + 10) != 0,
	    "the rest is another each time");
	is_int(strspn(a, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 26, "digits");
}

/* --- Pages -------------------------------------------------------------- */

#define MANY 100

struct page {
	unsigned n, most;
	char last[27];
	bool ordered;
	char ids[MANY][27];
};

static bool
take(void *arg, const struct us_permission *p)
{
	struct page *page = arg;

	memcpy(page->ids[page->n], p->id.p, 26);
	page->ids[page->n][26] = '\0';
	if (page->n++ && strcmp(page->last, page->ids[page->n - 1]) <= 0)
		page->ordered = false;
	strcpy(page->last, page->ids[page->n - 1]);
	return page->n < page->most;
}

static struct page
scan(struct bench *b, struct us_permission_scan what, unsigned most)
{
	struct page page = {.most = most, .ordered = true};

	us_permission_scan(b->change.txn, b->org.name, &what, take, &page);
	return page;
}

/* Page by page: all, each once. */
static void
check_pages(struct bench *b, struct us_permission_scan what, unsigned want,
    const char *name)
{
	struct page page;
	char before[27] = "";
	unsigned sum = 0;
	bool ordered = true;

	do {
		what.before = us_str(before);
		page = scan(b, what, 7);
		ordered &= page.ordered;
		if (*before && page.n)
			ordered &= strcmp(page.ids[0], before) < 0;
		strcpy(before, page.last);
		sum += page.n;
	} while (page.n == 7);
	is_int(sum, want, "%s: all of them, page by page", name);
	ok(ordered, "%s: the newest first", name);
}

static void
test_pages(struct bench *b)
{
	struct us_permission_scan all = {.scope = US_SCAN_ALL};
	struct us_permission_scan waiting = {
	    .scope = US_SCAN_STATUS, .status = US_STATUS_PENDING_APPROVAL};
	struct us_permission_scan denied = {
	    .scope = US_SCAN_STATUS, .status = US_STATUS_DENIED};
	struct us_permission_scan person = {.scope = US_SCAN_PERSON};
	static const struct us_actor mia = {
	    {"Mia@example.com", 15}, {"x", 1}, NULL};
	static char ids[MANY][27];
	struct us_str acme = b->org.name;

	bench_begin(b);
	for (unsigned i = 0; i < MANY; i++) {
		struct us_permission p = bench_request(b, "x", ids[i]);

		if (i % 10 == 0)
			p.principal = US_STR("zoe@example.com");
		if (i % 25 == 0)
			p.agent_owner = US_STR("owen@example.com");
		us_life_step(
		    &b->change, &p, &(struct us_step){.event = US_EVENT_ROUTE});
		if (i % 4 == 0)
			us_life_step(&b->change, &p,
			    &(struct us_step){
				.event = US_EVENT_DENY, .actor = &mia});
	}
	check_pages(b, all, MANY, "all");
	check_pages(b, waiting, 75, "those that wait");
	check_pages(b, denied, 25, "those that were denied");
	person.person = US_STR("ANA@example.com");
	check_pages(b, person, MANY, "of who asked");
	person.person = US_STR("zoe@example.com");
	check_pages(b, person, 10, "of the principal");
	person.person = US_STR("owen@example.com");
	check_pages(b, person, 4, "of the owner of the agent");
	person.person = US_STR("mia@example.com");
	check_pages(b, person, 25, "of who acted");
	person.person = US_STR("usherd");
	check_pages(b, person, 0, "usherd is nobody");
	person.person = US_STR("ana@example.co");
	check_pages(b, person, 0, "nor is the beginning of a name");
	b->org.name = US_STR("acm");
	check_pages(b, all, 0, "of another organisation");
	b->org.name = acme;
	us_txn_abort(b->change.txn);
}

int
main(void)
{
	struct bench b;

	bench_open(&b);
	test_record();
	test_damaged(&b);
	test_ids();
	test_pages(&b);
	bench_close(&b);
	return plan_done();
}
