/* SPDX-License-Identifier: Apache-2.0 */
/* The store: pairs, scans, keys, transactions in one another, its format. */
#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include "daemon/records.h"
#include "daemon/store.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

#define MIB ((size_t)1 << 20)

static struct us_store *
open_store(const struct folder *f, size_t size, size_t reserve)
{
	struct us_store *store;

	is_int(us_store_open(f->path, size, reserve, NULL, &store), US_STORE_OK,
	    "the store opens");
	if (!store) {
		printf("Bail out! no store\n");
		exit(99);
	}
	return store;
}

static void
put(struct us_store *store, const char *key, const char *value)
{
	struct us_txn *txn = us_txn_write(store);

	us_txn_put(txn, US_TABLE_SETTING, us_str(key), us_str(value));
	is_int(us_txn_commit(txn), US_STORE_OK, "\"%s\" is put", key);
}

/* Compares what is under key; want NULL: nothing. */
static void
is_value(struct us_txn *txn, const char *key, const char *want)
{
	struct us_str value;
	bool found = us_txn_get(txn, US_TABLE_SETTING, us_str(key), &value);

	if (want)
		ok(found && us_str_is(value, want), "\"%s\" is \"%s\"", key,
		    want);
	else
		ok(!found && value.n == 0, "\"%s\" is not there", key);
}

static void
is_stored(struct us_store *store, const char *key, const char *want)
{
	struct us_txn *txn = us_txn_read(store);

	is_value(txn, key, want);
	us_txn_abort(txn);
}

static void
test_pairs(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, MIB);
	struct us_txn *txn;

	put(store, "a", "1");
	put(store, "a", "2");
	put(store, "empty", "");
	is_stored(store, "a", "2");
	is_stored(store, "empty", "");
	is_stored(store, "b", NULL);

	txn = us_txn_write(store);
	ok(us_txn_delete(txn, US_TABLE_SETTING, US_STR("a")), "deleted");
	ok(!us_txn_delete(txn, US_TABLE_SETTING, US_STR("b")), "not there");
	us_txn_abort(txn);
	is_stored(store, "a", "2");
	us_store_close(store);

	store = open_store(&f, 0, MIB);
	is_stored(store, "a", "2");
	us_store_close(store);
	folder_remove(&f);
}

/* A reader sees the store as it was when it began. */
static void
test_snapshot(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, MIB);
	struct us_txn *before, *after;

	put(store, "a", "1");
	before = us_txn_read(store);
	put(store, "a", "2");
	after = us_txn_read(store);
	is_value(before, "a", "1");
	is_value(after, "a", "2");
	is_int(us_txn_commit(before), US_STORE_OK, "a read ends well");
	us_txn_abort(after);
	for (int i = 0; i < 3; i++) {
		put(store, "a", "3");
		is_stored(store, "a", "3");
	}
	us_store_close(store);
	folder_remove(&f);
}

/* --- Scans -------------------------------------------------------------- */

static const char *const keys[] = {
    "a", "b", "b1", "b2", "b2x", "b\xff", "c", "\xff", "\xff\xff", "\xff\xffz"};

static const struct {
	const char *prefix, *from;
	bool backwards;
	const char *want;
} scans[] = {
    {"", NULL, false, "a b b1 b2 b2x b\xff c \xff \xff\xff \xff\xffz"},
    {"", NULL, true, "\xff\xffz \xff\xff \xff c b\xff b2x b2 b1 b a"},
    {"b", NULL, false, "b b1 b2 b2x b\xff"},
    {"b", NULL, true, "b\xff b2x b2 b1 b"},
    {"b", "b2", false, "b2 b2x b\xff"},
    {"b", "b2", true, "b2 b1 b"},
    {"b", "b11", false, "b2 b2x b\xff"},
    {"b", "b11", true, "b1 b"},
    {"b", "a", false, "b b1 b2 b2x b\xff"},
    {"b", "a", true, ""},
    {"b", "c", false, ""},
    {"b", "c", true, "b\xff b2x b2 b1 b"},
    {"b2", NULL, true, "b2x b2"},
    {"b\xff", NULL, true, "b\xff"},
    {"\xff", NULL, false, "\xff \xff\xff \xff\xffz"},
    {"\xff", NULL, true, "\xff\xffz \xff\xff \xff"},
    {"\xff", "\xff\xff", true, "\xff\xff \xff"},
    {"bb", NULL, false, ""},
    {"bb", NULL, true, ""},
    {"0", NULL, true, ""},
    {"z", NULL, true, ""},
    {"", "", false, "a b b1 b2 b2x b\xff c \xff \xff\xff \xff\xffz"},
    {"", "", true, ""},
};

static bool
join(void *arg, struct us_str key, struct us_str value)
{
	struct us_buf *out = arg;

	if (out->n)
		us_buf_putc(out, ' ');
	us_buf_str_add(out, key);
	return us_str_eq(key, value); /* a wrong value ends the scan */
}

static bool
only_one(void *arg, struct us_str key, struct us_str value)
{
	join(arg, key, value);
	return false;
}

static void
test_scans(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, MIB);
	struct us_buf out = {0};
	struct us_txn *txn;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put(store, keys[i], keys[i]);
	txn = us_txn_read(store);
	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		us_buf_reset(&out);
		us_txn_scan(txn, US_TABLE_SETTING, us_str(scans[i].prefix),
		    scans[i].from ? us_str(scans[i].from) : (struct us_str){0},
		    scans[i].backwards, join, &out);
		is_str(us_buf_str(&out).p, scans[i].want, "scan %zu, %s", i,
		    scans[i].backwards ? "backwards" : "forwards");
	}
	us_buf_reset(&out);
	us_txn_scan(txn, US_TABLE_SETTING, US_STR("b"), (struct us_str){0},
	    false, only_one, &out);
	is_str(us_buf_str(&out).p, "b", "a scan ends when it is told to");
	us_buf_reset(&out);
	us_txn_scan(txn, US_TABLE_AUDIT, US_STR(""), (struct us_str){0}, true,
	    join, &out);
	is_str(us_buf_str(&out).p, "", "tables are apart");
	is_int(us_txn_commit(txn), US_STORE_OK, "no scan was an error");
	us_buf_free(&out);
	us_store_close(store);
	folder_remove(&f);
}

/* --- Transactions in one another ---------------------------------------- */

static void
test_nested(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, MIB);
	struct us_txn *all = us_txn_write(store), *one;

	one = us_txn_nested(all);
	us_txn_put(one, US_TABLE_SETTING, US_STR("a"), US_STR("1"));
	is_int(us_txn_commit(one), US_STORE_OK, "the first is done");
	one = us_txn_nested(all);
	us_txn_put(one, US_TABLE_SETTING, US_STR("a"), US_STR("2"));
	us_txn_put(one, US_TABLE_SETTING, US_STR("b"), US_STR("2"));
	us_txn_abort(one);
	one = us_txn_nested(all);
	is_value(one, "a", "1");
	us_txn_put(one, US_TABLE_SETTING, US_STR("c"), US_STR("3"));
	us_txn_put(one, US_TABLE_SETTING, US_STR(""), US_STR("3"));
	is_int(us_txn_error(one), US_STORE_IO, "an empty key is an error");
	us_txn_put(one, US_TABLE_SETTING, US_STR("d"), US_STR("4"));
	is_value(one, "a", NULL);
	is_int(us_txn_commit(one), US_STORE_IO, "which sticks");
	is_int(us_txn_error(all), US_STORE_OK, "but not to those around");
	is_int(us_txn_commit(all), US_STORE_OK, "what is left is committed");
	is_stored(store, "a", "1");
	is_stored(store, "b", NULL);
	is_stored(store, "c", NULL);
	is_stored(store, "d", NULL);

	all = us_txn_write(store);
	us_txn_put(all, US_TABLE_SETTING, US_STR("e"), US_STR("5"));
	us_txn_delete(all, US_TABLE_SETTING, US_STR(""));
	one = us_txn_nested(all);
	is_int(us_txn_commit(one), US_STORE_IO, "an error sticks to the inner");
	is_int(us_txn_commit(all), US_STORE_IO, "an error aborts the outer");
	is_stored(store, "e", NULL);
	us_store_close(store);
	folder_remove(&f);
}

/* --- Keys --------------------------------------------------------------- */

static void
test_keys(void)
{
	struct us_key a = {0}, b = {0}, c = {0};
	char longest[600];

	us_key_text(&a, US_STR("acme"));
	us_key_number(&a, 0x0102030405060708);
	ok(us_str_eq(us_key_str(&a),
	       US_STR("acme\0\x01\x02\x03\x04\x05\x06\x07\x08")),
	    "texts end in NUL, numbers are big-endian");
	ok(us_key_last_number(us_key_str(&a)) == 0x0102030405060708,
	    "the number is found again");
	is_int(us_key_last_number(US_STR("short")), 0, "a short key has none");

	us_key_text(&b, US_STR("a"));
	us_key_text(&c, US_STR("ab"));
	ok(us_str_cmp(us_key_str(&b), us_key_str(&c)) < 0, "texts sort");
	b = c = (struct us_key){0};
	us_key_text(&b, US_STR("a\0b"));
	us_key_text(&c, US_STR("a"));
	us_key_text(&c, US_STR("b"));
	ok(!us_str_eq(us_key_str(&b), us_key_str(&c)),
	    "a NUL does not make two parts of one");

	memset(longest, 'x', sizeof(longest));
	b = c = (struct us_key){0};
	us_key_text(&b, (struct us_str){longest, 254});
	is_int(b.n, 255, "a name of 254 bytes is in its key as it is");
	us_key_text(&c, (struct us_str){longest, 599});
	is_int(c.n, 34, "a text that does not fit is hashed");
	us_key_text(&c, (struct us_str){longest, 600});
	ok(memcmp(c.bytes, c.bytes + 34, 34) != 0, "and not to the same");
	a = b = (struct us_key){0};
	us_key_text(&a, (struct us_str){longest, 599});
	us_key_text(&b, us_key_str(&a));
	ok(!us_str_eq(us_key_str(&a), us_key_str(&b)),
	    "a hash is not taken for a text that looks like it");

	a = (struct us_key){0};
	for (int i = 0; i < 4; i++)
		us_key_text(&a, (struct us_str){longest, 380});
	us_key_number(&a, 1);
	us_key_number(&a, 2);
	ok(a.n <= sizeof(a.bytes), "four long texts and two numbers fit: %zu",
	    a.n);
}

static void
test_longest_key(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 0, MIB);
	char longest[512];

	memset(longest, 'k', 511);
	longest[511] = '\0';
	put(store, longest, "x");
	is_stored(store, longest, "x");
	us_store_close(store);
	folder_remove(&f);
}

/* --- Full --------------------------------------------------------------- */

/* Writes n bytes as a number; as new work, it minds the reserve. */
static enum us_store_error
put_big(struct us_store *store, uint64_t number, size_t n, bool new_work)
{
	struct us_txn *all = us_txn_write(store), *txn = us_txn_nested(all);
	char *bytes = calloc(1, n);
	struct us_key key = {0};
	enum us_store_error error;

	us_key_number(&key, number);
	us_txn_put(
	    txn, US_TABLE_AUDIT, us_key_str(&key), (struct us_str){bytes, n});
	free(bytes);
	if (new_work)
		us_txn_check_reserve(txn);
	error = us_txn_commit(txn);
	if (error)
		us_txn_abort(all);
	else
		error = us_txn_commit(all);
	return error;
}

/* A small map: first the reserve is left alone, then all is full. */
static void
test_full(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 8 * MIB, 2 * MIB);
	enum us_store_error error = US_STORE_OK;
	uint64_t n, more;

	put(store, "before", "1");
	for (n = 0; n < 100 && !error; n++)
		error = put_big(store, n, 100000, true);
	is_int(error, US_STORE_RESERVE, "new work stops at the reserve");
	ok(n > 40 && n < 62, "after 6 of 8 MiB: %d writes", (int)n);
	put(store, "in the reserve", "1");
	error = US_STORE_OK;
	for (more = 0; more < 100 && !error; more++)
		error = put_big(store, 1000 + more, 100000, false);
	is_int(error, US_STORE_FULL, "then the map is full");
	ok(more > 10, "after the reserve: %d writes", (int)more);
	is_stored(store, "before", "1");
	is_int(put_big(store, 1, MIB, true), US_STORE_FULL, "it stays full");
	us_store_close(store);

	store = open_store(&f, 16 * MIB, 2 * MIB);
	is_stored(store, "in the reserve", "1");
	is_int(put_big(store, 1, MIB, true), US_STORE_OK, "a bigger map helps");
	us_store_close(store);
	folder_remove(&f);
}

/* What is deleted is room again. */
static void
test_room_again(void)
{
	struct folder f = folder_new();
	struct us_store *store = open_store(&f, 8 * MIB, 2 * MIB);
	struct us_txn *txn;
	uint64_t n = 0;

	while (n < 100 && put_big(store, n, 100000, true) == US_STORE_OK)
		n++;
	is_int(put_big(store, n, 100000, true), US_STORE_RESERVE,
	    "only the reserve is left");
	txn = us_txn_write(store);
	for (uint64_t i = 0; i < n / 2; i++) {
		struct us_key key = {0};

		us_key_number(&key, i);
		us_txn_delete(txn, US_TABLE_AUDIT, us_key_str(&key));
	}
	is_int(us_txn_commit(txn), US_STORE_OK, "half is deleted");
	for (uint64_t i = 0; i < 10; i++)
		is_int(put_big(store, i, 100000, true), US_STORE_OK,
		    "there is room for new work");
	us_store_close(store);
	folder_remove(&f);
}

/* --- Opening ------------------------------------------------------------ */

/* Puts a value in the place of the format's number. */
static void
set_format(const struct folder *f, struct us_str value)
{
	struct us_store *store = open_store(f, 0, MIB);
	struct us_txn *txn = us_txn_write(store);

	us_txn_put(txn, US_TABLE_META, US_STR("format"), value);
	us_txn_commit(txn);
	us_store_close(store);
}

/* A store as the first usherd left it: format 1, with a workflow of then. */
static void
make_old(const struct folder *f)
{
	struct us_store *store = open_store(f, 0, MIB);
	struct us_txn *txn = us_txn_write(store);

	us_txn_put(txn, US_TABLE_WORKFLOW, US_STR("acme"),
	    US_STR("\1"
		   "\7\0\0\0\0\0\0\0"
		   "\5\0\0\0a@b.c"
		   "\2\0\0\0[]"
		   "\0\0\0\0"
		   "\0\0\0\0"
		   "\0\0\0\0"));
	us_txn_commit(txn);
	us_store_close(store);
	set_format(f, US_STR("\0\0\0\0\0\0\0\1"));
}

/* Among what is kept, where older formats had it; puts a row there first. */
static bool
has_people(const struct folder *f, bool put)
{
	char x[] = "x";
	MDB_val value = {1, x};
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;
	int rc;

	mdb_env_create(&env);
	mdb_env_set_maxdbs(env, 1);
	mdb_env_open(env, f->path, 0, 0600);
	mdb_txn_begin(env, NULL, 0, &txn);
	rc = mdb_dbi_open(txn, "person", put ? MDB_CREATE : 0, &table);
	if (put)
		is_int(mdb_put(txn, table, &value, &value, 0), 0, "a person");
	is_int(mdb_txn_commit(txn), 0, "a look at people");
	mdb_env_close(env);
	return rc == 0;
}

static void
test_old(void)
{
	struct folder f = folder_new();
	struct us_workflow_record r;
	struct us_store *store;
	struct us_str value;
	struct us_txn *txn;

	make_old(&f);
	ok(has_people(&f, true), "people are where older formats had them");
	store = open_store(&f, 0, MIB);
	txn = us_txn_read(store);
	ok(us_txn_get(txn, US_TABLE_WORKFLOW, US_STR("acme"), &value) &&
		us_workflow_decode(value, &r) && r.created == 7 &&
		us_str_is(r.author, "a@b.c") && us_str_is(r.rules, "[]"),
	    "a workflow in a store of an older format is read");
	us_txn_abort(txn);
	us_store_close(store);
	ok(!has_people(&f, false), "people are no longer there");
	folder_remove(&f);
}

static void
test_format(void)
{
	struct folder f = folder_new();
	struct us_store *store;
	struct us_txn *txn;
	struct us_str value;

	set_format(&f, US_STR("\0\0\0\0\0\0\0\1"));
	store = open_store(&f, 0, MIB);
	txn = us_txn_read(store);
	ok(us_txn_get(txn, US_TABLE_META, US_STR("format"), &value) &&
		us_key_last_number(value) == 3,
	    "an older format becomes the newest");
	us_txn_abort(txn);
	us_store_close(store);

	set_format(&f, US_STR("\0\0\0\0\0\0\0\4"));
	is_int(us_store_open(f.path, 0, MIB, NULL, &store), US_STORE_CORRUPT,
	    "a later format is refused");
	ok(store == NULL, "and there is no store");
	folder_remove(&f);

	f = folder_new();
	set_format(&f, US_STR("2"));
	is_int(us_store_open(f.path, 0, MIB, NULL, &store), US_STORE_CORRUPT,
	    "a format that is no number is refused");
	folder_remove(&f);
}

static void
test_folder(void)
{
	struct folder f = folder_new();
	struct us_store *store, *second;
	char path[sizeof(f.path) + 16];
	int fd;

	store = open_store(&f, 0, MIB);
	is_int(us_store_open(f.path, 0, MIB, NULL, &second), US_STORE_IO,
	    "a store is opened once");
	us_store_close(store);
	store = open_store(&f, 0, MIB);
	us_store_close(store);

	snprintf(path, sizeof(path), "%s/data.mdb", f.path);
	fd = open(path, O_WRONLY);
	memset(path, 'x', sizeof(path));
	for (size_t n = 0; n < 16384; n += sizeof(path))
		if (write(fd, path, sizeof(path)) < 0)
			ok(false, "the file cannot be spoilt");
	close(fd);
	is_int(us_store_open(f.path, 0, MIB, NULL, &store), US_STORE_CORRUPT,
	    "a spoilt file is refused");
	folder_remove(&f);
	is_int(us_store_open(f.path, 0, MIB, NULL, &store), US_STORE_IO,
	    "a folder that is not there");
}

/* A database of LMDB that another program made. */
static void
test_foreign(void)
{
	struct folder f = folder_new();
	struct us_store *store;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;

	mdb_env_create(&env);
	mdb_env_set_maxdbs(env, 1);
	mdb_env_open(env, f.path, 0, 0600);
	mdb_txn_begin(env, NULL, 0, &txn);
	mdb_dbi_open(txn, "theirs", MDB_CREATE, &table);
	is_int(mdb_txn_commit(txn), 0, "somebody's database");
	mdb_env_close(env);
	is_int(us_store_open(f.path, 0, MIB, NULL, &store), US_STORE_CORRUPT,
	    "is refused");
	is_int(us_store_open(f.path, 0, MIB, NULL, &store), US_STORE_CORRUPT,
	    "and not made ours by that");
	folder_remove(&f);
}

int
main(void)
{
	test_pairs();
	test_snapshot();
	test_scans();
	test_nested();
	test_keys();
	test_longest_key();
	test_full();
	test_room_again();
	test_format();
	test_old();
	test_folder();
	test_foreign();
	for (int e = US_STORE_OK; e <= US_STORE_IO; e++)
		ok(us_store_error_text((enum us_store_error)e)[0] != '\0',
		    "error %d has a name", e);
	return plan_done();
}
