/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store on LMDB. The map is address space, reserved once: the file grows
 * by what is written. Never MDB_WRITEMAP, so that no stray pointer writes to
 * the store, nested transactions work, and a full disk is an error of a commit
 * and not a SIGBUS; MDB_NOTLS, so that a read transaction belongs to a handler
 * and not to a thread; commits are durable, which is what LMDB does when
 * nobody asks for less.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/store.h"
#include "daemon/store_disk.h"
#include "engine/err.h"

/*
 * The format of the whole store, in META: what an older usherd could not read
 * raises it.
 * 1  workflow records of version 1
 * 2  workflow records may be of version 2
 */
#define FORMAT 2

#define DEFAULT_SIZE ((size_t)64 << 30)
/* More than there can be loops and workers. */
#define MAX_READERS 4096
/* Write transactions between two looks for readers that died. */
#define READERS_CHECK 1024
/* Pages that a write may copy beside its value: the ways from the roots. */
#define WRITE_PAGES 8

struct us_store {
	MDB_env *env;
	MDB_dbi tables[US_TABLE_COUNT];
	int folder; /* open and locked: one usherd to a store */
	int fd;	    /* LMDB's, of the file */
	size_t page, reserve;
	unsigned writes; /* since dead readers were looked for; the writer's */
	pthread_mutex_t lock;
	struct us_txn *idle; /* read transactions to be renewed, under lock */
};

struct us_txn {
	struct us_store *store;
	struct us_txn *parent; /* of a nested one */
	MDB_txn *mdb;	       /* NULL when it could not begin */
	enum us_store_error error;
	bool reads;
	size_t written;	     /* bytes that it takes, at most or nearly so */
	uint64_t writes;     /* pairs put and deleted */
	struct us_txn *next; /* among the idle */
};

static enum us_store_error
error_of(int rc)
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

/* The first error sticks. Being full is for the writer to tell, once. */
static void
fail(struct us_txn *txn, int rc, const char *doing)
{
	if (txn->error)
		return;
	txn->error = error_of(rc);
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

	mdb_env_info(store->env, &info);
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

	if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) ||
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

/* Counts a write of n bytes. */
static void
take_room(struct us_txn *txn, size_t n)
{
	size_t page = txn->store->page;

	txn->written += (n / page + WRITE_PAGES) * page;
}

/* --- Transactions ------------------------------------------------------- */

static struct us_txn *
txn_new(struct us_store *store, struct us_txn *parent)
{
	struct us_txn *txn = us_calloc(1, sizeof(*txn));

	txn->store = store;
	txn->parent = parent;
	return txn;
}

/* Renewing an idle one takes neither memory nor LMDB's lock of readers. */
struct us_txn *
us_txn_read(struct us_store *store)
{
	struct us_txn *txn;
	int rc;

	pthread_mutex_lock(&store->lock);
	txn = store->idle;
	if (txn)
		store->idle = txn->next;
	pthread_mutex_unlock(&store->lock);

	if (txn) {
		rc = mdb_txn_renew(txn->mdb);
	} else {
		txn = txn_new(store, NULL);
		txn->reads = true;
		rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn->mdb);
	}
	if (rc)
		fail(txn, rc, "begin to read");
	return txn;
}

static void
make_idle(struct us_txn *txn)
{
	struct us_store *store = txn->store;

	mdb_txn_reset(txn->mdb);
	pthread_mutex_lock(&store->lock);
	txn->next = store->idle;
	store->idle = txn;
	pthread_mutex_unlock(&store->lock);
}

struct us_txn *
us_txn_write(struct us_store *store)
{
	struct us_txn *txn = txn_new(store, NULL);
	int rc;

	rc = mdb_txn_begin(store->env, NULL, 0, &txn->mdb);
	if (rc) {
		fail(txn, rc, "begin to write");
	} else if (++store->writes >= READERS_CHECK) {
		mdb_reader_check(store->env, NULL);
		store->writes = 0;
	}
	return txn;
}

struct us_txn *
us_txn_nested(struct us_txn *parent)
{
	struct us_txn *txn = txn_new(parent->store, parent);
	int rc;

	txn->error = parent->error;
	if (txn->error)
		return txn;
	rc = mdb_txn_begin(txn->store->env, parent->mdb, 0, &txn->mdb);
	if (rc)
		fail(txn, rc, "begin a part of a write");
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

uint64_t
us_txn_writes(const struct us_txn *txn)
{
	return txn->writes;
}

enum us_store_error
us_txn_commit(struct us_txn *txn)
{
	enum us_store_error error;
	int rc = 0;

	if (!txn->error && !txn->reads) {
		rc = mdb_txn_commit(txn->mdb);
		txn->mdb = NULL;
		/* What LMDB makes of a write that was cut short. */
		if (rc == EIO && untouched(txn->store) < txn->written)
			rc = ENOSPC;
		if (rc)
			fail(txn, rc, "commit");
		else if (txn->parent) {
			txn->parent->written += txn->written;
			txn->parent->writes += txn->writes;
		}
	}
	error = txn->error;
	us_txn_abort(txn);
	return error;
}

void
us_txn_abort(struct us_txn *txn)
{
	if (txn->reads && !txn->error) {
		make_idle(txn);
		return;
	}
	if (txn->mdb)
		mdb_txn_abort(txn->mdb);
	free(txn);
}

/* --- Pairs -------------------------------------------------------------- */

static MDB_val
to_val(struct us_str s)
{
	return (MDB_val){s.n, (void *)s.p};
}

static struct us_str
to_str(MDB_val v)
{
	return (struct us_str){v.mv_data, v.mv_size};
}

bool
us_txn_get(struct us_txn *txn, enum us_table table, struct us_str key,
    struct us_str *value)
{
	MDB_val k = to_val(key), v;
	int rc;

	*value = (struct us_str){0};
	if (txn->error)
		return false;
	rc = mdb_get(txn->mdb, txn->store->tables[table], &k, &v);
	if (rc == 0)
		*value = to_str(v);
	else if (rc != MDB_NOTFOUND)
		fail(txn, rc, "read");
	return rc == 0;
}

void
us_txn_put(struct us_txn *txn, enum us_table table, struct us_str key,
    struct us_str value)
{
	MDB_val k = to_val(key), v = to_val(value);
	int rc;

	if (txn->error)
		return;
	take_room(txn, value.n);
	txn->writes++;
	rc = mdb_put(txn->mdb, txn->store->tables[table], &k, &v, 0);
	if (rc)
		fail(txn, rc, "write");
}

uint64_t
us_txn_count(struct us_txn *txn, enum us_table table)
{
	MDB_stat stat = {0};
	int rc;

	if (txn->error)
		return 0;
	rc = mdb_stat(txn->mdb, txn->store->tables[table], &stat);
	if (rc)
		fail(txn, rc, "count");
	return stat.ms_entries;
}

bool
us_txn_delete(struct us_txn *txn, enum us_table table, struct us_str key)
{
	MDB_val k = to_val(key);
	int rc;

	if (txn->error)
		return false;
	take_room(txn, 0);
	rc = mdb_del(txn->mdb, txn->store->tables[table], &k, NULL);
	txn->writes += rc != MDB_NOTFOUND;
	if (rc && rc != MDB_NOTFOUND)
		fail(txn, rc, "delete");
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
	*key = to_val(from);
	/* LMDB has no empty keys and does not look for one. */
	return mdb_cursor_get(
	    cursor, key, value, from.n ? MDB_SET_RANGE : MDB_FIRST);
}

/* To the last key below `end`. */
static int
seek_below(MDB_cursor *cursor, struct us_str end, MDB_val *key, MDB_val *value)
{
	int rc;

	*key = to_val(end);
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
		*key = to_val(from);
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
	MDB_cursor *cursor;
	MDB_val key, value;
	int rc;

	if (txn->error)
		return;
	rc = mdb_cursor_open(txn->mdb, txn->store->tables[table], &cursor);
	if (rc) {
		fail(txn, rc, "scan");
		return;
	}
	rc = (backwards ? seek_last : seek_first)(
	    cursor, prefix, from, &key, &value);
	while (rc == 0 && begins(to_str(key), prefix) &&
	       each(arg, to_str(key), to_str(value)))
		rc = mdb_cursor_get(
		    cursor, &key, &value, backwards ? MDB_PREV : MDB_NEXT);
	if (rc && rc != MDB_NOTFOUND)
		fail(txn, rc, "scan");
	mdb_cursor_close(cursor);
}

/* --- Opening ------------------------------------------------------------ */

/* Two processes would each believe that they know the active workflow. */
static int
lock_folder(struct us_store *store, const char *path)
{
	store->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0)
		return errno;
	return flock(store->folder, LOCK_EX | LOCK_NB) ? errno : 0;
}

/* To its folder; the result is LMDB's. */
static int
open_env(struct us_store *store, const char *path, size_t size)
{
	size_t unit = (size_t)sysconf(_SC_PAGESIZE);
	MDB_stat stat;
	int rc = mdb_env_create(&store->env);

	if (rc)
		return rc;
	size = (size ? size : DEFAULT_SIZE) / unit * unit;
	mdb_env_set_mapsize(store->env, size);
	mdb_env_set_maxdbs(store->env, US_TABLE_COUNT);
	mdb_env_set_maxreaders(store->env, MAX_READERS);
	rc = mdb_env_open(store->env, path, MDB_NOTLS, 0600);
	if (rc)
		return rc;
	mdb_env_get_fd(store->env, &store->fd);
	mdb_env_stat(store->env, &stat);
	store->page = stat.ms_psize;
	/* LMDB syncs its file, not the name of a file that is new. */
	fsync(store->folder);
	return mdb_reader_check(store->env, NULL);
}

/*
 * Makes the tables that are not there. Returns whether the store is new:
 * something that LMDB can read may still be somebody else's.
 */
static bool
open_tables(struct us_txn *txn)
{
	static const char *const names[] = {
#define US_TABLE(id, name, help) name,
#include "daemon/table.def"
	};
	MDB_stat stat = {0};
	MDB_dbi root;
	int rc;

	if (txn->error)
		return false;
	rc = mdb_dbi_open(txn->mdb, NULL, 0, &root);
	if (rc == 0)
		rc = mdb_stat(txn->mdb, root, &stat);
	for (unsigned i = 0; rc == 0 && i < US_TABLE_COUNT; i++)
		rc = mdb_dbi_open(
		    txn->mdb, names[i], MDB_CREATE, &txn->store->tables[i]);
	if (rc)
		fail(txn, rc, "open the tables");
	return stat.ms_entries == 0;
}

/*
 * From 1 to 2 nothing is rewritten: records.c reads workflows of version 1,
 * and writes version 2 when it writes one. Only the number is raised, which
 * keeps away an older usherd.
 */
static void
check_format(struct us_txn *txn, bool fresh)
{
	struct us_str name = US_STR("format"), value;
	struct us_key key = {0};
	uint64_t format = 0;

	if (us_txn_get(txn, US_TABLE_META, name, &value)) {
		format = us_key_last_number(value);
		if (value.n != sizeof(format) || format == 0)
			us_txn_damaged(txn,
			    "its format cannot be read; restore the "
			    "folder from a backup");
		else if (format > FORMAT)
			us_txn_damaged(txn,
			    "it was written by a later usherd; use "
			    "that one");
	} else if (!fresh) {
		us_txn_damaged(txn,
		    "the folder has a database that is not usherd's; "
		    "use another folder");
	}
	if (format == FORMAT)
		return;
	us_key_number(&key, FORMAT);
	us_txn_put(txn, US_TABLE_META, name, us_key_str(&key));
}

enum us_store_error
us_store_open(
    const char *path, size_t size, size_t reserve, struct us_store **result)
{
	struct us_store *store = us_calloc(1, sizeof(*store));
	enum us_store_error error;
	struct us_txn *txn;
	int rc;

	*result = NULL;
	store->reserve = reserve;
	pthread_mutex_init(&store->lock, NULL);
	rc = lock_folder(store, path);
	if (rc == 0)
		rc = open_env(store, path, size);
	if (rc)
		us_log(US_LOG_ERROR, "store: cannot open \"%s\": %s", path,
		    rc == EWOULDBLOCK ? "another usherd uses it; stop that one"
				      : mdb_strerror(rc));
	error = error_of(rc);
	if (!error) {
		txn = us_txn_write(store);
		check_format(txn, open_tables(txn));
		error = us_txn_commit(txn);
	}
	if (error)
		us_store_close(store);
	else
		*result = store;
	return error;
}

void
us_store_close(struct us_store *store)
{
	struct us_txn *next;

	for (struct us_txn *txn = store->idle; txn; txn = next) {
		next = txn->next;
		mdb_txn_abort(txn->mdb);
		free(txn);
	}
	if (store->env)
		mdb_env_close(store->env);
	if (store->folder >= 0)
		close(store->folder);
	pthread_mutex_destroy(&store->lock);
	free(store);
}
