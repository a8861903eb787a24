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
	unsigned roles;          /* that it was let in with */
	struct us_arena arena;
	bool (*apply)(struct us_write *write, struct us_txn *txn);
	void *what;              /* what is asked for, in the arena */
	int status;              /* of the answer */
	struct us_buf body;      /* of the answer, a refusal's too */
	/* What else is given back with it; or NULL. */
	void (*done)(struct us_errand *errand);
};

/*
 * apply is called when the caller has all the roles that it was let in with; of
 * one that has lost some since it is refused. Who judges by the caller's roles
 * anew puts it into write.apply.
 * new_work: refused when only the reserve of the store is left.
 */
struct us_errand *us_errand_new(struct us_call *call,
    bool (*apply)(struct us_write *write, struct us_txn *txn), bool new_work);
/* Defers the call; or answers it with 503, when too much waits already. */
void us_errand_submit(struct us_errand *errand, struct us_call *call);
/* Answers, and frees the errand: what finish does, for one of another kind. */
void us_errand_finish(struct us_write *write, enum us_write_result result);

/* Answers now, with what is in it, and frees it: nothing has to be written. */
void us_errand_reply(struct us_errand *errand, struct us_call *call);

/*
 * False, with a refusal, when the caller is a key that is no more: for each
 * apply that is put into write.apply.
 */
bool us_errand_stands(struct us_errand *errand, struct us_txn *txn);

/* False, for apply to return. */
bool us_errand_refuse(struct us_errand *errand, int status, const char *text);

#endif
