/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errands: small changes of the store, asked for by a call that may be over
 * when the writer makes them. An errand has all it needs of the call as a
 * copy, answers for it after the commit, and frees itself.
 */
#ifndef US_ERRAND_H
#define US_ERRAND_H

#include "daemon/auth.h"
#include "daemon/http.h"
#include "daemon/writer.h"

struct us_errand {
	struct us_write write;   /* first: a write is an errand */
	struct us_ticket ticket;
	struct us_org *org;
	struct us_caller caller; /* a copy */
	struct us_arena arena;
	void *what;              /* what is asked for, in the arena */
	int status;              /* of the answer */
	struct us_buf body;      /* of the answer; the text of a refusal */
};

/* new_work: refused when only the reserve of the store is left. */
struct us_errand *us_errand_new(struct us_call *call,
    bool (*apply)(struct us_write *write, struct us_txn *txn), bool new_work);
/* Defers the call; or answers it with 503, when too much waits already. */
void us_errand_submit(struct us_errand *errand, struct us_call *call);
/* False, for apply to return. */
bool us_errand_refuse(struct us_errand *errand, int status, const char *text);

#endif
