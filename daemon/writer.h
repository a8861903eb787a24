/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer: one thread that owns write transactions. It commits everything
 * that is queued in one durable transaction; who asked hears of it after the
 * commit. A write that refuses itself, or fails, leaves nothing behind and
 * does not disturb its neighbours.
 */
#ifndef US_WRITER_H
#define US_WRITER_H

#include "daemon/store.h"

struct us_writer;

enum us_write_result {
	US_WRITE_DONE,    /* committed, durable */
	US_WRITE_REFUSED, /* apply said no: its own fields say why */
	US_WRITE_FULL,    /* no room: 503 */
	US_WRITE_FAILED,  /* 503, and the log has the details */
};

struct us_write {
	/*
	 * On the writer thread, inside of a transaction. Checks again what may
	 * have changed since it was asked for. False: refused, and whatever it
	 * wrote is undone.
	 *
	 * May be called twice, the first time's writes undone: it sets all of
	 * its own fields anew, and has no effect outside of them and txn.
	 */
	bool (*apply)(struct us_write *w, struct us_txn *txn);
	/* On the writer thread, after the commit, in the order of writes, and
	 * before anybody is answered; may be NULL. */
	void (*publish)(struct us_write *w);
	/* On the writer thread, last; w is the owner's again. */
	void (*finish)(struct us_write *w, enum us_write_result result);
	bool new_work; /* refused when only the reserve is left */
	bool patient;  /* nobody waits for it: lets most others go before */
	struct us_write *next; /* the writer's */
};

/* NULL with a message on the log when there can be no thread. */
struct us_writer *us_writer_start(struct us_store *store);
/* Finishes what is queued, then stops. */
void us_writer_stop(struct us_writer *writer);
/* From any thread. */
void us_writer_submit(struct us_writer *writer, struct us_write *w);
/* Returns when all that was submitted is finished. Not from there. */
void us_writer_drain(struct us_writer *writer);
struct us_writer_stats {
	uint64_t writes, commits, refused, failed;
	uint64_t waiting; /* now, with those under way */
};
struct us_writer_stats us_writer_stats(struct us_writer *writer);

#endif
