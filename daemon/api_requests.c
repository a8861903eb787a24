/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading permission requests: one, and lists of them. A page of a list looks
 * at so many rows, and for so long, and then says where to go on, so that it
 * takes no longer for a million of requests than for ten.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/api_reply.h"
#include "daemon/clock.h"
#include "daemon/due.h"
#include "daemon/job.h"
#include "daemon/query.h"
#include "daemon/sight.h"
#include "daemon/world.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000

/* Each of the scans that make a page looks at so many rows, for so long. */
#define ROWS_MAX 4000
#define SCAN_US 2000

#define ID_LENGTH 26

static void
put_request(const struct us_org *org, const struct us_caller *caller,
    const struct us_permission *p, struct us_buf *out)
{
	unsigned show = 0;

	if (caller->roles & US_ROLE_BIT(VIEWER))
		show |= US_SHOW_RULES;
	if (us_case_is_for(p, caller))
		show |= US_SHOW_GENERATED;
	us_permission_json(p, us_due_offset(org->world), show, out);
}

/* --- One ---------------------------------------------------------------- */

static void
reply_one(struct us_call *call, bool own)
{
	struct us_sight sight;
	struct us_permission p;
	struct us_buf out = {0};
	int status = 200;

	us_sight_begin(&sight, call);
	if (us_permission_get(sight.txn, call->org->name, call->params[1],
		&call->arena, &p) &&
	    (own ? us_case_is_own(&p, call->caller)
		 : us_sight_sees(&sight, &p))) {
		put_request(call->org, call->caller, &p, &out);
	} else {
		status = 404;
		us_error_json(US_STR("there is no such request"), &out);
	}
	us_sight_end(&sight);
	us_api_reply(call, sight.txn, status, &out);
}

void
api_permission_get(struct us_call *call)
{
	reply_one(call, false);
}

void
api_mine_get(struct us_call *call)
{
	reply_one(call, true);
}

/* --- What is asked of a list -------------------------------------------- */

struct question {
	enum us_status status;		 /* US_STATUS_COUNT: any */
	struct us_str principal, before; /* empty: any */
	uint64_t limit;
};

/* The names that a request can have on the wire. */
static const char *
status_names(struct us_arena *a)
{
	char *names = us_arena_printf(a, "one of the statuses");

	for (enum us_status s = 0; s < US_STATUS_COUNT; s++) {
		if (s != US_STATUS_NEW)
			names = us_arena_printf(
			    a, "%s %s", names, us_status_name(s));
	}
	return names;
}

static const char *
read_status(struct us_str value, struct us_arena *a, struct question *question)
{
	question->status = us_status_find(value);
	return question->status == US_STATUS_NEW ||
		       question->status == US_STATUS_COUNT
		   ? status_names(a)
		   : NULL;
}

static bool
is_id(struct us_str value)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	for (size_t i = 0; i < value.n; i++) {
		if (!memchr(digits, value.p[i], sizeof(digits) - 1))
			return false;
	}
	return value.n == ID_LENGTH;
}

static const char *
read_principal(
    struct us_str value, struct us_arena *a, struct question *question)
{
	struct us_str *who = &question->principal;

	if (us_query_decode(value, a, who) || !who->n ||
	    (!memchr(who->p, '@', who->n) && !memchr(who->p, ':', who->n)))
		return "an e-mail, or key:ID";
	return NULL;
}

/* NULL, or what the value should be. */
static const char *
read_parameter(struct us_str name, struct us_str value, struct us_arena *a,
    struct question *question)
{
	if (us_str_is(name, "status"))
		return read_status(value, a, question);
	if (us_str_is(name, "principal"))
		return read_principal(value, a, question);
	if (us_str_is(name, "limit"))
		return us_query_number(value, LIMIT_MAX, &question->limit) &&
			       question->limit
			   ? NULL
			   : "a number from 1 to 1000";
	if (!us_str_is(name, "after"))
		return "one of the parameters status, principal, limit and "
		       "after";
	question->before = value;
	return is_id(value) ? NULL : "the id of a request, as next gave it";
}

static bool
read_question(struct us_call *call, struct question *question)
{
	struct us_str query = call->query, value, name;
	const char *wanted;

	*question = (struct question){
	    .status = US_STATUS_COUNT, .limit = LIMIT_DEFAULT};
	while (us_query_next(&query, &name, &value)) {
		wanted = read_parameter(name, value, &call->arena, question);
		if (!wanted)
			continue;
		us_query_refuse(call, name, value, wanted);
		return false;
	}
	return true;
}

/* --- Lists -------------------------------------------------------------- */

struct found {
	struct us_str id, json;
};

/* A page, made of the rows of several scans, all of them newest first. */
struct page {
	struct us_org *org;
	const struct us_caller *caller;
	struct us_arena *arena;
	struct us_sight sight;
	struct question question;
	/* On a loop: when a scan takes much longer than it should, for a
	 * decision does, the worker makes the page. */
	bool on_loop, late;
	US_LIST(struct found) found;
	/* All scans looked at every row from here on; empty: to the end. */
	struct us_str cut;
	/* The scan under way. */
	bool (*wants)(struct page *page, const struct us_permission *p);
	int64_t begun;
	unsigned looked, taken;
	char last[ID_LENGTH + 1];
};

static bool
is_enough(const struct page *page)
{
	return page->taken == page->question.limit ||
	       page->looked == ROWS_MAX ||
	       (page->looked && us_clock_ticks() - page->begun > SCAN_US);
}

static bool
fits(const struct page *page, const struct us_permission *p)
{
	const struct question *q = &page->question;

	return (q->status == US_STATUS_COUNT || q->status == p->status) &&
	       (!q->principal.n ||
		   us_str_eq_nocase(q->principal, p->principal));
}

static void
add_found(struct page *page, const struct us_permission *p)
{
	struct us_arena *a = page->arena;
	struct found *found = us_list_add(a, &page->found);
	struct us_buf json = {0};

	put_request(page->org, page->caller, p, &json);
	found->id = us_arena_str(a, p->id);
	found->json = us_arena_str(a, us_buf_str(&json));
	us_buf_free(&json);
	page->taken++;
}

static bool
look(void *arg, const struct us_permission *p)
{
	struct page *page = arg;
	struct us_str last;

	if (is_enough(page)) {
		last = us_str(page->last);
		if (us_str_cmp(last, page->cut) > 0)
			page->cut = us_arena_str(page->arena, last);
		return false;
	}
	page->looked++;
	snprintf(page->last, sizeof(page->last), "%.*s", US_ARG(p->id));
	if (fits(page, p) && page->wants(page, p))
		add_found(page, p);
	return true;
}

static void
scan(struct page *page, struct us_permission_scan what,
    bool (*wants)(struct page *page, const struct us_permission *p))
{
	int64_t now = us_clock_ticks();

	what.before = page->question.before;
	page->wants = wants;
	page->late |= page->on_loop && page->begun &&
		      now - page->begun > 2 * SCAN_US;
	if (page->late)
		return;
	page->begun = now;
	page->looked = page->taken = 0;
	us_permission_scan(page->sight.txn, page->org->name, &what, look, page);
}

static int
newest_first(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return us_str_cmp(y->id, x->id);
}

/* What one scan found below the row where another stopped comes later. */
static void
put_page(struct page *page, struct us_buf *out)
{
	struct us_str next = page->cut, last = {"", 0};
	const struct found *found;
	uint64_t n = 0;

	if (page->found.n)
		qsort(page->found.v, page->found.n, sizeof(*page->found.v),
		    newest_first);
	us_buf_puts(out, "{\"requests\":[");
	US_EACH (found, &page->found) {
		if (us_str_cmp(found->id, page->cut) < 0)
			break;
		if (us_str_eq(found->id, last))
			continue;
		if (n == page->question.limit) {
			next = last;
			break;
		}
		us_buf_puts(out, n++ ? "," : "");
		us_buf_str_add(out, found->json);
		last = found->id;
	}
	us_buf_puts(out, "],\"next\":");
	if (next.n)
		us_buf_json(out, next);
	else
		us_buf_puts(out, "null");
	us_buf_putc(out, '}');
}

/* --- The three lists ---------------------------------------------------- */

static bool
wants_all(struct page *page, const struct us_permission *p)
{
	(void)page;
	(void)p;
	return true;
}

static bool
wants_own(struct page *page, const struct us_permission *p)
{
	return us_case_is_own(p, page->caller);
}

static bool
wants_concerned(struct page *page, const struct us_permission *p)
{
	return us_sight_concerned(p, page->caller);
}

static bool
wants_approvable(struct page *page, const struct us_permission *p)
{
	int64_t now = us_clock_now() + us_due_offset(page->org->world);

	return now < p->due_approval && us_sight_approves(&page->sight, p);
}

/* What the caller is filed under. */
static struct us_permission_scan
callers(const struct page *page)
{
	return (struct us_permission_scan){.scope = US_SCAN_PERSON,
	    .person = us_caller_actor(page->caller).email};
}

static void
scan_mine(struct page *page)
{
	scan(page, callers(page), wants_own);
}

/* Nothing waits for keys and agents: only people approve. */
static void
scan_approvals(struct page *page)
{
	static const enum us_status pending[] = {
	    US_STATUS_PENDING_APPROVAL, US_STATUS_PENDING_APPROVAL_ESCALATED};
	enum us_status only = page->question.status;

	if (page->caller->kind != US_CALLER_PERSON)
		return;
	for (unsigned i = 0; i < 2; i++) {
		if (only == US_STATUS_COUNT || only == pending[i])
			scan(page,
			    (struct us_permission_scan){
				.scope = US_SCAN_STATUS, .status = pending[i]},
			    wants_approvable);
	}
}

/* By the index that leaves out most. */
static void
scan_visible(struct page *page)
{
	const struct question *q = &page->question;
	struct us_permission_scan what = {.scope = US_SCAN_ALL};

	if (!us_sight_all(page->caller)) {
		scan(page, callers(page), wants_concerned);
		scan_approvals(page);
		return;
	}
	if (q->principal.n) {
		what.scope = US_SCAN_PERSON;
		what.person = q->principal;
	} else if (q->status != US_STATUS_COUNT) {
		what.scope = US_SCAN_STATUS;
		what.status = q->status;
	}
	scan(page, what, wants_all);
}

/* What the worker goes on with. */
struct late {
	struct question question;
	void (*scan_all)(struct page *page);
};

static void
list_late(struct us_job *job)
{
	const struct late *late = job->what;
	struct us_caller caller = {0};
	struct page page = {.org = job->org,
	    .caller = &caller,
	    .arena = &job->arena,
	    .question = late->question};
	struct us_decider own;
	struct us_buf out = {0};

	us_sight_begin_late(&page.sight, job->org, &caller);
	if (!us_job_caller(
		job, page.sight.txn, page.sight.sources.directory, &caller)) {
		us_txn_abort(page.sight.txn);
		us_sight_end(&page.sight);
		return;
	}
	own = us_decider_now(job->org);
	page.sight.matcher = own.matcher;
	late->scan_all(&page);
	put_page(&page, &out);
	us_decider_done(&own);
	us_sight_end(&page.sight);
	us_caller_done(&caller);
	us_job_reply_read(job, page.sight.txn, 200, &out);
}

static void
leave_to_worker(struct us_call *call, const struct question *question,
    void (*scan_all)(struct page *page))
{
	static const char busy[] =
	    "what waits for approval takes long to find, and too much else "
	    "waits; try again in a moment";
	struct us_job *job = us_job_new(call);
	struct late *late;

	if (!job) {
		us_call_error(call, 503, "%s", busy);
		return;
	}
	late = us_arena_alloc(&job->arena, sizeof(*late));
	*late = (struct late){*question, scan_all};
	late->question.principal =
	    us_arena_str(&job->arena, question->principal);
	late->question.before = us_arena_str(&job->arena, question->before);
	job->what = late;
	if (us_job_submit(job, call, list_late))
		return;
	us_ticket_error(job->ticket, 503, "%s", busy);
	us_job_free(job);
}

static void
reply_list(struct us_call *call, void (*scan_all)(struct page *page))
{
	struct page page = {.org = call->org,
	    .caller = call->caller,
	    .arena = &call->arena,
	    .on_loop = true};
	struct us_buf out = {0};

	if (!read_question(call, &page.question))
		return;
	us_sight_begin(&page.sight, call);
	scan_all(&page);
	us_sight_end(&page.sight);
	if (page.late) {
		us_txn_abort(page.sight.txn);
		leave_to_worker(call, &page.question, scan_all);
		return;
	}
	put_page(&page, &out);
	us_api_reply(call, page.sight.txn, 200, &out);
}

void
api_permissions_list(struct us_call *call)
{
	reply_list(call, scan_visible);
}

void
api_mine_list(struct us_call *call)
{
	reply_list(call, scan_mine);
}

void
api_approvals_list(struct us_call *call)
{
	reply_list(call, scan_approvals);
}
