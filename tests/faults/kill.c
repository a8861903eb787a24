/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9 at a random moment, again and again, of a process whose threads
 * write numbered records: each record that was acknowledged is there
 * afterwards, whole, and there is no half of one. A record is two pairs in two
 * tables, as a change and its audit event are.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/writer.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

#define ROUNDS 60
#define THREADS 4
#define SIZE (64 << 20)
#define RECORD_MAX 20000 /* bytes */

/* --- The process that is killed ----------------------------------------- */

struct record {
	struct us_write w; /* first */
	uint64_t thread, number;
	enum us_write_result result;
	sem_t finished;
};

/* The content of a record: of many sizes, none like another. */
static struct us_str
content(uint64_t thread, uint64_t number, char *bytes)
{
	size_t n = 8 + (number * 7919 + thread * 104729) % (RECORD_MAX - 8);

	memset(bytes, (int)(number & 0xff), n);
	memcpy(bytes, &number, sizeof(number));
	return (struct us_str){bytes, n};
}

static struct us_key
key_of(uint64_t thread, uint64_t number)
{
	struct us_key key = {0};

	us_key_text(&key, US_STR("acme"));
	us_key_number(&key, thread);
	us_key_number(&key, number);
	return key;
}

static bool
put_record(struct us_write *w, struct us_txn *txn)
{
	struct record *r = (struct record *)w;
	struct us_key key = key_of(r->thread, r->number);
	char bytes[RECORD_MAX];

	us_txn_put(txn, US_TABLE_WORKFLOW, us_key_str(&key),
	    content(r->thread, r->number, bytes));
	us_txn_put(txn, US_TABLE_AUDIT, us_key_str(&key), us_key_str(&key));
	return r->number % 16 != 15; /* some are refused, and leave nothing */
}

static void
wake(struct us_write *w, enum us_write_result result)
{
	struct record *r = (struct record *)w;

	r->result = result;
	sem_post(&r->finished);
}

struct hand {
	struct us_writer *writer;
	uint64_t thread, next;
	int acks;
};

/* Writes records until the process is killed; tells of each that is done. */
static void *
write_on(void *arg)
{
	struct hand *hand = arg;
	struct record r = {.w = {.apply = put_record, .finish = wake}};
	uint64_t ack[2];

	sem_init(&r.finished, 0, 0);
	r.thread = hand->thread;
	for (r.number = hand->next;; r.number++) {
		us_writer_submit(hand->writer, &r.w);
		sem_wait(&r.finished);
		if (r.result == US_WRITE_REFUSED)
			continue;
		ack[0] = r.thread;
		ack[1] = r.result == US_WRITE_DONE ? r.number : UINT64_MAX;
		if (write(hand->acks, ack, sizeof(ack)) != sizeof(ack))
			_exit(3);
	}
}

static void
victim(const struct folder *f, const uint64_t *next, int acks)
{
	struct us_store *store;
	struct us_writer *writer;
	struct hand hands[THREADS];
	pthread_t threads[THREADS];

	if (us_store_open(f->path, SIZE, 0, NULL, &store))
		_exit(2);
	writer = us_writer_start(store);
	for (unsigned i = 0; i < THREADS; i++) {
		hands[i] = (struct hand){writer, i, next[i], acks};
		pthread_create(&threads[i], NULL, write_on, &hands[i]);
	}
	for (;;)
		pause();
}

/* --- The process that looks --------------------------------------------- */

/* What is to be there: of each thread, all numbers from first to next. */
struct ledger {
	uint64_t first[THREADS]; /* since the store was emptied */
	uint64_t next[THREADS];  /* behind the last that was acknowledged */
	uint64_t acked, refused_by_store;
};

static void
read_acks(int fd, struct ledger *l)
{
	uint64_t ack[2];
	ssize_t n;

	while ((n = read(fd, ack, sizeof(ack))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(ack) || ack[0] >= THREADS)
			break;
		if (ack[1] == UINT64_MAX) {
			l->refused_by_store++;
			continue;
		}
		l->next[ack[0]] = ack[1] + 1;
		l->acked++;
	}
}

struct audit {
	struct us_txn *txn;
	uint64_t records, half, wrong;
};

/* The other table has the other half. */
static bool
check_event(void *arg, struct us_str key, struct us_str value)
{
	struct audit *a = arg;
	struct us_str other;

	a->half += !us_txn_get(a->txn, US_TABLE_WORKFLOW, key, &other);
	a->wrong += !us_str_eq(key, value);
	return true;
}

static bool
check_record(void *arg, struct us_str key, struct us_str value)
{
	struct audit *a = arg;
	char bytes[RECORD_MAX];
	uint64_t number = us_key_last_number(key),
		 thread = us_key_last_number((struct us_str){key.p, key.n - 8});
	struct us_str other;

	a->records++;
	a->half += !us_txn_get(a->txn, US_TABLE_AUDIT, key, &other);
	a->wrong += number % 16 == 15 ||
		    !us_str_eq(value, content(thread, number, bytes));
	return true;
}

/* Counts what was acknowledged and is not there. */
static uint64_t
missing(struct us_txn *txn, const struct ledger *l)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < THREADS; i++)
		for (uint64_t k = l->first[i]; k < l->next[i]; k++) {
			struct us_key key = key_of(i, k);
			struct us_str value;

			n += k % 16 != 15 && !us_txn_get(txn, US_TABLE_WORKFLOW,
						 us_key_str(&key), &value);
		}
	return n;
}

static bool
first_key(void *arg, struct us_str key, struct us_str value)
{
	struct us_key *first = arg;

	(void)value;
	first->n = key.n;
	memcpy(first->bytes, key.p, key.n);
	return false;
}

/* Deletes all, so that a fast machine does not fill the small store. */
static void
clear(struct us_store *store, struct ledger *l)
{
	static const enum us_table tables[] = {
	    US_TABLE_WORKFLOW, US_TABLE_AUDIT};
	struct us_txn *txn = us_txn_write(store);

	for (unsigned t = 0; t < 2; t++)
		for (;;) {
			struct us_key key = {0};

			us_txn_scan(txn, tables[t], US_STR(""),
			    (struct us_str){0}, false, first_key, &key);
			if (key.n == 0)
				break;
			us_txn_delete(txn, tables[t], us_key_str(&key));
		}
	is_int(us_txn_commit(txn), US_STORE_OK, "the store is emptied");
	memcpy(l->first, l->next, sizeof(l->first));
}

/* Looks at all that is there; true when it is as it should be. */
static bool
look(const struct folder *f, struct ledger *l, int round)
{
	struct us_store *store;
	struct audit a = {0};
	uint64_t lost;

	if (us_store_open(f->path, SIZE, 0, NULL, &store))
		return ok(false, "round %d: the store opens", round);
	a.txn = us_txn_read(store);
	us_txn_scan(a.txn, US_TABLE_WORKFLOW, US_STR(""), (struct us_str){0},
	    false, check_record, &a);
	us_txn_scan(a.txn, US_TABLE_AUDIT, US_STR(""), (struct us_str){0},
	    false, check_event, &a);
	lost = missing(a.txn, l);
	ok(us_txn_commit(a.txn) == US_STORE_OK && a.half == 0 && a.wrong == 0 &&
		lost == 0 && l->refused_by_store == 0,
	    "round %d: %d records; %d lost, %d half, %d wrong", round,
	    (int)a.records, (int)lost, (int)a.half, (int)a.wrong);
	if (a.records > 1500)
		clear(store, l);
	us_store_close(store);
	return a.half + a.wrong + lost == 0;
}

static void
sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static bool
run_round(const struct folder *f, struct ledger *l, unsigned *seed, int round)
{
	int acks[2], status;
	pid_t pid;

	if (pipe(acks) != 0 || (pid = fork()) < 0)
		return ok(false, "no process: %s", strerror(errno));
	if (pid == 0) {
		close(acks[0]);
		/* What was not acknowledged may be there, and comes again. */
		victim(f, l->next, acks[1]);
	}
	close(acks[1]);
	sleep_ms(3 + rand_r(seed) % 40);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	read_acks(acks[0], l);
	close(acks[0]);
	if (!WIFSIGNALED(status))
		return ok(false, "round %d: the process ended by itself, %d",
		    round, status);
	return look(f, l, round);
}

int
main(void)
{
	struct folder f = folder_new();
	struct ledger l = {0};
	unsigned seed = (unsigned)time(NULL);

	printf("# seed %u\n", seed);
	for (int i = 0; i < ROUNDS; i++)
		if (!run_round(&f, &l, &seed, i))
			break;
	ok(l.acked > ROUNDS, "%d records were acknowledged", (int)l.acked);
	folder_remove(&f);
	return plan_done();
}
