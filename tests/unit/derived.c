/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the store that is derived: when it is trusted, and when it is
 * made again. Here PERSON is derived from SETTING: each setting has a person
 * of the same key.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/store.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"
#include "tests/unit/limit.h"

#define MIB ((size_t)1 << 20)

static int derivations;
static size_t padding; /* bytes of a person's row */

static bool
derive_one(void *arg, struct us_str key, struct us_str value)
{
	static char bytes[16 * MIB];

	(void)value;
	us_txn_put(arg, US_TABLE_PERSON, key, (struct us_str){bytes, padding});
	return true;
}

static void
derive(struct us_txn *txn)
{
	derivations++;
	us_txn_scan(txn, US_TABLE_SETTING, US_STR(""), (struct us_str){0},
	    false, derive_one, txn);
}

static struct us_store *
open_store(const struct folder *f, size_t reserve, bool anew, const char *what)
{
	struct us_store *store;
	int before = derivations;

	is_int(us_store_open(f->path, 256 * MIB, reserve, derive, &store),
	    US_STORE_OK, "%s: it opens", what);
	if (!store) {
		printf("Bail out! no store\n");
		exit(99);
	}
	is_int(derivations - before, anew, "%s: derived anew", what);
	return store;
}

static enum us_store_error
put(struct us_store *store, const char *key)
{
	struct us_txn *txn = us_txn_write(store);

	us_txn_put(txn, US_TABLE_SETTING, us_str(key), US_STR("x"));
	derive_one(txn, us_str(key), US_STR(""));
	return us_txn_commit(txn);
}

static bool
add_key(void *arg, struct us_str key, struct us_str value)
{
	(void)value;
	us_buf_str_add(arg, key);
	us_buf_putc(arg, ' ');
	return true;
}

/* The keys of both tables. */
static void
is_there(struct us_store *store, const char *want, const char *what)
{
	static const enum us_table tables[] = {
	    US_TABLE_SETTING, US_TABLE_PERSON};
	struct us_txn *txn = us_txn_read(store);

	for (unsigned i = 0; i < 2; i++) {
		struct us_buf keys = {0};

		us_txn_scan(txn, tables[i], US_STR(""), (struct us_str){0},
		    false, add_key, &keys);
		us_buf_putc(&keys, '\0');
		is_str(keys.p, want, "%s, table %u", what, i);
		us_buf_free(&keys);
	}
	us_txn_abort(txn);
}

static void
copy(const struct folder *f, const char *from, const char *to)
{
	char command[1024];

	snprintf(command, sizeof(command), "cp '%s/%s' '%s/%s'", f->path, from,
	    f->path, to);
	if (system(command) != 0)
		ok(false, "%s", command);
}

/* A process that writes, and ends without a word to the store. */
static void
put_and_die(const struct folder *f, const char *key)
{
	struct us_store *store;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (us_store_open(f->path, 256 * MIB, 0, derive, &store) ||
		    put(store, key))
			_exit(1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "a process puts %s, and dies", key);
}

/* --- When it is trusted ------------------------------------------------- */

static void
test_trust(void)
{
	struct folder f = folder_new();
	struct us_store *store;

	store = open_store(&f, 0, true, "new");
	is_int(put(store, "a"), US_STORE_OK, "a is put");
	us_store_close(store);
	store = open_store(&f, 0, false, "closed");
	is_there(store, "a ", "closed");
	us_store_close(store);

	put_and_die(&f, "b");
	store = open_store(&f, 0, false, "left, and up since");
	is_there(store, "a b ", "left");
	us_store_close(store);

	copy(&f, "data.mdb", "data.old");
	copy(&f, "derived.mdb", "derived.old");
	put_and_die(&f, "c");
	copy(&f, "derived.old", "derived.mdb");
	store = open_store(&f, 0, true, "derived from an older one");
	is_there(store, "a b c ", "older");
	us_store_close(store);

	copy(&f, "data.old", "data.mdb");
	store = open_store(&f, 0, true, "derived from a later one");
	is_there(store, "a b ", "later");
	us_store_close(store);
	folder_remove(&f);
}

/*
 * Two backups of a store are told from one another, even where each had as
 * many commits since its start.
 */
static void
test_backups(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, true, "new");

	us_store_close(store);
	copy(&f, "data.mdb", "data.old");
	copy(&f, "derived.mdb", "derived.old");
	put_and_die(&f, "a");
	copy(&f, "derived.mdb", "derived.a");
	copy(&f, "data.old", "data.mdb");
	copy(&f, "derived.old", "derived.mdb");
	put_and_die(&f, "b");
	copy(&f, "derived.a", "derived.mdb");
	store = open_store(&f, 0, true, "of another start");
	is_there(store, "b ", "of another start");
	us_store_close(store);
	folder_remove(&f);
}

/* The row that says in which boot it was opened, and that it is not closed. */
static void
change_boot(const struct folder *f)
{
	struct us_store *store;
	struct us_str value;
	struct us_txn *txn;
	char row[128];

	/* nonce, whether it was closed, boot: store_derived.c */

	if (us_store_open(f->path, 256 * MIB, 0, derive, &store))
		_exit(1);
	txn = us_txn_write(store);
	if (!us_txn_get(txn, US_TABLE_META, US_STR("derived"), &value) ||
	    value.n > sizeof(row))
		_exit(2);
	memcpy(row, value.p, value.n);
	row[value.n - 1] = row[value.n - 1] == 'f' ? 'e' : 'f';
	us_txn_put(txn, US_TABLE_META, US_STR("derived"),
	    (struct us_str){row, value.n});
	_exit(us_txn_commit(txn) != US_STORE_OK);
}

static void
test_boot(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, true, "new");
	int status;
	pid_t pid;

	is_int(put(store, "a"), US_STORE_OK, "a is put");
	us_store_close(store);
	pid = fork();
	if (pid == 0)
		change_boot(&f);
	waitpid(pid, &status, 0);
	is_int(status, 0, "the machine went down");
	/* It is not even looked at. */
	folder_write(&f, "derived.mdb", "what a power cut leaves");
	store = open_store(&f, 0, true, "of another boot");
	is_there(store, "a ", "of another boot");
	us_store_close(store);

	folder_write(&f, "derived.mdb", "what a bad disk leaves");
	store = open_store(&f, 0, true, "spoilt");
	is_there(store, "a ", "spoilt");
	us_store_close(store);
	folder_remove(&f);
}

/* --- In transactions ---------------------------------------------------- */

static void
put_both(struct us_txn *txn, const char *key)
{
	us_txn_put(txn, US_TABLE_SETTING, us_str(key), US_STR("x"));
	us_txn_put(txn, US_TABLE_PERSON, us_str(key), US_STR(""));
}

static void
test_nested(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, true, "new");
	struct us_txn *all = us_txn_write(store), *part;
	struct us_str value;

	part = us_txn_nested(all);
	put_both(part, "a");
	us_txn_abort(part);
	part = us_txn_nested(all);
	put_both(part, "b");
	ok(us_txn_get(part, US_TABLE_PERSON, US_STR("b"), &value),
	    "it is seen where it was put");
	is_int(us_txn_commit(part), US_STORE_OK, "a part is committed");
	put_both(all, "c");
	part = us_txn_nested(all);
	ok(us_txn_delete(part, US_TABLE_PERSON, US_STR("c")) &&
		us_txn_delete(part, US_TABLE_SETTING, US_STR("c")),
	    "a part takes away what was before it");
	us_txn_abort(part);
	is_int(us_txn_commit(all), US_STORE_OK, "the whole is committed");
	is_there(store, "b c ", "parts");

	all = us_txn_write(store);
	put_both(all, "d");
	us_txn_abort(all);
	is_there(store, "b c ", "undone");
	us_store_close(store);
	store = open_store(&f, 0, false, "closed");
	us_store_close(store);
	folder_remove(&f);
}

/* --- When it cannot be written ------------------------------------------ */

/* What is kept is kept, and the rest comes when there is room. */
static void
test_no_room(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, true, "new");

	signal(SIGXFSZ, SIG_IGN);
	padding = 8 * MIB;
	limit_files(4 * MIB);
	is_int(put(store, "a"), US_STORE_OK,
	    "what is kept has room, what is derived has none");
	is_int(put(store, "b"), US_STORE_FULL, "then nothing more is taken");
	limit_files(RLIM_INFINITY);
	is_int(put(store, "b"), US_STORE_OK, "until there is room");
	is_there(store, "a b ", "with room");
	padding = 0;
	us_store_close(store);
	folder_remove(&f);
}

int
main(void)
{
	test_trust();
	test_backups();
	test_boot();
	test_nested();
	test_no_room();
	return plan_done();
}
