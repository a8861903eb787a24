/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's thread and the ring of what it is to run. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/worker.h"
#include "engine/err.h"

struct job {
	void (*run)(void *arg);
	void *arg;
};

struct us_worker {
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	bool stopping;
	unsigned first, n, max;
	struct job ring[];
};

/* Waits for a job; false when there is none and there will be none. */
static bool
take(struct us_worker *worker, struct job *job)
{
	bool any;

	pthread_mutex_lock(&worker->lock);
	while (worker->n == 0 && !worker->stopping)
		pthread_cond_wait(&worker->wake, &worker->lock);
	any = worker->n > 0;
	if (any) {
		*job = worker->ring[worker->first];
		worker->first = (worker->first + 1) % worker->max;
		worker->n--;
	}
	pthread_mutex_unlock(&worker->lock);
	return any;
}

static void *
work(void *arg)
{
	struct us_worker *worker = arg;
	struct job job;

	while (take(worker, &job))
		job.run(job.arg);
	return NULL;
}

struct us_worker *
us_worker_start(const char *name, unsigned queue_max)
{
	struct us_worker *worker =
	    us_calloc(1, sizeof(*worker) + queue_max * sizeof(worker->ring[0]));
	char short_name[16]; /* all that the kernel takes */
	int rc;

	worker->max = queue_max;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->wake, NULL);
	rc = pthread_create(&worker->thread, NULL, work, worker);
	if (rc) {
		us_log(US_LOG_ERROR, "cannot start worker \"%s\": %s", name,
		    strerror(rc));
		us_worker_free(worker);
		return NULL;
	}
	snprintf(short_name, sizeof(short_name), "%s", name);
	pthread_setname_np(worker->thread, short_name);
	return worker;
}

void
us_worker_stop(struct us_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
}

void
us_worker_free(struct us_worker *worker)
{
	pthread_cond_destroy(&worker->wake);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}

bool
us_worker_submit(struct us_worker *worker, void (*run)(void *arg), void *arg)
{
	bool room;

	pthread_mutex_lock(&worker->lock);
	room = worker->n < worker->max && !worker->stopping;
	if (room) {
		worker->ring[(worker->first + worker->n) % worker->max] =
		    (struct job){run, arg};
		worker->n++;
		pthread_cond_signal(&worker->wake);
	}
	pthread_mutex_unlock(&worker->lock);
	return room;
}
