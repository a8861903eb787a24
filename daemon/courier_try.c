/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A try: reads its row anew, does what it says, and has the writer note what
 * came of it. Nothing is held while others are called; the row is in no lane
 * until the writer is done.
 */
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/courier_parts.h"
#include "daemon/fail.h"
#include "daemon/log.h"

/* A store that cannot be read, or written, is tried again after this. */
#define STORE_MS 10000
/* Work of people, of which nothing can be asked, is looked at so often. */
#define BY_HAND_MS (INT64_C(15) * 60 * 1000)
#define NOTICE_MS (INT64_C(24) * 3600 * 1000)

void
us_try_free(struct us_try *try)
{
	us_arena_free(&try->arena);
	us_buf_free(&try->error);
	us_buf_free(&try->generated);
	free(try);
}

static struct us_world *
world_of(const struct us_try *try)
{
	return try->channel->couriers->world;
}

/* There is nothing to write: the row is gone, or waits for so many ms. */
static void
leave(struct us_try *try, int64_t ms)
{
	try->next = ms;
	us_courier_end(try);
}

static void
finish(struct us_write *write, enum us_write_result result)
{
	struct us_try *try = (struct us_try *)write;

	/* What was done is done once more: calls are idempotent. */
	if (result != US_WRITE_DONE)
		try->next = STORE_MS;
	us_courier_end(try);
}

static void
submit(struct us_try *try,
    bool (*apply)(struct us_write *write, struct us_txn *txn),
    void (*publish)(struct us_write *write))
{
	try->write.apply = apply;
	try->write.patient = true;
	try->write.publish = publish;
	try->write.finish = finish;
	us_writer_submit(world_of(try)->writer, &try->write);
}

static void
count(struct us_try *try, bool failed)
{
	struct us_couriers *couriers = try->channel->couriers;

	pthread_mutex_lock(&couriers->lock);
	couriers->stats.tries += try->n;
	couriers->stats.failures += failed;
	pthread_mutex_unlock(&couriers->lock);
	try->parcels[0].tries += failed;
}

/* --- Effects ------------------------------------------------------------ */

/* False when the row has gone, or is not the task of its effect any more. */
static bool
read_effect(struct us_txn *txn, struct us_try *try, struct us_work *work,
    struct us_effect_record *effect)
{
	return us_outbox_get(txn, try->parcels[0].seq, &try->arena, work) &&
	       us_effect_get(txn, work->org, work->ref, &try->arena, effect) &&
	       effect->task == work->seq;
}

static bool
apply_effect(struct us_write *write, struct us_txn *txn)
{
	struct us_try *try = (struct us_try *)write;
	struct us_change change =
	    us_change_begin(try->channel->org, txn, &try->arena);
	struct us_effect_record effect;
	struct us_work work;

	/* Applied once more, it sets all anew. */
	try->next = 0;
	/* Somebody may have said meanwhile that it is done. */
	if (read_effect(txn, try, &work, &effect))
		us_effect_result(&change, work.ref, try->result,
		    us_buf_str(&try->error), us_buf_str(&try->generated),
		    &try->next);
	try->touched = change.touched;
	return true;
}

static void
publish_effect(struct us_write *write)
{
	struct us_try *try = (struct us_try *)write;

	us_life_publish_all(try->channel->org, &try->touched);
	/* A task in the place of this one comes with no request's change. */
	us_couriers_wake(try->channel->couriers);
}

static enum us_work_result
call(struct us_provision *p, const struct us_provisioner *type,
    enum us_verb verb)
{
	static const char *const before[] = {
	    "before grant", "before revoke", "before check"};
	static const char *const after[] = {
	    "after grant", "after revoke", "after check"};
	enum us_work_result result;

	p->verb = verb;
	us_fail_point(before[verb]);
	result = type->call(p);
	us_fail_point(after[verb]);
	return result;
}

/*
 * Putting it in place has failed for good, or fails with this try: is there
 * anything left behind?
 */
static bool
has_failed(const struct us_try *try, enum us_work_result result)
{
	if (try->work.kind != US_WORK_PROVIDE)
		return false;
	return result == US_WORK_FAILED ||
	       (result == US_WORK_LATER && !try->effect.staged &&
		   try->effect.tries + 1 >= US_PROVIDE_TRIES);
}

static enum us_work_result
provide(struct us_try *try, struct us_provision *p)
{
	const struct us_provisioner *type = us_provisioner_find(p->conf->type);
	enum us_verb verb =
	    try->work.kind == US_WORK_REMOVE ? US_VERB_REVOKE : US_VERB_GRANT;
	enum us_work_result result;
	struct us_buf error;

	if (try->effect.staged)
		verb = US_VERB_CHECK;
	result = call(p, type, verb);
	/* It still stands, so what was begun to remove it came to nothing. */
	if (try->work.kind == US_WORK_REMOVE && verb == US_VERB_CHECK &&
	    result == US_WORK_DONE)
		return US_WORK_FAILED;
	if (!has_failed(try, result))
		return result;
	/* Why it failed is told, not what check says. */
	error = p->error;
	p->error = (struct us_buf){0};
	if (call(p, type, US_VERB_CHECK) == US_WORK_ABSENT)
		result = US_WORK_ABSENT;
	us_buf_free(&p->error);
	p->error = error;
	return result;
}

static void
try_effect(struct us_try *try, struct us_post *post)
{
	struct us_channel *channel = try->channel;
	struct us_provision p = {
	    .world = world_of(try),
	    .conf = us_provisioner_of(channel->org->conf, &try->effect),
	    .id = try->effect.id,
	    .org = try->work.org,
	    .grant = try->effect.grant,
	    .seq = try->work.seq,
	    .post = post,
	    .stop = &channel->couriers->stop,
	};

	if (p.conf) {
		try->result = provide(try, &p);
	} else {
		try->result = US_WORK_LATER;
		us_buf_printf(&p.error,
		    "the configuration has no provisioner \"%.*s\" of type "
		    "%.*s "
		    "any more; it is to be done by hand",
		    US_ARG(channel->name), US_ARG(try->effect.type));
	}
	try->error = p.error;
	try->generated = p.generated;
}

static void
run_effect(struct us_try *try, struct us_post *post)
{
	struct us_channel *channel = try->channel;
	bool failed;

	if (try->effect.staged && us_str_is(try->effect.type, "manual")) {
		leave(try, BY_HAND_MS);
		return;
	}
	try_effect(try, post);
	/* Broken off: it is done again after the next start. */
	if (atomic_load(&channel->couriers->stop)) {
		leave(try, 0);
		return;
	}
	failed = try->result == US_WORK_LATER || try->result == US_WORK_LOST ||
		 try->result == US_WORK_FAILED;
	count(try, failed);
	if (failed)
		us_log(US_LOG_WARNING,
		    "organisation \"%.*s\": provisioner \"%.*s\" failed for "
		    "effect %.*s: %.*s",
		    US_ARG(channel->org->name), US_ARG(channel->name),
		    US_ARG(try->effect.id), US_ARG(us_buf_str(&try->error)));
	submit(try, apply_effect, publish_effect);
}

/* --- Notices ------------------------------------------------------------ */

static bool
apply_told(struct us_write *write, struct us_txn *txn)
{
	struct us_try *try = (struct us_try *)write;

	for (unsigned i = 0; i < try->n; i++)
		us_outbox_done(txn, try->parcels[i].seq);
	return true;
}

static bool
apply_untold(struct us_write *write, struct us_txn *txn)
{
	struct us_try *try = (struct us_try *)write;

	us_outbox_tried(txn, try->work.seq, &try->arena);
	return true;
}

/* The log cannot fail, only the store can. */
static void
run_log(struct us_try *try)
{
	struct us_txn *txn = us_txn_read(world_of(try)->store);
	bool readable;

	for (unsigned i = 0; i < try->n; i++) {
		if (us_outbox_get(
			txn, try->parcels[i].seq, &try->arena, &try->work))
			us_notify_log(&try->work);
	}
	readable = us_txn_error(txn) == US_STORE_OK;
	us_txn_abort(txn);
	if (!readable) {
		leave(try, STORE_MS);
		return;
	}
	count(try, false);
	submit(try, apply_told, NULL);
}

static bool
tell(struct us_try *try, struct us_post *post)
{
	const struct us_channel *channel = try->channel;

	if (channel->notifier)
		return us_notify_webhook(world_of(try), channel->notifier,
		    &try->work, post, &channel->couriers->stop, &try->error);
	us_buf_puts(&try->error, "the configuration has it no more");
	return false;
}

/* People have been told in other ways, or not at all; the audit log stays. */
static bool
is_given_up(struct us_try *try)
{
	if (us_clock_now() - try->work.created < NOTICE_MS)
		return false;
	us_buf_puts(&try->error, "it did not answer for too long");
	return true;
}

static void
log_untold(const struct us_try *try, bool gone)
{
	const struct us_channel *channel = try->channel;

	us_log(US_LOG_WARNING,
	    "organisation \"%.*s\": notifier \"%.*s\": cannot tell of "
	    "%.*s%s: %.*s",
	    US_ARG(channel->org->name), US_ARG(channel->name),
	    US_ARG(try->work.ref), gone ? ", and gives it up" : "",
	    US_ARG(us_buf_str(&try->error)));
}

/* What has waited for too long is not tried: another would wait for that. */
static void
run_notice(struct us_try *try, struct us_post *post)
{
	struct us_channel *channel = try->channel;
	bool gone = is_given_up(try);
	bool told = !gone && tell(try, post);

	if (!told && atomic_load(&channel->couriers->stop)) {
		leave(try, 0);
		return;
	}
	count(try, !told);
	if (!gone)
		us_courier_heard(channel, told);
	gone = gone || told || !channel->notifier;
	if (!told)
		log_untold(try, gone);
	if (!gone)
		try->next = us_backoff_ms(try->work.tries + 1);
	submit(try, gone ? apply_told : apply_untold, NULL);
}

static void
run_excess(struct us_try *try)
{
	us_log(US_LOG_WARNING,
	    "organisation \"%.*s\": notifier \"%.*s\": more than %d notices "
	    "wait; gives up the %u oldest",
	    US_ARG(try->channel->org->name), US_ARG(try->channel->name),
	    US_NOTICES_MAX, try->n);
	submit(try, apply_told, NULL);
}

/* --- Both --------------------------------------------------------------- */

/* What the row says now; false when it has gone, or cannot be read. */
static bool
load(struct us_try *try, bool *readable)
{
	struct us_txn *txn = us_txn_read(world_of(try)->store);
	bool there;

	if (try->channel->provisions)
		there = read_effect(txn, try, &try->work, &try->effect);
	else
		there = us_outbox_get(
		    txn, try->parcels[0].seq, &try->arena, &try->work);
	*readable = us_txn_error(txn) == US_STORE_OK;
	us_txn_abort(txn);
	return there && *readable;
}

void
us_try_run(struct us_try *try, struct us_post *post)
{
	bool readable;

	if (try->channel->is_log)
		run_log(try);
	else if (try->too_many)
		run_excess(try);
	else if (!load(try, &readable))
		leave(try, readable ? 0 : STORE_MS);
	else if (try->channel->provisions)
		run_effect(try, post);
	else
		run_notice(try, post);
}
