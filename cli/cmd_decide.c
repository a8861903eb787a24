/* SPDX-License-Identifier: Apache-2.0 */
/* usher decide and usher explain: requests in, one answer each out. */
#include "cli/args.h"
#include "cli/feed.h"
#include "cli/out.h"
#include "cli/workflow.h"
#include "engine/explain.h"
#include "engine/json_request.h"
#include "engine/verdict.h"

struct decider {
	struct us_prog *prog;
	struct us_matcher *matcher;
	struct us_feed feed;
	struct us_arena scratch; /* of one request */
	struct us_buf out;
	bool explain, json, all, colour;
	uint32_t answers;
	int status;
};

/* One request was no request: what stands for its answer. */
static void
put_error(struct decider *d, struct us_src *src, const struct us_diags *diags)
{
	const struct us_diag *diag;
	uint32_t line = src->lines_before + 1, column;
	struct us_buf text = {0};

	US_EACH (diag, &diags->list) {
		if (us_diag_severity(diag->id) == US_ERROR)
			break;
	}
	if (diag->loc.src == src) {
		us_src_place(src, diag->loc.off, &line, &column);
		us_src_path(src, diag->loc.off, &text);
	}
	us_buf_printf(&text, "%s%s", text.n ? ": " : "", diag->text);
	if (d->json) {
		us_buf_puts(&d->out, "{\"error\":");
		us_buf_json(&d->out, us_buf_str(&text));
		us_buf_printf(&d->out, ",\"line\":%u}", line);
	} else {
		us_buf_printf(&d->out, "line %u: error: %s", line, text.p);
	}
	us_buf_free(&text);
}

static void
put_answer(struct decider *d, const struct us_request *req)
{
	const struct us_why *why;

	if (!d->explain) {
		us_verdict_json(us_decide(d->matcher, req), &d->out);
		return;
	}
	why = us_explain(d->matcher, req, &d->scratch);
	if (d->json)
		us_why_json(why, &d->out);
	else
		us_why_text(why, d->all, d->colour, &d->out);
}

static void
answer(struct decider *d, struct us_src *src, struct us_diags *diags)
{
	const struct us_request *req = NULL;

	us_buf_reset(&d->out);
	if (d->answers++ && !d->json)
		us_buf_putc(&d->out, '\n');
	if (!diags->errors)
		req = us_request_from_json(src, &d->scratch, diags);
	us_out_diags(diags);
	if (req) {
		put_answer(d, req);
	} else {
		put_error(d, src, diags);
		d->status = US_EXIT_NO;
	}
	if (d->out.p[d->out.n - 1] != '\n')
		us_buf_putc(&d->out, '\n');
	us_out(&d->out);
	us_arena_reset(&d->scratch);
}

/* Until the input ends, or nobody can read what we write. */
static void
answer_all(struct decider *d)
{
	struct us_diags diags = {0};
	struct us_src *src;

	while (!ferror(stdout) && (src = us_feed_next(&d->feed, &diags))) {
		answer(d, src, &diags);
		us_diags_free(&diags);
		us_src_free(src);
	}
	if (!d->answers && !diags.errors) {
		us_out_error("there is no request in \"%s\"", d->feed.name);
		d->status = US_EXIT_NO;
	}
	us_out_diags(&diags);
	if (diags.unreadable)
		d->status = US_EXIT_BAD;
	us_diags_free(&diags);
}

static int
decide(struct decider *d, const struct us_args *args)
{
	const char *path = args->operands.n ? args->operands.v[0] : NULL;
	struct us_diags diags = {0};
	int status;

	if (us_feed_open(&d->feed, path, &diags)) {
		us_out_follow(d->feed.in);
		d->matcher = us_workflow_matcher(d->prog, args);
		answer_all(d);
		us_matcher_free(d->matcher);
	}
	us_out_diags(&diags);
	status = diags.unreadable ? US_EXIT_BAD : d->status;
	us_diags_free(&diags);
	us_feed_close(&d->feed);
	us_arena_free(&d->scratch);
	us_buf_free(&d->out);
	return status;
}

static int
run(struct us_args *args, bool explain)
{
	struct decider d = {
	    .explain = explain,
	    .json = !explain || us_args_has(args, US_FLAG_JSON),
	    .all = us_args_has(args, US_FLAG_ALL),
	    .colour = us_out_colour(stdout),
	};
	struct us_workflow w;
	int status;

	if (!us_args_split_rules(args))
		return US_EXIT_BAD;
	status = us_workflow_open(&w, &args->flags[US_FLAG_RULES]);
	if (!status) {
		d.prog = w.prog;
		status = decide(&d, args);
	}
	us_workflow_free(&w);
	return status;
}

int
us_cmd_decide(struct us_args *args)
{
	return run(args, false);
}

int
us_cmd_explain(struct us_args *args)
{
	return run(args, true);
}
