/* SPDX-License-Identifier: Apache-2.0 */
/* Counting, and telling the figures of metrics.def. */
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/metrics.h"
#include "daemon/world.h"
#include "engine/err.h"

#ifndef USHER_VERSION
#define USHER_VERSION "unknown"
#endif

/* Upper bounds of the histogram in microseconds; the last bucket has none. */
static const unsigned bounds[] = {
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 25000, 100000, 1000000};
#define BOUND_COUNT (sizeof(bounds) / sizeof(bounds[0]))

typedef atomic_uint_fast64_t counter;

/* What a loop counts, or the workers together. */
struct shard {
	counter buckets[BOUND_COUNT + 1];
	counter micros;
	counter outcomes[]; /* organisation by organisation */
};

struct us_metrics {
	unsigned orgs, shard_count; /* the last shard is of the workers */
	struct shard *shards[];
};

struct us_metrics *
us_metrics_new(unsigned loops, unsigned orgs)
{
	unsigned n = loops + 1;
	struct us_metrics *m =
	    us_calloc(1, sizeof(*m) + n * sizeof(*m->shards));

	m->orgs = orgs;
	m->shard_count = n;
	for (unsigned i = 0; i < n; i++)
		m->shards[i] =
		    us_calloc(1, sizeof(struct shard) +
				     orgs * US_OUTCOME_COUNT * sizeof(counter));
	return m;
}

void
us_metrics_free(struct us_metrics *metrics)
{
	if (!metrics)
		return;
	for (unsigned i = 0; i < metrics->shard_count; i++)
		free(metrics->shards[i]);
	free(metrics);
}

static void
count(counter *c, uint64_t n)
{
	atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

void
us_metrics_decided(struct us_metrics *metrics, unsigned loop, unsigned org,
    enum us_outcome outcome, int64_t micros)
{
	unsigned last = metrics->shard_count - 1, bucket = 0;
	struct shard *shard = metrics->shards[loop < last ? loop : last];

	while (bucket < BOUND_COUNT && micros > bounds[bucket])
		bucket++;
	count(&shard->buckets[bucket], 1);
	count(&shard->micros, micros > 0 ? (uint64_t)micros : 0);
	count(&shard->outcomes[org * US_OUTCOME_COUNT + outcome], 1);
}

/* --- Telling ------------------------------------------------------------ */

/* What the rows are written from; one look at each thing that moves. */
struct scene {
	struct us_world *world;
	const char *name; /* of the row that is being written */
	struct us_http_stats http;
	struct us_writer_stats writer;
	struct us_courier_stats couriers;
	struct us_buf *out;
};

static uint64_t
sum(const struct us_metrics *m, size_t offset)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < m->shard_count; i++) {
		char *shard = (char *)m->shards[i];

		total += atomic_load_explicit(
		    (counter *)(void *)(shard + offset), memory_order_relaxed);
	}
	return total;
}

static void
plain(struct scene *s, uint64_t value)
{
	us_buf_printf(s->out, "%s %llu\n", s->name, (unsigned long long)value);
}

/* A sample of an organisation; names of organisations need no escapes. */
static void
of_org(struct scene *s, const struct us_org *org, uint64_t value)
{
	us_buf_printf(s->out, "%s{org=\"%.*s\"} %llu\n", s->name,
	    US_ARG(org->name), (unsigned long long)value);
}

static void
write_requests(struct scene *s)
{
	for (unsigned i = 1; i < 6; i++)
		us_buf_printf(s->out, "%s{status=\"%uxx\"} %llu\n", s->name, i,
		    (unsigned long long)s->http.by_status[i]);
}

static void
write_connections(struct scene *s)
{
	plain(s, s->http.connections);
}

static void
write_refused(struct scene *s)
{
	plain(s, s->http.refused);
}

static void
write_timed_out(struct scene *s)
{
	plain(s, s->http.timed_out);
}

static void
write_decisions(struct scene *s)
{
	const struct us_world *w = s->world;

	for (unsigned i = 0; i < w->org_count * US_OUTCOME_COUNT; i++) {
		const struct us_org *org = w->orgs[i / US_OUTCOME_COUNT];
		uint64_t n = sum(w->metrics,
		    offsetof(struct shard, outcomes) + i * sizeof(counter));

		us_buf_printf(s->out, "%s{org=\"%.*s\",outcome=\"%s\"} %llu\n",
		    s->name, US_ARG(org->name),
		    us_outcome_name(i % US_OUTCOME_COUNT),
		    (unsigned long long)n);
	}
}

static void
write_latency(struct scene *s)
{
	const struct us_metrics *m = s->world->metrics;
	unsigned long long total = 0;

	for (size_t i = 0; i <= BOUND_COUNT; i++) {
		total += sum(
		    m, offsetof(struct shard, buckets) + i * sizeof(counter));
		us_buf_printf(s->out, "%s_bucket{le=\"", s->name);
		if (i < BOUND_COUNT)
			us_buf_printf(s->out, "%g", bounds[i] / 1e6);
		else
			us_buf_puts(s->out, "+Inf");
		us_buf_printf(s->out, "\"} %llu\n", total);
	}
	us_buf_printf(s->out, "%s_sum %.6f\n%s_count %llu\n", s->name,
	    (double)sum(m, offsetof(struct shard, micros)) / 1e6, s->name,
	    total);
}

static void
write_writes(struct scene *s)
{
	plain(s, s->writer.writes);
}

static void
write_commits(struct scene *s)
{
	plain(s, s->writer.commits);
}

static void
write_write_refused(struct scene *s)
{
	plain(s, s->writer.refused);
}

static void
write_write_failed(struct scene *s)
{
	plain(s, s->writer.failed);
}

static void
write_outbox(struct scene *s)
{
	plain(s, s->couriers.waiting);
}

static void
write_tries(struct scene *s)
{
	plain(s, s->couriers.tries);
}

static void
write_try_failed(struct scene *s)
{
	plain(s, s->couriers.failures);
}

static void
write_unreadable(struct scene *s)
{
	plain(s, s->couriers.unreadable);
}

static void
write_stuck(struct scene *s)
{
	plain(s, s->couriers.stuck);
}

static void
write_oldest(struct scene *s)
{
	int64_t age = us_clock_now() - s->couriers.oldest;

	plain(s, s->couriers.oldest && age > 0 ? (uint64_t)age / 1000 : 0);
}

static void
write_lag(struct scene *s)
{
	int64_t lag = us_keeper_lag(s->world->keeper);

	plain(s, lag > 0 ? (uint64_t)lag / 1000 : 0);
}

static void
write_version(struct scene *s)
{
	for (unsigned i = 0; i < s->world->org_count; i++) {
		struct us_active *active = us_org_active(s->world->orgs[i]);

		of_org(s, s->world->orgs[i], active->version);
		us_active_unref(active);
	}
}

static void
write_created(struct scene *s)
{
	for (unsigned i = 0; i < s->world->org_count; i++) {
		struct us_active *active = us_org_active(s->world->orgs[i]);

		of_org(s, s->world->orgs[i], (uint64_t)active->created / 1000);
		us_active_unref(active);
	}
}

static void
write_rules(struct scene *s)
{
	for (unsigned i = 0; i < s->world->org_count; i++) {
		struct us_active *active = us_org_active(s->world->orgs[i]);

		of_org(s, s->world->orgs[i], active->prog->rules.n);
		us_active_unref(active);
	}
}

static void
write_users(struct scene *s)
{
	for (unsigned i = 0; i < s->world->org_count; i++) {
		struct us_directory *d = us_org_directory(s->world->orgs[i]);

		of_org(s, s->world->orgs[i], us_directory_count(d));
		us_directory_unref(d);
	}
}

static void
write_trouble(struct scene *s)
{
	struct us_buf trouble = {0};

	for (unsigned i = 0; i < s->world->org_count; i++) {
		us_buf_reset(&trouble);
		us_org_trouble(s->world->orgs[i], &trouble);
		of_org(s, s->world->orgs[i], trouble.n > 0);
	}
	us_buf_free(&trouble);
}

static void
write_ready(struct scene *s)
{
	plain(s, s->world->ready);
}

static void
write_build(struct scene *s)
{
	us_buf_printf(s->out, "%s{version=\"%s\"} 1\n", s->name, USHER_VERSION);
}

static const struct {
	const char *name, *type, *help;
	void (*write)(struct scene *s);
} rows[] = {
#define US_METRIC(id, name, type, help) {name, type, help, write_##id},
#include "daemon/metrics.def"
};

void
us_metrics_write(struct us_world *world, struct us_buf *out)
{
	struct scene s = {
	    .world = world,
	    .http = us_http_stats(world->http),
	    .writer = us_writer_stats(world->writer),
	    .couriers = us_courier_stats(world->couriers),
	    .out = out,
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s.name = rows[i].name;
		us_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", s.name,
		    rows[i].help, s.name, rows[i].type);
		rows[i].write(&s);
	}
}
