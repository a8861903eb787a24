/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's file of LMDB. Its map is address space, reserved once: the file
 * grows by what is written. Never MDB_WRITEMAP, so that no stray pointer writes
 * to the store, nested transactions work, and a full disk is an error of a
 * commit and not a SIGBUS; MDB_NOTLS, so that a read transaction belongs to a
 * handler and not to a thread; commits are durable, which is what LMDB does
 * when nobody asks for less.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/store_parts.h"
#include "engine/err.h"

/*
 * The format of the whole store, in META: what an older usherd could not read
 * raises it.
 * 1  workflow records of version 1
 * 2  workflow records may be of version 2
 * 3  derived tables are in a file of their own
 */
#define FORMAT 3

#define DEFAULT_SIZE ((size_t)64 << 30)
/* More than there can be loops and workers. */
#define MAX_READERS 4096

static const struct {
	const char *name;
	enum us_part part;
} tables[] = {
#define US_TABLE(id, name, help) {name, US_KEPT},
#define US_DERIVED_TABLE(id, name, help) {name, US_DERIVED},
#include "daemon/table.def"
};

enum us_part
us_store_part(enum us_table table)
{
	return tables[table].part;
}

/* Two processes would each believe that they know the active workflow. */
static int
lock_folder(struct us_store *store, const char *path)
{
	store->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0)
		return errno;
	return flock(store->folder, LOCK_EX | LOCK_NB) ? errno : 0;
}

int
us_store_open_part(struct us_store *store, enum us_part part, const char *path,
    unsigned flags, size_t size)
{
	size_t unit = (size_t)sysconf(_SC_PAGESIZE);
	MDB_env *env;
	int rc = mdb_env_create(&store->env[part]);

	if (rc)
		return rc;
	env = store->env[part];
	size = (size ? size : DEFAULT_SIZE) / unit * unit;
	mdb_env_set_mapsize(env, size);
	mdb_env_set_maxdbs(env, US_TABLE_COUNT);
	mdb_env_set_maxreaders(env, MAX_READERS);
	rc = mdb_env_open(env, path, MDB_NOTLS | flags, 0600);
	return rc ? rc : mdb_reader_check(env, NULL);
}

/* To its folder; the result is LMDB's. */
static int
open_kept(struct us_store *store, const char *path, size_t size)
{
	MDB_stat stat;
	int rc = us_store_open_part(store, US_KEPT, path, 0, size);

	if (rc)
		return rc;
	mdb_env_get_fd(store->env[US_KEPT], &store->fd);
	mdb_env_stat(store->env[US_KEPT], &stat);
	store->page = stat.ms_psize;
	/* LMDB syncs its file, not the name of a file that is new. */
	fsync(store->folder);
	return 0;
}

int
us_store_open_tables(struct us_txn *txn, enum us_part part)
{
	MDB_txn *mdb = us_txn_part(txn, part);
	int rc = mdb ? 0 : EIO;

	for (unsigned i = 0; rc == 0 && i < US_TABLE_COUNT; i++)
		if (tables[i].part == part)
			rc = mdb_dbi_open(mdb, tables[i].name, MDB_CREATE,
			    &txn->store->tables[i]);
	return rc;
}

/* Something that LMDB can read may still be somebody else's. */
static bool
is_new(struct us_txn *txn)
{
	MDB_txn *mdb = us_txn_part(txn, US_KEPT);
	MDB_stat stat = {0};
	MDB_dbi root;
	int rc = mdb ? mdb_dbi_open(mdb, NULL, 0, &root) : EIO;

	if (rc == 0)
		rc = mdb_stat(mdb, root, &stat);
	if (rc)
		us_txn_fail(txn, rc, "look what is in it");
	return stat.ms_entries == 0;
}

/* Before format 3 they were among the others. */
static void
drop_derived(struct us_txn *txn)
{
	MDB_txn *mdb = us_txn_part(txn, US_KEPT);
	MDB_dbi old;
	int rc = 0;

	for (unsigned i = 0; mdb && rc == 0 && i < US_TABLE_COUNT; i++)
		if (tables[i].part == US_DERIVED) {
			rc = mdb_dbi_open(mdb, tables[i].name, 0, &old);
			rc = rc ? rc : mdb_drop(mdb, old, 1);
			rc = rc == MDB_NOTFOUND ? 0 : rc;
		}
	if (rc)
		us_txn_fail(txn, rc, "drop a table of an older format");
}

/*
 * Workflows are not rewritten: records.c reads those of version 1, and writes
 * version 2 when it writes one. The number is raised, which keeps away an older
 * usherd.
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
	drop_derived(txn);
	us_key_number(&key, FORMAT);
	us_txn_put(txn, US_TABLE_META, name, us_key_str(&key));
}

static void
free_store(struct us_store *store)
{
	struct us_txn *next;

	for (struct us_txn *txn = store->idle; txn; txn = next) {
		next = txn->next;
		us_txn_release(txn);
		free(txn);
	}
	for (unsigned part = 0; part < US_PART_COUNT; part++)
		if (store->env[part])
			mdb_env_close(store->env[part]);
	if (store->folder >= 0)
		close(store->folder);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

/* The first write of a start. */
static enum us_store_error
open_all(struct us_store *store, const char *path, size_t size)
{
	struct us_txn *txn = us_txn_write(store);
	bool fresh = is_new(txn);
	enum us_store_error error;
	int rc = us_store_open_tables(txn, US_KEPT);

	if (rc)
		us_txn_fail(txn, rc, "open the tables");
	check_format(txn, fresh);
	us_derived_open(txn, path, size);
	error = us_txn_commit(txn);
	return !error && store->stale ? us_derived_again(store) : error;
}

enum us_store_error
us_store_open(const char *path, size_t size, size_t reserve,
    us_store_derive *derive, struct us_store **result)
{
	struct us_store *store = us_calloc(1, sizeof(*store));
	enum us_store_error error;
	int rc;

	*result = NULL;
	store->reserve = reserve;
	store->derive = derive;
	pthread_mutex_init(&store->lock, NULL);
	rc = lock_folder(store, path);
	if (rc == 0)
		rc = open_kept(store, path, size);
	if (rc)
		us_log(US_LOG_ERROR, "store: cannot open \"%s\": %s", path,
		    rc == EWOULDBLOCK ? "another usherd uses it; stop that one"
				      : mdb_strerror(rc));
	error = us_store_error_of(rc);
	if (!error)
		error = open_all(store, path, size);
	if (error)
		free_store(store);
	else
		*result = store;
	return error;
}

void
us_store_close(struct us_store *store)
{
	us_derived_settle(store);
	free_store(store);
}
