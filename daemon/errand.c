/* SPDX-License-Identifier: Apache-2.0 */
/* Errands, from the loop to the writer, and how they are answered. */
#include <stdlib.h>

#include "daemon/api_reply.h"
#include "daemon/errand.h"
#include "daemon/org.h"
#include "daemon/world.h"
#include "engine/err.h"

/*
 * Errands that may wait: only a disk that hangs makes so many, of clients that
 * come again and again.
 */
#define WAITING_MAX 4096

/* On its loop, where it was made: memory goes back without a lock. */
static void
errand_free(void *owner)
{
	struct us_errand *errand = owner;

	if (errand->done)
		errand->done(errand);
	us_caller_done(&errand->caller);
	us_arena_free(&errand->arena);
	us_buf_free(&errand->body);
	free(errand);
}

void
us_errand_finish(struct us_write *write, enum us_write_result result)
{
	struct us_errand *errand = (struct us_errand *)write;

	if (result == US_WRITE_DONE || result == US_WRITE_REFUSED) {
		us_ticket_give(errand->ticket, errand->status,
		    us_buf_str(&errand->body), errand_free, errand);
	} else {
		us_api_unwritten(errand->ticket, result);
		errand_free(errand);
	}
}

bool
us_errand_stands(struct us_errand *errand, struct us_txn *txn)
{
	return us_caller_holds(&errand->caller, errand->org, txn) ||
	       us_errand_refuse(errand, 401, US_KEY_IS_GONE);
}

/* Somebody's roles may be taken away while the errand waits its turn. */
static bool
apply_if_still(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct us_caller *caller = &errand->caller;
	struct us_directory *directory;

	if (!us_errand_stands(errand, txn))
		return false;
	directory = us_org_directory(errand->org);
	us_caller_renew(caller, errand->org, txn, directory);
	us_directory_unref(directory);
	if (errand->roles & ~caller->roles)
		return us_errand_refuse(
		    errand, 403, "your roles have just changed; try again");
	return errand->apply(write, txn);
}

struct us_errand *
us_errand_new(struct us_call *call,
    bool (*apply)(struct us_write *write, struct us_txn *txn), bool new_work)
{
	struct us_errand *errand = us_calloc(1, sizeof(*errand));

	errand->apply = apply;
	errand->write.apply = apply_if_still;
	errand->write.finish = us_errand_finish;
	errand->write.new_work = new_work;
	errand->org = call->org;
	us_caller_copy(call->caller, &errand->arena, &errand->caller);
	errand->roles = errand->caller.roles;
	return errand;
}

void
us_errand_submit(struct us_errand *errand, struct us_call *call)
{
	struct us_writer *writer = errand->org->world->writer;

	if (us_writer_stats(writer).waiting >= WAITING_MAX) {
		us_call_error(call, 503,
		    "too many changes wait for the store; try again in a "
		    "moment");
		errand_free(errand);
		return;
	}
	errand->ticket = us_call_defer(call);
	us_writer_submit(writer, &errand->write);
}

void
us_errand_reply(struct us_errand *errand, struct us_call *call)
{
	us_call_reply(call, errand->status, NULL, us_buf_str(&errand->body));
	errand_free(errand);
}

bool
us_errand_refuse(struct us_errand *errand, int status, const char *text)
{
	errand->status = status;
	us_buf_reset(&errand->body);
	us_error_json(us_str(text), &errand->body);
	return false;
}
