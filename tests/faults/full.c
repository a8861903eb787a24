/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No room on the disk: writes are refused, reading goes on, and when there is
 * room again writes go on by themselves. Once with a limit on the size of
 * files, which everyone may set, and once on a small file system.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "daemon/writer.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"
#include "tests/unit/limit.h"

#define MIB ((size_t)1 << 20)

struct put {
	struct us_write w; /* first */
	uint64_t number;
	size_t size;
	enum us_write_result result;
	sem_t finished;
};

static bool
apply(struct us_write *w, struct us_txn *txn)
{
	struct put *put = (struct put *)w;
	char *bytes = calloc(1, put->size);
	struct us_key key = {0};

	us_key_number(&key, put->number);
	us_txn_put(txn, US_TABLE_WORKFLOW, us_key_str(&key),
	    (struct us_str){bytes, put->size});
	free(bytes);
	return true;
}

static void
finish(struct us_write *w, enum us_write_result result)
{
	struct put *put = (struct put *)w;

	put->result = result;
	sem_post(&put->finished);
}

/* Writes a record and waits for the answer. */
static enum us_write_result
put(struct us_writer *writer, uint64_t number, size_t size, bool new_work)
{
	struct put p = {.number = number,
	    .size = size,
	    .w = {.apply = apply, .finish = finish, .new_work = new_work}};

	sem_init(&p.finished, 0, 0);
	us_writer_submit(writer, &p.w);
	sem_wait(&p.finished);
	sem_destroy(&p.finished);
	return p.result;
}

/* How many of the records 0 .. n - 1 are there. */
static int
count(struct us_store *store, uint64_t n)
{
	struct us_txn *txn = us_txn_read(store);
	struct us_str value;
	int found = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct us_key key = {0};

		us_key_number(&key, i);
		found += us_txn_get(
		    txn, US_TABLE_WORKFLOW, us_key_str(&key), &value);
	}
	us_txn_abort(txn);
	return found;
}

/* Writes from number n on until one is refused; the number of that one. */
static uint64_t
fill(struct us_writer *writer, uint64_t n, bool new_work)
{
	enum us_write_result result = US_WRITE_DONE;
	uint64_t end = n + 1000;

	while (n < end && result == US_WRITE_DONE) {
		result = put(writer, n, 100000, new_work);
		n += result == US_WRITE_DONE;
	}
	is_int(result, US_WRITE_FULL, "the store gets full: %d", (int)n);
	return n;
}

/*
 * Fills the store in this folder, whose disk has less room than its map, lets
 * make_room help, and writes on.
 */
static void
fill_and_recover(const char *path, void (*make_room)(void *arg), void *arg)
{
	struct us_store *store;
	struct us_writer *writer;
	uint64_t n;

	is_int(us_store_open(path, 256 * MIB, MIB, NULL, &store), US_STORE_OK,
	    "the store opens");
	if (!store)
		return;
	writer = us_writer_start(store);
	is_int(put(writer, 0, 20 * MIB, false), US_WRITE_FULL,
	    "what is larger than the disk is refused");
	n = fill(writer, 0, true);
	ok(n > 20, "new work ends at the reserve: %d", (int)n);
	is_int(put(writer, n, 1000, false), US_WRITE_DONE,
	    "old work goes on in the reserve");
	n = fill(writer, n + 1, false);
	is_int(put(writer, n, 2 * MIB, false), US_WRITE_FULL, "it stays full");
	is_int(put(writer, n, 2 * MIB, false), US_WRITE_FULL, "it stays full");
	is_int(put(writer, n, 1000, true), US_WRITE_FULL, "for new work too");
	is_int(count(store, n + 1), (int)n, "what was written is read");
	make_room(arg);
	is_int(put(writer, n, 100000, true), US_WRITE_DONE,
	    "with room again, new work is taken");
	is_int(
	    put(writer, n + 1, 100000, false), US_WRITE_DONE, "and old work");
	us_writer_stop(writer);
	us_store_close(store);

	is_int(us_store_open(path, 256 * MIB, MIB, NULL, &store), US_STORE_OK,
	    "it opens again");
	is_int(count(store, n + 2), (int)n + 2, "with all that was written");
	us_store_close(store);
}

/* --- A limit on the size of files --------------------------------------- */

static void
lift_limit(void *arg)
{
	(void)arg;
	limit_files(RLIM_INFINITY);
}

static void
test_limit(void)
{
	struct folder f = folder_new();

	signal(SIGXFSZ, SIG_IGN);
	limit_files(8 * MIB);
	fill_and_recover(f.path, lift_limit, NULL);
	limit_files(RLIM_INFINITY);
	folder_remove(&f);
}

/* --- A small file system ------------------------------------------------ */

/* In a name space of our own, so that no mount outlives the test. */
static bool
mount_small(const char *path)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", path, "tmpfs", 0, "size=12m") == 0;
}

static void
remove_ballast(void *arg)
{
	is_int(remove(arg), 0, "something else is deleted");
}

static void
test_file_system(void)
{
	struct folder f = folder_new();
	char ballast[sizeof(f.path) + 16];
	int fd;

	if (!mount_small(f.path)) {
		skip("no small file system can be mounted here");
		folder_remove(&f);
		return;
	}
	snprintf(ballast, sizeof(ballast), "%s/ballast", f.path);
	fd = open(ballast, O_WRONLY | O_CREAT, 0600);
	is_int(posix_fallocate(fd, 0, 5 * (off_t)MIB), 0, "a file in the way");
	close(fd);
	fill_and_recover(f.path, remove_ballast, ballast);
	umount(f.path);
	folder_remove(&f);
}

int
main(void)
{
	test_limit();
	test_file_system();
	return plan_done();
}
