/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be derived: tables that say nothing which others do not say. They
 * are in a file of their own, which nobody waits for to reach the disk: rows
 * about people are all over the place, and to make them durable with each
 * commit costs more than all the rest of it.
 *
 * That file can be trusted when it is as far as what is kept. Both know the
 * nonce of the last start, and the file says in each of its commits which
 * commit of LMDB it was derived from. It is thrown away, without a look, when
 * the machine went down before the file was on the disk: the kept part has the
 * boot in which it was last opened, and whether it was closed well.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/store_disk.h"
#include "daemon/store_parts.h"

#define FILE_NAME "derived.mdb"
#define MARK "mark"		    /* its table of that name */
#define LOCK_NAME FILE_NAME "-lock" /* as LMDB names it */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define BOOT 36 /* bytes, of a UUID as text */

/* What it has on the disk ahead of what it needs, at most: a part of the
 * reserve, for what is kept may take all that is left. */
#define AHEAD ((size_t)4 << 20)

static const struct us_str joint_name = {"derived", 7};

/* What the kept part has about the other: META, "derived". */
struct joint {
	char nonce[US_NONCE];
	char closed; /* well, so that it is on the disk */
	char boot[BOOT];
};

/* --- Belonging together ------------------------------------------------- */

/* All blanks when nobody can tell, which is no boot at all. */
static void
read_boot(char boot[BOOT])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	memset(boot, ' ', BOOT);
	if (fd < 0)
		return;
	if (read(fd, boot, BOOT) != BOOT)
		memset(boot, ' ', BOOT);
	close(fd);
}

/* None: all zero, which is never whole. */
static void
read_joint(struct us_txn *txn, struct joint *joint)
{
	struct us_str value;

	if (us_txn_get(txn, US_TABLE_META, joint_name, &value) &&
	    value.n == sizeof(*joint))
		memcpy(joint, value.p, sizeof(*joint));
}

static void
put_joint(struct us_txn *txn, bool closed)
{
	struct joint joint = {.closed = closed};

	memcpy(joint.nonce, txn->store->nonce, US_NONCE);
	read_boot(joint.boot);
	us_txn_put(txn, US_TABLE_META, joint_name,
	    (struct us_str){(const char *)&joint, sizeof(joint)});
}

/* May its file be opened at all? */
static bool
is_whole(const struct joint *joint)
{
	char boot[BOOT];

	read_boot(boot);
	return joint->closed ||
	       (boot[0] != ' ' && memcmp(boot, joint->boot, BOOT) == 0);
}

/* The commit of what is kept, of the start that has this nonce. */
static struct us_key
mark_of(const char *nonce, uint64_t commit)
{
	struct us_key mark = {.n = US_NONCE};

	memcpy(mark.bytes, nonce, US_NONCE);
	us_key_number(&mark, commit);
	return mark;
}

/* Does its file say so? */
static bool
is_marked(struct us_store *store, const struct us_key *want)
{
	MDB_val key = us_store_val(joint_name), value;
	MDB_txn *txn;
	MDB_dbi mark;
	bool marked;

	if (mdb_txn_begin(store->env[US_DERIVED], NULL, MDB_RDONLY, &txn))
		return false;
	marked = mdb_dbi_open(txn, MARK, 0, &mark) == 0 &&
		 mdb_get(txn, mark, &key, &value) == 0 &&
		 us_str_eq(us_store_str(value), us_key_str(want));
	mdb_txn_abort(txn);
	return marked;
}

static void
put_mark(struct us_txn *txn, bool right)
{
	MDB_txn *kept = us_txn_part(txn, US_KEPT),
		*derived = us_txn_part(txn, US_DERIVED);
	MDB_val key = us_store_val(joint_name), value;
	struct us_key mark;
	int rc;

	if (!kept || !derived)
		return;
	mark = mark_of(txn->store->nonce, mdb_txn_id(kept));
	value = us_store_val(right ? us_key_str(&mark) : US_STR(""));
	rc = mdb_put(derived, txn->store->mark, &key, &value, 0);
	if (rc)
		us_txn_fail(txn, rc, "mark what is derived");
}

static void
stretch(struct us_store *store)
{
	MDB_env *env = store->env[US_DERIVED];
	MDB_envinfo info;
	size_t ahead = AHEAD, used;
	int fd;

	if (ahead > store->reserve)
		ahead = store->reserve;
	mdb_env_info(env, &info);
	used = (info.me_last_pgno + 1) * store->page;
	if (used + ahead / 2 < store->stretched || !ahead)
		return;
	mdb_env_get_fd(env, &fd);
	us_disk_stretch(fd, used, ahead);
	store->stretched = used + ahead;
}

void
us_derived_mark(struct us_txn *txn)
{
	put_mark(txn, !txn->store->stale);
	stretch(txn->store);
}

/* --- Opening ------------------------------------------------------------ */

static int
throw_away(struct us_store *store)
{
	if (store->env[US_DERIVED])
		mdb_env_close(store->env[US_DERIVED]);
	store->env[US_DERIVED] = NULL;
	if (unlinkat(store->folder, FILE_NAME, 0) && errno != ENOENT)
		return errno;
	if (unlinkat(store->folder, LOCK_NAME, 0) && errno != ENOENT)
		return errno;
	return 0;
}

static int
open_file(struct us_store *store, const char *path, size_t size)
{
	char file[4096];

	if (snprintf(file, sizeof(file), "%s/" FILE_NAME, path) >=
	    (int)sizeof(file))
		return ENAMETOOLONG;
	return us_store_open_part(
	    store, US_DERIVED, file, MDB_NOSUBDIR | MDB_NOSYNC, size);
}

/* Thrown away, it needs no room beside what it is made again from. */
static int
open_trusted(struct us_store *store, const char *path, size_t size,
    const struct joint *joint, uint64_t commit)
{
	struct us_key want = mark_of(joint->nonce, commit);
	int rc;

	store->stale = !is_whole(joint) || open_file(store, path, size) ||
		       !is_marked(store, &want);
	if (!store->stale)
		return 0;
	rc = throw_away(store);
	return rc ? rc : open_file(store, path, size);
}

void
us_derived_open(struct us_txn *txn, const char *path, size_t size)
{
	struct us_store *store = txn->store;
	struct joint joint = {0};
	int rc;

	read_joint(txn, &joint);
	/* What is kept may be somebody else's. */
	if (txn->error)
		return;
	rc = open_trusted(store, path, size, &joint,
	    mdb_txn_id(us_txn_part(txn, US_KEPT)) - 1);
	if (rc == 0)
		rc = us_store_open_tables(txn, US_DERIVED);
	if (rc == 0)
		rc = mdb_dbi_open(us_txn_part(txn, US_DERIVED), MARK,
		    MDB_CREATE, &store->mark);
	if (rc == 0 && getrandom(store->nonce, US_NONCE, 0) != US_NONCE)
		rc = errno;
	if (rc) {
		us_txn_fail(txn, rc, "open " FILE_NAME);
		return;
	}
	put_joint(txn, false);
}

/* --- Made again --------------------------------------------------------- */

static void
empty(struct us_txn *txn)
{
	MDB_txn *mdb = us_txn_part(txn, US_DERIVED);
	int rc = 0;

	for (unsigned i = 0; mdb && rc == 0 && i < US_TABLE_COUNT; i++)
		if (us_store_part(i) == US_DERIVED)
			rc = mdb_drop(mdb, txn->store->tables[i], 0);
	if (rc)
		us_txn_fail(txn, rc, "empty " FILE_NAME);
}

enum us_store_error
us_derived_again(struct us_store *store)
{
	struct us_txn txn = {.store = store, .flags = {[US_KEPT] = MDB_RDONLY}};

	empty(&txn);
	if (store->derive && !txn.error)
		store->derive(&txn);
	put_mark(&txn, true);
	if (!txn.error)
		us_txn_commit_part(&txn, US_DERIVED, "commit " FILE_NAME);
	us_txn_release(&txn);
	store->stale = txn.error != US_STORE_OK;
	return txn.error;
}

/* --- Closing ------------------------------------------------------------ */

/* What is derived first: it is to be there when the other says so. */
void
us_derived_settle(struct us_store *store)
{
	struct us_txn *txn;
	int rc;

	if (store->stale)
		return;
	txn = us_txn_write(store);
	put_joint(txn, true);
	us_derived_mark(txn);
	if (!txn->error)
		us_txn_commit_part(txn, US_DERIVED, "commit " FILE_NAME);
	if (!txn->error) {
		rc = mdb_env_sync(store->env[US_DERIVED], 1);
		if (rc)
			us_txn_fail(txn, rc, "sync " FILE_NAME);
	}
	if (!txn->error)
		us_txn_commit_part(txn, US_KEPT, "commit");
	us_txn_abort(txn);
}
