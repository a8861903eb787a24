/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store on LMDB: transactions. Its file is opened by store_open.c; what can
 * be derived is in another one, store_derived.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/fail.h"
#include "daemon/log.h"
#include "daemon/store_disk.h"
#include "daemon/store_parts.h"
#include "engine/err.h"

/* Write transactions between two looks for readers that died. */
#define READERS_CHECK 1024

enum us_store_error
us_store_error_of(int rc)
{
	switch (rc) {
	case 0:
		return US_STORE_OK;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG: /* RLIMIT_FSIZE */
		return US_STORE_FULL;
	case MDB_PAGE_NOTFOUND:
	case MDB_CORRUPTED:
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
	case MDB_INCOMPATIBLE:
		return US_STORE_CORRUPT;
	default:
		return US_STORE_IO;
	}
}

/* Being full is for the writer to tell, once. */
void
us_txn_fail(struct us_txn *txn, int rc, const char *doing)
{
	if (txn->error)
		return;
	txn->error = us_store_error_of(rc);
	if (txn->error != US_STORE_FULL)
		us_log(US_LOG_ERROR, "store: cannot %s: %s", doing,
		    mdb_strerror(rc));
}

/* --- Room --------------------------------------------------------------- */

/* Bytes behind the last page in use: of the map, or what the disk allows. */
static size_t
untouched(const struct us_store *store)
{
	size_t used, map, disk;
	MDB_envinfo info;

	mdb_env_info(store->env[US_KEPT], &info);
	used = (info.me_last_pgno + 1) * store->page;
	map = info.me_mapsize > used ? info.me_mapsize - used : 0;
	disk = us_disk_room(store->fd, used);
	return map < disk ? map : disk;
}

/* Bytes in pages that were given up and will be taken again. */
static size_t
reusable(const struct us_store *store)
{
	MDB_cursor *cursor = NULL;
	MDB_txn *txn = NULL;
	MDB_val key, value;
	size_t pages = 0, n;

	if (mdb_txn_begin(store->env[US_KEPT], NULL, MDB_RDONLY, &txn) ||
	    mdb_cursor_open(txn, 0, &cursor))
		goto out;
	/* Table 0 has LMDB's free pages: lists that begin with their length. */
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		memcpy(&n, value.mv_data, sizeof(n));
		pages += n;
	}
out:
	if (cursor)
		mdb_cursor_close(cursor);
	if (txn)
		mdb_txn_abort(txn);
	return pages * store->page;
}

bool
us_txn_check_reserve(struct us_txn *txn)
{
	struct us_store *store = txn->store;
	size_t need = store->reserve, room;

	if (txn->error)
		return false;
	for (const struct us_txn *t = txn; t; t = t->parent)
		need += t->written;
	room = untouched(store);
	if (room < need && room + reusable(store) < need)
		txn->error = US_STORE_RESERVE;
	return !txn->error;
}

/* --- Transactions ------------------------------------------------------- */

static struct us_txn *
txn_new(struct us_store *store, struct us_txn *parent, unsigned flags)
{
	struct us_txn *txn = us_calloc(1, sizeof(*txn));

	txn->store = store;
	txn->parent = parent;
	for (unsigned part = 0; part < US_PART_COUNT; part++)
		txn->flags[part] = flags;
	return txn;
}

/* Renewing an idle one takes neither memory nor LMDB's lock of readers. */
static int
begin_part(struct us_txn *txn, enum us_part part)
{
	MDB_txn *parent = NULL;

	if (txn->mdb[part])
		return mdb_txn_renew(txn->mdb[part]);
	if (txn->parent) {
		parent = us_txn_part(txn->parent, part);
		if (!parent)
			return EIO; /* it has the error */
	}
	return mdb_txn_begin(
	    txn->store->env[part], parent, txn->flags[part], &txn->mdb[part]);
}

MDB_txn *
us_txn_part(struct us_txn *txn, enum us_part part)
{
	int rc;

	if (txn->error)
		return NULL;
	if (txn->begun[part])
		return txn->mdb[part];
	rc = begin_part(txn, part);
	if (rc) {
		if (txn->parent)
			txn->error = txn->parent->error;
		us_txn_fail(txn, rc, "begin a transaction");
		return NULL;
	}
	txn->begun[part] = true;
	return txn->mdb[part];
}

/*
 * Readers see what is kept as it is now, and what is derived as it was then or
 * later: a part begins when it is first looked at.
 */
struct us_txn *
us_txn_read(struct us_store *store)
{
	struct us_txn *txn;

	pthread_mutex_lock(&store->lock);
	txn = store->idle;
	if (txn)
		store->idle = txn->next;
	pthread_mutex_unlock(&store->lock);

	if (!txn)
		txn = txn_new(store, NULL, MDB_RDONLY);
	us_txn_part(txn, US_KEPT);
	return txn;
}

static void
make_idle(struct us_txn *txn)
{
	struct us_store *store = txn->store;

	for (unsigned part = 0; part < US_PART_COUNT; part++) {
		if (txn->begun[part])
			mdb_txn_reset(txn->mdb[part]);
		txn->begun[part] = false;
	}
	pthread_mutex_lock(&store->lock);
	txn->next = store->idle;
	store->idle = txn;
	pthread_mutex_unlock(&store->lock);
}

struct us_txn *
us_txn_write(struct us_store *store)
{
	struct us_txn *txn = txn_new(store, NULL, 0);

	if (store->stale)
		txn->error = us_derived_again(store);
	if (us_txn_part(txn, US_KEPT) && ++store->writes >= READERS_CHECK) {
		for (unsigned part = 0; part < US_PART_COUNT; part++)
			mdb_reader_check(store->env[part], NULL);
		store->writes = 0;
	}
	return txn;
}

struct us_txn *
us_txn_nested(struct us_txn *parent)
{
	struct us_txn *txn = txn_new(parent->store, parent, 0);

	txn->error = parent->error;
	us_txn_part(txn, US_KEPT);
	return txn;
}

enum us_store_error
us_txn_error(const struct us_txn *txn)
{
	return txn->error;
}

void
us_txn_damaged(struct us_txn *txn, const char *what)
{
	if (txn->error)
		return;
	us_log(US_LOG_ERROR, "store: %s", what);
	txn->error = US_STORE_CORRUPT;
}

void *
us_txn_memo(struct us_txn *txn)
{
	return txn->memo;
}

uint64_t
us_txn_writes(const struct us_txn *txn)
{
	return txn->writes;
}

void
us_txn_commit_part(struct us_txn *txn, enum us_part part, const char *doing)
{
	MDB_txn *mdb = txn->mdb[part];
	int rc;

	if (!txn->begun[part])
		return;
	txn->begun[part] = false;
	txn->mdb[part] = NULL;
	rc = mdb_txn_commit(mdb);
	/* What LMDB makes of a write that was cut short. */
	if (rc == EIO && untouched(txn->store) < txn->written)
		rc = ENOSPC;
	if (rc)
		us_txn_fail(txn, rc, doing);
}

/*
 * What is kept first: it is what counts. When what is derived does not get as
 * far, the commit is one all the same, and the next write makes it again.
 */
static void
commit_both(struct us_txn *txn)
{
	us_derived_mark(txn);
	if (!txn->error)
		us_txn_commit_part(txn, US_KEPT, "commit");
	if (txn->error)
		return;
	us_fail_point("within commit");
	us_txn_commit_part(txn, US_DERIVED, "commit what is derived");
	if (txn->error)
		txn->store->stale = true;
	txn->error = US_STORE_OK;
}

/* Into its parent, where one part is nothing without the other. */
static void
commit_nested(struct us_txn *txn)
{
	us_txn_commit_part(txn, US_KEPT, "commit a part of a write");
	if (txn->error)
		return;
	us_txn_commit_part(txn, US_DERIVED, "commit a part of a write");
	txn->parent->error = txn->error;
	txn->parent->written += txn->written;
	txn->parent->writes += txn->writes;
	memset(txn->parent->memo, 0, sizeof(txn->parent->memo));
}

enum us_store_error
us_txn_commit(struct us_txn *txn)
{
	enum us_store_error error;

	if (!txn->error && txn->writes && txn->parent)
		commit_nested(txn);
	else if (!txn->error && txn->writes)
		commit_both(txn);
	error = txn->error;
	us_txn_abort(txn);
	return error;
}

void
us_txn_release(struct us_txn *txn)
{
	for (unsigned part = 0; part < US_PART_COUNT; part++)
		if (txn->mdb[part])
			mdb_txn_abort(txn->mdb[part]);
}

void
us_txn_abort(struct us_txn *txn)
{
	if (txn->flags[US_KEPT] == MDB_RDONLY && !txn->error) {
		make_idle(txn);
		return;
	}
	us_txn_release(txn);
	free(txn);
}
