/* SPDX-License-Identifier: Apache-2.0 */
/* usher bench: how fast requests are decided. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/feed.h"
#include "cli/out.h"
#include "cli/workflow.h"
#include "engine/err.h"
#include "engine/json_request.h"
#include "engine/verdict.h"

/*
 * Latencies are counted in buckets of a width of 1/64 of their value, so that
 * the measurement needs little memory, and always the same.
 */
#define SUB_BITS 6
#define BUCKETS (64 << SUB_BITS)

struct bench {
	struct us_matcher *matcher;
	struct us_arena arena;
	US_LIST(const struct us_request *) requests;
	uint64_t *buckets;
	uint64_t timed, max_ns;
	double decisions_per_s, compile_ms;
};

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static unsigned
bucket_of(uint64_t ns)
{
	unsigned shift = 0;

	while (ns >> shift >= 2 << SUB_BITS)
		shift++;
	return (shift << SUB_BITS) + (unsigned)(ns >> shift);
}

/* The least latency of a bucket. */
static uint64_t
bucket_ns(unsigned bucket)
{
	unsigned shift = bucket >> SUB_BITS;

	if (shift)
		shift--;
	return (uint64_t)(bucket - (shift << SUB_BITS)) << shift;
}

static uint64_t
percentile(const struct bench *b, double part)
{
	uint64_t wanted = (uint64_t)((double)b->timed * part), sum = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		sum += b->buckets[i];
		if (sum > wanted)
			return bucket_ns(i);
	}
	return b->max_ns;
}

/* Reads the clock once in a few hundred decisions at most. */
static void
count_rounds(struct bench *b, uint64_t ns)
{
	uint64_t start = now_ns(), elapsed, decisions = 0;
	uint32_t rounds = 512 / b->requests.n + 1;

	do {
		for (uint32_t k = 0; k < rounds; k++) {
			for (uint32_t i = 0; i < b->requests.n; i++)
				us_decide(b->matcher, b->requests.v[i]);
		}
		decisions += (uint64_t)rounds * b->requests.n;
		elapsed = now_ns() - start;
	} while (elapsed < ns);
	b->decisions_per_s = (double)decisions * 1e9 / (double)elapsed;
}

static void
time_each(struct bench *b, uint64_t ns)
{
	uint64_t start = now_ns(), before, after = start;

	do {
		for (uint32_t i = 0; i < b->requests.n; i++) {
			before = now_ns();
			us_decide(b->matcher, b->requests.v[i]);
			after = now_ns();
			b->buckets[bucket_of(after - before)]++;
			b->timed++;
			if (after - before > b->max_ns)
				b->max_ns = after - before;
		}
	} while (after - start < ns);
}

/* Resident memory of this process; 0 where the system does not tell. */
static unsigned long
rss_kib(void)
{
	FILE *in = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!in)
		return 0;
	if (fscanf(in, "%*s %lu", &pages) != 1)
		pages = 0;
	fclose(in);
	return pages * ((unsigned long)sysconf(_SC_PAGESIZE) / 1024);
}

static int
read_requests(struct bench *b, const char *path)
{
	struct us_diags diags = {0};
	struct us_feed feed;
	struct us_src *src;
	const struct us_request *req;
	int status = US_EXIT_OK;

	if (us_feed_open(&feed, path, &diags)) {
		while ((src = us_feed_next(&feed, &diags))) {
			req = diags.errors ? NULL
					   : us_request_from_json(
						 src, &b->arena, &diags);
			if (req)
				*us_list_add(&b->arena, &b->requests) = req;
			us_out_diags(&diags);
			if (diags.errors)
				status = US_EXIT_NO;
			us_diags_free(&diags);
			us_src_free(src);
		}
	}
	us_out_diags(&diags);
	if (diags.unreadable)
		status = US_EXIT_BAD;
	if (!status && !b->requests.n) {
		us_out_error("there is no request in \"%s\"", path);
		status = US_EXIT_NO;
	}
	us_feed_close(&feed);
	us_diags_free(&diags);
	return status;
}

static void
put_result(const struct bench *b, bool json, struct us_buf *out)
{
	us_buf_printf(out,
	    json ? "{\"decisions_per_s\":%.0f,\"p50_ns\":%llu,\"p99_ns\":%llu,"
		   "\"max_ns\":%llu,\"compile_ms\":%.3f,\"rss_kib\":%lu,"
		   "\"rules\":%u,\"requests\":%u}\n"
		 : "decisions/s  %12.0f\n"
		   "p50          %12llu ns\n"
		   "p99          %12llu ns\n"
		   "max          %12llu ns\n"
		   "compile      %12.3f ms\n"
		   "memory       %12lu KiB\n"
		   "rules        %12u\n"
		   "requests     %12u\n",
	    b->decisions_per_s,
	    (unsigned long long)percentile(b, 0.50),
	    (unsigned long long)percentile(b, 0.99),
	    (unsigned long long)b->max_ns, b->compile_ms, rss_kib(),
	    us_matcher_prog(b->matcher)->rules.n, b->requests.n);
}

static void
measure(struct bench *b, double seconds, bool json)
{
	uint64_t half = (uint64_t)(seconds * 1e9 / 2);
	struct us_buf out = {0};

	b->buckets = us_calloc(BUCKETS, sizeof(*b->buckets));
	for (uint32_t i = 0; i < b->requests.n; i++) /* warms up */
		us_decide(b->matcher, b->requests.v[i]);
	count_rounds(b, half);
	time_each(b, half);
	put_result(b, json, &out);
	us_out(&out);
	us_buf_free(&out);
	free(b->buckets);
}

#define SECONDS_MAX 3600

/* How long to measure; negative after a message. */
static double
seconds_wanted(const struct us_args *args)
{
	const char *text = us_args_value(args, US_FLAG_SECONDS);
	char *end;
	double seconds;

	if (!text)
		return 2;
	seconds = strtod(text, &end);
	if (end != text && !*end && seconds > 0 && seconds <= SECONDS_MAX)
		return seconds;
	us_args_wrong(args,
	    "--seconds %s: a number over 0, at most %d, is "
	    "expected",
	    text, SECONDS_MAX);
	return -1;
}

static int
bench(struct bench *b, const struct us_args *args, double seconds)
{
	struct us_workflow w;
	uint64_t start;
	int status = read_requests(b, args->operands.v[0]);

	if (status)
		return status;
	start = now_ns();
	status = us_workflow_open(&w, &args->flags[US_FLAG_RULES]);
	if (!status) {
		b->matcher = us_workflow_matcher(w.prog, args);
		b->compile_ms = (double)(now_ns() - start) / 1e6;
		measure(b, seconds, us_args_has(args, US_FLAG_JSON));
		us_matcher_free(b->matcher);
	}
	us_workflow_free(&w);
	return status;
}

int
us_cmd_bench(struct us_args *args)
{
	struct bench b = {0};
	double seconds = seconds_wanted(args);
	int status;

	if (seconds < 0 || !us_args_split_rules(args))
		return US_EXIT_BAD;
	if (!args->operands.n) {
		us_args_wrong(args, "which requests? say a file of them last");
		return US_EXIT_BAD;
	}
	status = bench(&b, args, seconds);
	us_arena_free(&b.arena);
	return status;
}
