/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what a store has derived, step by step, what can be derived at once?
 *
 *	derived DATA
 *
 * Prints the first row that differs, and then exits with 1. Afterwards the
 * store has what was derived at once. usherd must not run.
 */
#include <stdio.h>
#include <unistd.h>

#include "daemon/derive.h"

static bool derived; /* at the last opening */

static void
derive(struct us_txn *txn)
{
	derived = true;
	us_derive(txn);
}

static void
add(struct us_buf *rows, struct us_str s)
{
	us_buf_add(rows, (const char *)&s.n, sizeof(s.n));
	us_buf_str_add(rows, s);
}

static bool
add_row(void *arg, struct us_str key, struct us_str value)
{
	add(arg, key);
	add(arg, value);
	return true;
}

/* All rows of the derived tables, each text behind its length. */
static struct us_buf
rows_of(const char *path)
{
	struct us_buf rows = {0};
	struct us_store *store;
	struct us_txn *txn;

	derived = false;
	if (us_store_open(path, 0, 0, derive, &store))
		_exit(2);
	txn = us_txn_read(store);
#define US_TABLE(id, name, help)
#define US_DERIVED_TABLE(id, name, help) \
	us_txn_scan(txn, US_TABLE_##id, US_STR(""), (struct us_str){0}, false, \
	    add_row, &rows);
#include "daemon/table.def"
	if (us_txn_error(txn))
		_exit(2);
	us_txn_abort(txn);
	us_store_close(store);
	return rows;
}

static struct us_str
take(struct us_str *rows)
{
	struct us_str s = {0};

	if (rows->n < sizeof(s.n))
		return s;
	memcpy(&s.n, rows->p, sizeof(s.n));
	s.p = rows->p + sizeof(s.n);
	rows->p += sizeof(s.n) + s.n;
	rows->n -= sizeof(s.n) + s.n;
	return s;
}

static void
print_row(const char *whose, struct us_str key, struct us_str value)
{
	printf("%s: ", whose);
	for (size_t i = 0; i < key.n; i++)
		putchar(key.p[i] ? key.p[i] : ' ');
	printf("=");
	for (size_t i = 0; i < value.n; i++)
		printf(" %d", value.p[i]);
	printf("\n");
}

static bool
are_same(struct us_str steps, struct us_str once)
{
	struct us_str key[2], value[2];

	while (steps.n || once.n) {
		key[0] = take(&steps);
		value[0] = take(&steps);
		key[1] = take(&once);
		value[1] = take(&once);
		if (us_str_eq(key[0], key[1]) && us_str_eq(value[0], value[1]))
			continue;
		print_row("step by step", key[0], value[0]);
		print_row("at once     ", key[1], value[1]);
		return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct us_buf steps, once;
	char path[4096];
	bool same;

	if (argc != 2 || snprintf(path, sizeof(path), "%s/derived.mdb",
			     argv[1]) >= (int)sizeof(path)) {
		fputs("usage: derived DATA\n", stderr);
		return 2;
	}
	steps = rows_of(argv[1]);
	if (derived)
		puts("it was derived anew");
	if (unlink(path) != 0) {
		perror(path);
		return 2;
	}
	once = rows_of(argv[1]);
	if (!derived) {
		puts("it was not derived");
		return 2;
	}
	same = are_same(us_buf_str(&steps), us_buf_str(&once));
	us_buf_free(&steps);
	us_buf_free(&once);
	return !same;
}
