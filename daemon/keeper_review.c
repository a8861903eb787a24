/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reviews: when the directory or the workflow of an organisation changed, or an
 * API key or an approval in advance was taken away with what it gave, all
 * its live requests are looked at, a page at a time, so that what is due goes
 * on meanwhile. A review is begun anew when something changes during it.
 */
#include <stdlib.h>

#include "daemon/case.h"
#include "daemon/clock.h"
#include "daemon/keeper_parts.h"
#include "daemon/life.h"
#include "daemon/log.h"
#include "daemon/preapproval.h"
#include "engine/err.h"

/* Requests of one page. */
#define PAGE_MAX 256
/* After a review in which something could not be read, or written. */
#define RETRY_MS 60000

/* In these statuses there is something to lose. */
static const enum us_status statuses[] = {US_STATUS_PENDING_APPROVAL,
    US_STATUS_PENDING_APPROVAL_ESCALATED, US_STATUS_APPROVED, US_STATUS_STAGED,
    US_STATUS_DONE};
#define STATUS_COUNT (sizeof(statuses) / sizeof(statuses[0]))

struct us_review {
	bool goes_on;
	struct us_sources sources;
	struct us_decider decider;
	unsigned stage;	      /* of statuses */
	struct us_buf before; /* id: the page begins below it; empty: all */
	unsigned batch;	      /* findings of one write */
	bool missed;	      /* something could not be read, or written */
	int64_t retry;	      /* us_clock_ticks: all over again; or 0 */
};

struct us_review *
us_reviews_new(unsigned orgs)
{
	return us_calloc(orgs ? orgs : 1, sizeof(struct us_review));
}

static void
end(struct us_review *review)
{
	if (!review->goes_on)
		return;
	us_decider_done(&review->decider);
	us_sources_done(&review->sources);
	us_buf_free(&review->before);
	*review = (struct us_review){0};
}

void
us_reviews_free(struct us_review *reviews, unsigned orgs)
{
	for (unsigned i = 0; i < orgs; i++)
		end(&reviews[i]);
	free(reviews);
}

static void
begin(struct us_review *review, struct us_org *org)
{
	end(review);
	/* Sources first: what is newer than they are shows by generation. */
	review->sources = us_sources_now(org);
	review->decider = us_decider_now(org);
	review->goes_on = true;
	review->batch = US_KEEPER_BATCH;
	review->retry = 0;
}

static void
finish(struct us_review *review)
{
	bool missed = review->missed;

	end(review);
	if (missed)
		review->retry = us_clock_ticks() + RETRY_MS * 1000;
}

/* --- One request -------------------------------------------------------- */

/* What is to happen to a request. */
struct finding {
	struct us_str id;
	enum us_event event;
	struct us_str by, text;
};

struct page {
	struct us_keeper_write w; /* first */
	struct us_review *review;
	struct us_org *org;
	struct us_txn *txn;
	int64_t now;
	unsigned n; /* requests so far */
	struct us_arena arena;
	struct finding findings[US_KEEPER_BATCH];
	unsigned found;
	us_request_ids touched;
};

/*
 * Was one of those in the directory whose access this is, and is no more? Keys
 * and agents never were, and without a directory nobody was. A key may be gone
 * itself.
 */
static bool
is_gone(const struct page *page, const struct us_permission *p)
{
	const struct us_directory *directory = page->review->sources.directory;

	if (us_auth_key_end(page->txn, page->org->name, p->principal) <=
	    page->now)
		return true;
	if (!page->org->directory_path)
		return false;
	return (p->listed && !us_directory_find(directory, p->principal)) ||
	       (p->owner_listed &&
		   !us_directory_find(directory, p->agent_owner));
}

/* Was the approval in advance that granted it revoked with its grants? By whom?
 */
static bool
is_taken_back(
    struct page *page, const struct us_permission *p, struct us_str *by)
{
	struct us_advance r;

	if (!p->preapproval.n || !us_advance_get(page->txn, page->org->name,
				     p->preapproval, &page->arena, &r))
		return false;
	*by = r.grants_by;
	return by->n > 0;
}

static void
find(struct page *page, const struct us_permission *p, enum us_event event,
    struct us_str by, struct us_str text)
{
	page->findings[page->found++] =
	    (struct finding){us_arena_str(&page->arena, p->id), event, by,
		us_arena_str(&page->arena, text)};
}

/* What waits for approval, under the rules as they are now. */
static void
try_rules(struct page *page, const struct us_permission *p)
{
	struct us_review *review = page->review;
	struct us_buf why = {0};
	struct us_arena a = {0};
	const struct us_judge judge = {.org = page->org,
	    .sources = &review->sources,
	    .matcher = review->decider.matcher,
	    .txn = page->txn,
	    .now = page->now};
	const struct us_verdict *v =
	    us_case_decide(&judge, p, NULL, &a).verdict;

	if (v->outcome == US_OUTCOME_DENIED ||
	    v->outcome == US_OUTCOME_NO_ROUTE) {
		us_case_refusal(v, &why);
		find(page, p, US_EVENT_RULES_REFUSE, us_str(US_SELF),
		    us_buf_str(&why));
	}
	us_buf_free(&why);
	us_arena_free(&a);
}

static bool
look(void *arg, const struct us_permission *p)
{
	struct page *page = arg;
	struct us_str by;

	us_buf_reset(&page->review->before);
	us_buf_str_add(&page->review->before, p->id);
	if (is_gone(page, p))
		find(page, p, US_EVENT_LEAVE, us_str(US_SELF),
		    US_STR("whose it is is no more in the directory, or is a "
			   "key that is no more"));
	else if (is_taken_back(page, p, &by))
		find(page, p, US_EVENT_REVOKE, by,
		    US_STR("its approval in advance was revoked"));
	else if (us_status_is_pending(p->status))
		try_rules(page, p);
	return ++page->n < PAGE_MAX && page->found < page->review->batch;
}

/* --- A page of them ----------------------------------------------------- */

/* By facts that are no longer those of the review nothing happens. */
static bool
apply(struct us_write *write, struct us_txn *txn)
{
	struct page *page = (struct page *)write;
	struct us_change change = us_change_begin(page->org, txn, &page->arena);
	struct us_permission p;

	if (us_sources_generation(page->org) !=
	    page->review->sources.generation)
		return false;
	for (unsigned i = 0; i < page->found; i++) {
		const struct finding *f = &page->findings[i];
		const struct us_actor actor = {f->by, us_str(US_SELF), NULL};
		const struct us_step step = {
		    .event = f->event, .actor = &actor, .text = f->text};

		if (us_permission_get(
			txn, page->org->name, f->id, &page->arena, &p))
			us_life_step(&change, &p, &step);
	}
	page->touched = change.touched;
	return true;
}

static void
publish(struct us_write *write)
{
	struct page *page = (struct page *)write;

	us_life_publish_all(page->org, &page->touched);
}

/*
 * People keep what they must not have when a write fails. So it is tried once
 * more one by one, and what cannot be done then is left to another review.
 * False: the page is to come again.
 */
static bool
is_written(struct us_review *review, const struct page *page,
    enum us_write_result result)
{
	/* Refused: something changed, and a new review begins. */
	if (result == US_WRITE_DONE || result == US_WRITE_REFUSED)
		return true;
	if (page->found > 1) {
		review->batch = 1;
		return false;
	}
	us_log(US_LOG_ERROR,
	    "organisation \"%.*s\": request %.*s is to end, and that cannot be "
	    "written; it will be tried again",
	    US_ARG(page->org->name), US_ARG(page->findings[0].id));
	review->missed = true;
	return true;
}

/* Looks at the next requests of one status; false at the end of them. */
static bool
turn(struct us_keeper *keeper, struct us_review *review, struct us_org *org)
{
	struct page *page = us_calloc(1, sizeof(*page));
	struct us_permission_scan scan = {
	    .scope = US_SCAN_STATUS, .status = statuses[review->stage]};
	bool more;

	page->review = review;
	page->org = org;
	page->now = us_clock_now();
	scan.before = us_arena_str(&page->arena, us_buf_str(&review->before));
	page->txn = us_txn_read(keeper->world->store);
	us_permission_scan(page->txn, org->name, &scan, look, page);
	if (us_txn_error(page->txn) != US_STORE_OK) {
		us_log(US_LOG_ERROR,
		    "organisation \"%.*s\": some requests cannot be read, and "
		    "are not reviewed; it will be tried again",
		    US_ARG(org->name));
		review->missed = true;
	}
	us_txn_abort(page->txn);
	more = page->n == PAGE_MAX || page->found == review->batch;
	if (page->found &&
	    !is_written(review, page,
		us_keeper_submit(keeper, &page->w, apply, publish))) {
		us_buf_reset(&review->before);
		us_buf_str_add(&review->before, scan.before);
		more = true;
	}
	us_arena_free(&page->arena);
	free(page);
	return more;
}

bool
us_review_go_on(struct us_keeper *keeper, struct us_org *org, bool asked)
{
	struct us_review *review = &keeper->reviews[org->index];

	if (review->retry && us_clock_ticks() >= review->retry)
		asked = true;
	if (!asked && !review->goes_on)
		return false;
	if (asked || us_sources_generation(org) != review->sources.generation)
		begin(review, org);
	if (!turn(keeper, review, org)) {
		us_buf_reset(&review->before);
		if (++review->stage == STATUS_COUNT)
			finish(review);
	}
	return review->goes_on;
}
