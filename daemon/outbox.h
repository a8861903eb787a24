/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox: work outside of the store, written in the transaction of what
 * calls for it, deleted in that of its result. Rows are numbered in the order
 * of their transactions, over all organisations.
 */
#ifndef US_OUTBOX_H
#define US_OUTBOX_H

#include "daemon/effect.h"

enum us_work_kind {
	US_WORK_PROVIDE, /* ref: key of an effect */
	US_WORK_REMOVE,  /* likewise */
	US_WORK_NOTICE,  /* ref: id of a request or pre-approval; body: JSON */
	US_WORK_PAGE,    /* ref: id of a request; body: JSON */
};

struct us_work {
	uint64_t seq;
	enum us_work_kind kind;
	struct us_str org;
	struct us_str ref;
	struct us_str channel; /* name of a provisioner or notifier; "log" */
	struct us_str body;    /* JSON; or empty */
	int64_t created;       /* wall clock, ms */
	uint32_t tries;        /* that failed */
};

/* Returns its number; org, created and tries are set. */
uint64_t us_outbox_add(struct us_change *change, const struct us_work *work);
/* Another try was made: counts it. False when it is gone. */
bool us_outbox_tried(struct us_txn *txn, uint64_t seq, struct us_arena *a);
void us_outbox_done(struct us_txn *txn, uint64_t seq);
/*
 * Rows after `after`, in order, until each returns false. One that cannot be
 * read is of no organisation.
 */
typedef bool us_outbox_each(void *arg, const struct us_work *work);
void us_outbox_scan(
    struct us_txn *txn, uint64_t after, us_outbox_each *each, void *arg);
bool us_outbox_get(struct us_txn *txn, uint64_t seq, struct us_arena *a,
    struct us_work *work);

/* A notice to all channels of the organisation: a row for each. */
void us_notice_add(struct us_change *change, enum us_notice notice,
    const struct us_permission *p);
void us_notice_add_json(struct us_change *change, enum us_notice notice,
    struct us_str ref, struct us_str json);

/* What a notice about p says; pages: JSON of who is paged, or empty. */
void us_notice_body(struct us_change *change, enum us_notice notice,
    const struct us_permission *p, struct us_str pages, struct us_buf *out);

/* How long after the n-th failed try comes the next: 1 s, doubling, 15 min. */
int64_t us_backoff_ms(uint32_t tries);
/*
 * A removal that failed so often, or is so old, ms, is stuck: noted in its
 * effect, which is what the audit log, the list and the figures tell.
 */
#define US_STUCK_TRIES 8
#define US_STUCK_MS (INT64_C(3600) * 1000)
/* A clean-up is given up, and tried on, after so many. */
#define US_CLEANUP_TRIES 12
/* Providing is tried so often before it has failed for good. */
#define US_PROVIDE_TRIES 5

#endif
