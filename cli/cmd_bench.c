/* SPDX-License-Identifier: Apache-2.0 */
/* usher bench: how fast requests are decided. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/feed.h"
#include "cli/out.h"
#include "cli/timing.h"
#include "cli/workflow.h"
#include "engine/err.h"
#include "engine/json_request.h"
#include "engine/verdict.h"

struct bench {
	struct us_matcher *matcher;
	struct us_arena arena;
	US_LIST(const struct us_request *) requests;
	struct us_histogram all;    /* nanoseconds of each decision */
	struct us_histogram spread; /* 1000 x p99 / p50 of each request */
	struct us_pace pace;
	double compile_ms, candidates, matches;
};

static void
decide(void *bench, uint32_t request)
{
	struct bench *b = bench;

	us_decide(b->matcher, b->requests.v[request]);
}

/* How much there is to do: a decision each, which warms up as well. */
static void
count_work(struct bench *b)
{
	for (uint32_t i = 0; i < b->requests.n; i++) {
		b->candidates += us_match_offered(b->matcher, b->requests.v[i]);
		b->matches += us_decide(b->matcher, b->requests.v[i])->rules.n;
	}
	b->candidates /= b->requests.n;
	b->matches /= b->requests.n;
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
		   "\"rules\":%u,\"requests\":%u,\"candidates\":%.2f,"
		   "\"matches\":%.2f,\"cpu_ns\":%.1f"
		 : "decisions/s  %12.0f\n"
		   "p50          %12llu ns\n"
		   "p99          %12llu ns\n"
		   "max          %12llu ns\n"
		   "compile      %12.3f ms\n"
		   "memory       %12lu KiB\n"
		   "rules        %12u\n"
		   "requests     %12u\n"
		   "candidates   %12.2f\n"
		   "matches      %12.2f\n"
		   "cpu          %12.1f ns\n",
	    b->pace.per_s, (unsigned long long)us_histogram_part(&b->all, 0.50),
	    (unsigned long long)us_histogram_part(&b->all, 0.99),
	    (unsigned long long)b->all.max, b->compile_ms, rss_kib(),
	    us_matcher_prog(b->matcher)->rules.n, b->requests.n, b->candidates,
	    b->matches, b->pace.cpu_ns);
	if (b->spread.n)
		us_buf_printf(out,
		    json ? ",\"spread_p50\":%.3f,\"spread_p99\":%.3f,"
			   "\"spread_max\":%.3f"
			 : "p99 : p50    %12.2f, of 99 in 100 %.2f, worst "
			   "%.2f\n",
		    (double)us_histogram_part(&b->spread, 0.50) / 1000,
		    (double)us_histogram_part(&b->spread, 0.99) / 1000,
		    (double)b->spread.max / 1000);
	if (json)
		us_buf_puts(out, "}\n");
}

static void
measure(struct bench *b, double seconds, double repeats, bool json)
{
	uint64_t half = (uint64_t)(seconds * 1e9 / 2);
	struct us_buf out = {0};

	count_work(b);
	b->pace = us_time_all(decide, b, b->requests.n, half);
	us_time_each(decide, b, b->requests.n, half, &b->all);
	if (repeats > 0)
		us_time_repeats(
		    decide, b, b->requests.n, (uint64_t)repeats, &b->spread);
	put_result(b, json, &out);
	us_out(&out);
	us_buf_free(&out);
}

#define SECONDS_MAX 3600
#define REPEATS_MAX 1000000

/* What an option says, or what goes without; negative after a message. */
static double
number_wanted(const struct us_args *args, enum us_flag_id flag,
    const char *name, double usual, int max, bool whole)
{
	const char *text = us_args_value(args, flag);
	char *end;
	double number;

	if (!text)
		return usual;
	number = strtod(text, &end);
	if (end != text && !*end && number > 0 && number <= max &&
	    (!whole || number == (int)number))
		return number;
	us_args_wrong(args,
	    "--%s %s: a %snumber over 0, at most %d, is expected", name, text,
	    whole ? "whole " : "", max);
	return -1;
}

static int
bench(
    struct bench *b, const struct us_args *args, double seconds, double repeats)
{
	struct us_workflow w;
	uint64_t start;
	int status = read_requests(b, args->operands.v[0]);

	if (status)
		return status;
	start = us_now_ns();
	status = us_workflow_open(&w, &args->flags[US_FLAG_RULES]);
	if (!status) {
		b->matcher = us_workflow_matcher(w.prog, args);
		b->compile_ms = (double)(us_now_ns() - start) / 1e6;
		measure(b, seconds, repeats, us_args_has(args, US_FLAG_JSON));
		us_matcher_free(b->matcher);
	}
	us_workflow_free(&w);
	return status;
}

int
us_cmd_bench(struct us_args *args)
{
	struct bench *b;
	double seconds = number_wanted(
	    args, US_FLAG_SECONDS, "seconds", 2, SECONDS_MAX, false);
	double repeats =
	    number_wanted(args, US_FLAG_REPEAT, "repeat", 0, REPEATS_MAX, true);
	int status;

	if (seconds < 0 || repeats < 0 || !us_args_split_rules(args))
		return US_EXIT_BAD;
	if (!args->operands.n) {
		us_args_wrong(args, "which requests? say a file of them last");
		return US_EXIT_BAD;
	}
	b = us_calloc(1, sizeof(*b));
	status = bench(b, args, seconds, repeats);
	us_arena_free(&b->arena);
	free(b);
	return status;
}
