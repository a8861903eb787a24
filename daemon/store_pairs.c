/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of keys and values, in transactions of the store. */
#include <string.h>

#include "daemon/store_parts.h"

/* Pages that a write may copy beside its value: the ways from the roots. */
#define WRITE_PAGES 8

/* Counts a write of n bytes. */
static void
take_room(struct us_txn *txn, size_t n)
{
	size_t page = txn->store->page;

	txn->written += (n / page + WRITE_PAGES) * page;
}

bool
us_txn_get(struct us_txn *txn, enum us_table table, struct us_str key,
    struct us_str *value)
{
	MDB_txn *mdb = us_txn_part(txn, us_store_part(table));
	MDB_val k = us_store_val(key), v;
	int rc;

	*value = (struct us_str){0};
	if (!mdb)
		return false;
	rc = mdb_get(mdb, txn->store->tables[table], &k, &v);
	if (rc == 0)
		*value = us_store_str(v);
	else if (rc != MDB_NOTFOUND)
		us_txn_fail(txn, rc, "read");
	return rc == 0;
}

void
us_txn_put(struct us_txn *txn, enum us_table table, struct us_str key,
    struct us_str value)
{
	MDB_txn *mdb = us_txn_part(txn, us_store_part(table));
	MDB_val k = us_store_val(key), v = us_store_val(value);
	int rc;

	if (!mdb)
		return;
	take_room(txn, value.n);
	txn->writes++;
	rc = mdb_put(mdb, txn->store->tables[table], &k, &v, 0);
	if (rc)
		us_txn_fail(txn, rc, "write");
}

uint64_t
us_txn_count(struct us_txn *txn, enum us_table table)
{
	MDB_txn *mdb = us_txn_part(txn, us_store_part(table));
	MDB_stat stat = {0};
	int rc;

	if (!mdb)
		return 0;
	rc = mdb_stat(mdb, txn->store->tables[table], &stat);
	if (rc)
		us_txn_fail(txn, rc, "count");
	return stat.ms_entries;
}

bool
us_txn_delete(struct us_txn *txn, enum us_table table, struct us_str key)
{
	MDB_txn *mdb = us_txn_part(txn, us_store_part(table));
	MDB_val k = us_store_val(key);
	int rc;

	if (!mdb)
		return false;
	take_room(txn, 0);
	rc = mdb_del(mdb, txn->store->tables[table], &k, NULL);
	txn->writes += rc != MDB_NOTFOUND;
	if (rc && rc != MDB_NOTFOUND)
		us_txn_fail(txn, rc, "delete");
	return rc == 0;
}

static bool
begins(struct us_str s, struct us_str prefix)
{
	return s.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* To the first key that is not below prefix nor from. Returns as LMDB does. */
static int
seek_first(MDB_cursor *cursor, struct us_str prefix, struct us_str from,
    MDB_val *key, MDB_val *value)
{
	if (from.p == NULL || us_str_cmp(from, prefix) < 0)
		from = prefix;
	*key = us_store_val(from);
	/* LMDB has no empty keys and does not look for one. */
	return mdb_cursor_get(
	    cursor, key, value, from.n ? MDB_SET_RANGE : MDB_FIRST);
}

/* To the last key below `end`. */
static int
seek_below(MDB_cursor *cursor, struct us_str end, MDB_val *key, MDB_val *value)
{
	int rc;

	*key = us_store_val(end);
	rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
	if (rc == 0)
		return mdb_cursor_get(cursor, key, value, MDB_PREV);
	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	return rc;
}

/* To the last key that begins with prefix and is not above from. */
static int
seek_last(MDB_cursor *cursor, struct us_str prefix, struct us_str from,
    MDB_val *key, MDB_val *value)
{
	struct us_key end;

	if (from.p && (us_str_cmp(from, prefix) < 0 || begins(from, prefix))) {
		*key = us_store_val(from);
		if (from.n == 0)
			return MDB_NOTFOUND;
		if (mdb_cursor_get(cursor, key, value, MDB_SET_KEY) == 0)
			return 0;
		return seek_below(cursor, from, key, value);
	}
	/* What is above all that begins with prefix, and next to it. */
	if (prefix.n > sizeof(end.bytes))
		return MDB_NOTFOUND;
	end.n = prefix.n;
	if (end.n)
		memcpy(end.bytes, prefix.p, end.n);
	while (end.n && (unsigned char)end.bytes[end.n - 1] == 0xff)
		end.n--;
	if (end.n == 0)
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	end.bytes[end.n - 1]++;
	return seek_below(cursor, us_key_str(&end), key, value);
}

void
us_txn_scan(struct us_txn *txn, enum us_table table, struct us_str prefix,
    struct us_str from, bool backwards, us_scan_each *each, void *arg)
{
	MDB_txn *mdb = us_txn_part(txn, us_store_part(table));
	MDB_cursor *cursor;
	MDB_val key, value;
	int rc;

	if (!mdb)
		return;
	rc = mdb_cursor_open(mdb, txn->store->tables[table], &cursor);
	if (rc) {
		us_txn_fail(txn, rc, "scan");
		return;
	}
	rc = (backwards ? seek_last : seek_first)(
	    cursor, prefix, from, &key, &value);
	while (rc == 0 && begins(us_store_str(key), prefix) &&
	       each(arg, us_store_str(key), us_store_str(value)))
		rc = mdb_cursor_get(
		    cursor, &key, &value, backwards ? MDB_PREV : MDB_NEXT);
	if (rc && rc != MDB_NOTFOUND)
		us_txn_fail(txn, rc, "scan");
	mdb_cursor_close(cursor);
}
