/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: tables of keys and values, read and written in transactions.
 * Only the files store*.c know LMDB; nothing here says so, for another
 * implementation is planned.
 *
 * Any thread may read, in transactions that do not outlive one handler. Only
 * the writer thread writes.
 */
#ifndef US_STORE_H
#define US_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buf.h"
#include "engine/str.h"

struct us_store;
struct us_txn;

/* One row of table.def each. */
enum us_table {
#define US_TABLE(id, name, help) US_TABLE_##id,
#include "daemon/table.def"
	US_TABLE_COUNT
};

enum us_store_error {
	US_STORE_OK,
	US_STORE_FULL,    /* the disk or the map: read on, write later */
	US_STORE_RESERVE, /* only the reserve is left: no new work */
	US_STORE_CORRUPT, /* not ours, of a later version, or damaged */
	US_STORE_IO,      /* anything else; the log has the details */
};
const char *us_store_error_text(enum us_store_error e);

/*
 * Fills the derived tables (table.def), which are empty, from the others; the
 * transaction can write nothing else. What is wrong is its error.
 */
typedef void us_store_derive(struct us_txn *txn);

/*
 * Opens or makes the store in folder `path`, which exists; one process at a
 * time. size: bytes of address space, 0: 64 GiB. reserve: bytes that
 * us_txn_check_reserve keeps back. derive is called when the derived tables
 * were lost, now or at a later write; NULL: they stay empty. What is wrong is
 * on the log.
 */
enum us_store_error us_store_open(const char *path, size_t size,
    size_t reserve, us_store_derive *derive, struct us_store **store);
void us_store_close(struct us_store *store);

/* Never NULL; an error sticks and shows at commit. */
struct us_txn *us_txn_read(struct us_store *store);
struct us_txn *us_txn_write(struct us_store *store);
/* Inside of a write transaction: what can be undone alone. */
struct us_txn *us_txn_nested(struct us_txn *parent);

/* The first error that any call of the transaction met. */
enum us_store_error us_txn_error(const struct us_txn *txn);
/* Sets the error US_STORE_CORRUPT: what was read says what it cannot say. */
void us_txn_damaged(struct us_txn *txn, const char *what);
/*
 * Bytes for one module, the audit log, to remember something in: zeroes at
 * first, and again once a nested transaction is committed into it.
 */
#define US_TXN_MEMO 128
void *us_txn_memo(struct us_txn *txn);
/* Pairs that it has put or deleted: did anything change since a moment ago? */
uint64_t us_txn_writes(const struct us_txn *txn);
/*
 * Ends it. A transaction with an error is aborted and the error returned. Who
 * writes to derived tables writes what that is derived from, too.
 */
enum us_store_error us_txn_commit(struct us_txn *txn);
void us_txn_abort(struct us_txn *txn);

/* Sets the error US_STORE_RESERVE when less than the reserve is left. */
bool us_txn_check_reserve(struct us_txn *txn);

/* *value lives until the transaction writes or ends. */
bool us_txn_get(struct us_txn *txn, enum us_table table, struct us_str key,
    struct us_str *value);
void us_txn_put(struct us_txn *txn, enum us_table table, struct us_str key,
    struct us_str value);
/* True when there was such a key. */
bool us_txn_delete(struct us_txn *txn, enum us_table table, struct us_str key);

/* How many keys a table has; as quick for many as for few. */
uint64_t us_txn_count(struct us_txn *txn, enum us_table table);

/*
 * Calls each with the pairs whose keys begin with prefix, in the order of
 * keys from `from` on (p NULL: the first; backwards: from the last), until it
 * returns false. each may not write to the table.
 */
typedef bool us_scan_each(void *arg, struct us_str key, struct us_str value);
void us_txn_scan(struct us_txn *txn, enum us_table table, struct us_str prefix,
    struct us_str from, bool backwards, us_scan_each *each, void *arg);

/*
 * Keys: parts behind one another. Text parts end in a NUL (they have none
 * inside); numbers are 8 bytes, big-endian, so that keys sort by them.
 */
struct us_key {
	char bytes[511];
	size_t n;
};
void us_key_text(struct us_key *key, struct us_str part); /* long: hashed */
void us_key_number(struct us_key *key, uint64_t part);
static inline struct us_str
us_key_str(const struct us_key *key)
{
	return (struct us_str){key->bytes, key->n};
}
/* The number in the last 8 bytes of a key. */
uint64_t us_key_last_number(struct us_str key);

#endif
