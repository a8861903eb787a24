/* SPDX-License-Identifier: Apache-2.0 */
/* What the files store*.c share: all that knows LMDB. */
#ifndef US_STORE_PARTS_H
#define US_STORE_PARTS_H

#include <lmdb.h>
#include <pthread.h>

#include "daemon/store.h"

/* Each is a file with an environment of LMDB. */
enum us_part {
	US_KEPT,    /* what nothing else says */
	US_DERIVED, /* what can be made again from that */
	US_PART_COUNT
};

/* Made anew at each start, and in both parts: then they belong together. */
#define US_NONCE 16

struct us_store {
	MDB_env *env[US_PART_COUNT];
	MDB_dbi tables[US_TABLE_COUNT];
	MDB_dbi mark; /* of the derived part: what it was derived from */
	int folder;   /* open and locked: one usherd to a store */
	int fd;	      /* LMDB's, of what is kept */
	size_t page, reserve;
	size_t stretched; /* what the derived part has on the disk; writer's */
	us_store_derive *derive;
	char nonce[US_NONCE];
	bool stale; /* the derived part has to be made again; the writer's */
	unsigned writes; /* since dead readers were looked for; the writer's */
	pthread_mutex_t lock;
	struct us_txn *idle; /* read transactions to be renewed, under lock */
};

struct us_txn {
	struct us_store *store;
	struct us_txn *parent;	       /* of a nested one */
	MDB_txn *mdb[US_PART_COUNT];   /* NULL when it did not begin */
	unsigned flags[US_PART_COUNT]; /* 0 or MDB_RDONLY */
	bool begun[US_PART_COUNT];     /* or idle, or not there */
	enum us_store_error error;
	size_t written;	     /* bytes that it takes, at most or nearly so */
	uint64_t writes;     /* pairs put and deleted */
	char memo[US_TXN_MEMO];
	struct us_txn *next; /* among the idle */
};

static inline MDB_val
us_store_val(struct us_str s)
{
	return (MDB_val){s.n, (void *)s.p};
}

static inline struct us_str
us_store_str(MDB_val v)
{
	return (struct us_str){v.mv_data, v.mv_size};
}

enum us_store_error us_store_error_of(int rc);
enum us_part us_store_part(enum us_table table);

/* --- store.c ------------------------------------------------------------ */

/* The first error sticks, and is logged. */
void us_txn_fail(struct us_txn *txn, int rc, const char *doing);
/* Of LMDB, begun if it was not. NULL when there is an error. */
MDB_txn *us_txn_part(struct us_txn *txn, enum us_part part);
/* One part alone, if it was begun. */
void us_txn_commit_part(
    struct us_txn *txn, enum us_part part, const char *doing);
/* Aborts what is not committed; leaves the transaction itself. */
void us_txn_release(struct us_txn *txn);

/* --- store_open.c: both return as LMDB does ----------------------------- */

int us_store_open_part(struct us_store *store, enum us_part part,
    const char *path, unsigned flags, size_t size);
/* Makes those that are not there. */
int us_store_open_tables(struct us_txn *txn, enum us_part part);

/* --- store_derived.c ---------------------------------------------------- */

/*
 * Opens the derived part, in the first write of a start: then both belong
 * together. What cannot be trusted is thrown away, and store->stale is set.
 */
void us_derived_open(struct us_txn *txn, const char *path, size_t size);
/*
 * Says what it is derived from, and sees to the room ahead of it: in every
 * commit of both, before it.
 */
void us_derived_mark(struct us_txn *txn);
/* Makes it again, of what is kept now. */
enum us_store_error us_derived_again(struct us_store *store);
/* On the disk, whatever becomes of the machine: before the store is closed. */
void us_derived_settle(struct us_store *store);

#endif
