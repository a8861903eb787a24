/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What durable writing costs without group commit: LMDB, one record of 1 KiB
 * in each transaction.
 *
 *	single FOLDER SECONDS
 *
 * FOLDER exists and is empty. Prints one line of JSON.
 */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KEY 26 /* a ULID */
#define VALUE 1024

static void
check(int rc)
{
	if (!rc)
		return;
	fprintf(stderr, "single: %s\n", mdb_strerror(rc));
	exit(1);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
put(MDB_env *env, MDB_dbi table, unsigned long number)
{
	static char record[VALUE];
	char name[KEY + 1];
	MDB_val key = {KEY, name}, value = {VALUE, record};
	MDB_txn *txn;

	snprintf(name, sizeof(name), "%026lu", number);
	check(mdb_txn_begin(env, NULL, 0, &txn));
	check(mdb_put(txn, table, &key, &value, 0));
	check(mdb_txn_commit(txn));
}

int
main(int argc, char **argv)
{
	double start, end, seconds;
	unsigned long n = 0;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;

	if (argc != 3) {
		fputs("usage: single FOLDER SECONDS\n", stderr);
		return 2;
	}
	seconds = atof(argv[2]);
	check(mdb_env_create(&env));
	check(mdb_env_set_mapsize(env, (size_t)8 << 30));
	check(mdb_env_open(env, argv[1], MDB_NOTLS, 0600));
	check(mdb_txn_begin(env, NULL, 0, &txn));
	check(mdb_dbi_open(txn, NULL, 0, &table));
	check(mdb_txn_commit(txn));
	start = now();
	while ((end = now()) - start < seconds)
		put(env, table, n++);
	printf(
	    "{\"records\":%lu,\"per_s\":%.1f}\n", n, (double)n / (end - start));
	mdb_env_close(env);
	return 0;
}
