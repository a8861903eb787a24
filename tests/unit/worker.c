/* SPDX-License-Identifier: Apache-2.0 */
/* The worker: order, a full queue, an end that leaves nothing undone. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "daemon/worker.h"
#include "tests/tap.h"

#define MOST 4

/* What the worker has run, in order; read after it has stopped. */
struct seen {
	unsigned char order[MOST + 1];
	unsigned n;
};

struct job {
	struct seen *seen;
	unsigned char number;
};

static void
see(void *arg)
{
	struct job *job = arg;

	job->seen->order[job->seen->n++] = job->number;
}

/* Holds the worker until it is let go. */
struct gate {
	sem_t reached, open;
};

static void
wait_at(void *arg)
{
	struct gate *gate = arg;

	sem_post(&gate->reached);
	sem_wait(&gate->open);
}

static void
test_queue(void)
{
	struct us_worker *worker = us_worker_start("usherd-of-a-long-name", 4);
	struct job jobs[MOST + 1];
	struct seen seen = {.n = 0};
	struct gate gate;

	sem_init(&gate.reached, 0, 0);
	sem_init(&gate.open, 0, 0);
	ok(us_worker_submit(worker, wait_at, &gate), "the first job");
	sem_wait(&gate.reached);
	for (unsigned char i = 0; i < MOST; i++) {
		jobs[i] = (struct job){&seen, i};
		ok(us_worker_submit(worker, see, &jobs[i]), "job %d waits", i);
	}
	jobs[MOST] = (struct job){&seen, MOST};
	ok(!us_worker_submit(worker, see, &jobs[MOST]), "the queue is full");
	sem_post(&gate.open);
	us_worker_stop(worker);
	ok(!us_worker_submit(worker, see, &jobs[MOST]),
	    "one that has stopped takes no more");
	us_worker_free(worker);
	is_int(seen.n, MOST, "what was queued is run before the end");
	ok(memcmp(seen.order, "\0\1\2\3", MOST) == 0, "in its order");
	sem_destroy(&gate.reached);
	sem_destroy(&gate.open);
}

/* --- Many threads ------------------------------------------------------- */

#define THREADS 4
#define EACH 2000

struct crowd {
	struct us_worker *worker;
	unsigned run;         /* by the worker alone */
	atomic_uint accepted; /* by all */
};

static void
count(void *arg)
{
	struct crowd *crowd = arg;

	crowd->run++;
}

static void *
submit_all(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < EACH; i++)
		if (us_worker_submit(crowd->worker, count, crowd))
			atomic_fetch_add(&crowd->accepted, 1);
	return NULL;
}

static void
test_crowd(void)
{
	struct crowd crowd = {.worker = us_worker_start("crowd", 8)};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, submit_all, &crowd);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	us_worker_stop(crowd.worker);
	us_worker_free(crowd.worker);
	ok(crowd.run > 0, "jobs of several threads are run");
	is_int(crowd.run, atomic_load(&crowd.accepted),
	    "each once that was taken");
}

static void
test_idle(void)
{
	struct us_worker *worker = us_worker_start("idle", 1);

	us_worker_stop(worker);
	us_worker_free(worker);
	ok(true, "a worker without work stops");
}

int
main(void)
{
	test_queue();
	test_crowd();
	test_idle();
	return plan_done();
}
