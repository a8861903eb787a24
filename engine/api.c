/* SPDX-License-Identifier: Apache-2.0 */
/* The public calls that decide; grammar/api_load.c has those that load. */
#include <stdlib.h>

#include "engine/api.h"
#include "engine/code.h"
#include "engine/compile.h"
#include "engine/err.h"
#include "engine/explain.h"
#include "engine/json_request.h"
#include "engine/lint.h"
#include "engine/match.h"
#include "engine/verdict.h"

struct usher_decider {
	struct us_prog *prog;
	struct us_matcher *matcher;
	struct us_arena arena; /* the request */
	struct us_buf json, error;
};

/* The public outcomes are those of outcome.def. */
_Static_assert(USHER_GRANTED == (int)US_OUTCOME_GRANTED &&
	USHER_PENDING == (int)US_OUTCOME_PENDING &&
	USHER_INCOMPLETE == (int)US_OUTCOME_INCOMPLETE &&
	USHER_UNKNOWN == (int)US_OUTCOME_UNKNOWN &&
	USHER_DENIED == (int)US_OUTCOME_DENIED &&
	USHER_NO_ROUTE == (int)US_OUTCOME_NO_ROUTE,
    "outcomes differ");

struct usher_rules *
us_rules_new(const struct us_ruleset *rs, struct us_diags *diags)
{
	struct us_prog *prog = us_compile(rs);
	struct usher_rules *rules;

	if (!prog) {
		us_diag_add(diags, US_DIAG_INTERNAL, (struct us_loc){0},
		    "the rules did not compile; this is a defect of usher");
		return NULL;
	}
	us_lint(rs, NULL, diags);
	rules = us_malloc(sizeof(*rules));
	rules->prog = prog;
	return rules;
}

void
usher_rules_free(struct usher_rules *rules)
{
	if (!rules)
		return;
	us_prog_unref(rules->prog);
	free(rules);
}

size_t
usher_rules_count(const struct usher_rules *rules)
{
	return rules->prog->rules.n;
}

struct usher_problems *
us_problems_new(const struct us_diags *diags)
{
	struct usher_problems *problems;
	const struct us_diag *diag;
	struct us_problem *one;
	struct us_buf buf = {0};

	if (!diags->list.n)
		return NULL;
	problems = us_calloc(1, sizeof(*problems));
	US_EACH (diag, &diags->list) {
		one = us_list_add(&problems->arena, &problems->list);
		us_buf_reset(&buf);
		us_diag_text(diag, false, &buf);
		one->text = us_arena_str(&problems->arena, us_buf_str(&buf)).p;
		us_buf_reset(&buf);
		us_diag_json(diag, &buf);
		one->json = us_arena_str(&problems->arena, us_buf_str(&buf)).p;
	}
	us_buf_free(&buf);
	return problems;
}

size_t
usher_problems_count(const struct usher_problems *problems)
{
	return problems ? problems->list.n : 0;
}

const char *
usher_problem_text(const struct usher_problems *problems, size_t i)
{
	return i < usher_problems_count(problems) ? problems->list.v[i].text
						  : NULL;
}

const char *
usher_problem_json(const struct usher_problems *problems, size_t i)
{
	return i < usher_problems_count(problems) ? problems->list.v[i].json
						  : NULL;
}

void
usher_problems_free(struct usher_problems *problems)
{
	if (!problems)
		return;
	us_arena_free(&problems->arena);
	free(problems);
}

struct usher_decider *
usher_decider_new(const struct usher_rules *rules)
{
	struct usher_decider *d = us_calloc(1, sizeof(*d));

	d->prog = us_prog_ref(rules->prog);
	d->matcher = us_matcher_new(d->prog);
	return d;
}

void
usher_decider_free(struct usher_decider *d)
{
	if (!d)
		return;
	us_matcher_free(d->matcher);
	us_prog_unref(d->prog);
	us_arena_free(&d->arena);
	us_buf_free(&d->json);
	us_buf_free(&d->error);
	free(d);
}

/* The answer when the request is none. */
static void
refuse(struct usher_decider *d, const struct us_diags *diags)
{
	const struct us_diag *diag;

	US_EACH (diag, &diags->list)
		us_diag_text(diag, false, &d->error);
	us_buf_puts(&d->json, "{\"error\":");
	us_buf_json(&d->json, us_buf_str(&d->error));
	us_buf_putc(&d->json, '}');
}

static void
answer_request(struct usher_decider *d, const struct us_request *req,
    bool explain, struct usher_answer *answer)
{
	const struct us_verdict *v;
	const struct us_why *why;

	if (explain) {
		why = us_explain(d->matcher, req, &d->arena);
		v = why->verdict;
		us_why_json(why, &d->json);
	} else {
		v = us_decide(d->matcher, req);
		us_verdict_json(v, &d->json);
	}
	answer->outcome = (enum usher_outcome)v->outcome;
	answer->by = us_by_name(v->by);
}

static int
ask(struct usher_decider *d, const char *request, size_t size, bool explain,
    struct usher_answer *answer)
{
	struct us_diags diags = {0};
	struct us_request *req = NULL;
	struct us_src *src;

	*answer = (struct usher_answer){.outcome = USHER_UNKNOWN};
	us_arena_reset(&d->arena);
	us_buf_reset(&d->json);
	us_buf_reset(&d->error);
	src = us_src_new("request",
	    (struct us_str){request, size <= US_REQUEST_MAX ? size : 0},
	    US_FORMAT_JSON);
	if (size > US_REQUEST_MAX)
		us_diag_add(&diags, US_DIAG_LIMIT, (struct us_loc){0},
		    "request of %zu bytes; at most %d are read", size,
		    US_REQUEST_MAX);
	else
		req = us_request_from_json(src, &d->arena, &diags);
	if (req)
		answer_request(d, req, explain, answer);
	else
		refuse(d, &diags);
	answer->json = us_buf_str(&d->json).p;
	answer->json_size = d->json.n;
	answer->error = req ? NULL : us_buf_str(&d->error).p;
	us_src_free(src);
	us_diags_free(&diags);
	return req ? 0 : -1;
}

int
usher_decide(struct usher_decider *decider, const char *request, size_t size,
    struct usher_answer *answer)
{
	return ask(decider, request, size, false, answer);
}

int
usher_explain(struct usher_decider *decider, const char *request, size_t size,
    struct usher_answer *answer)
{
	return ask(decider, request, size, true, answer);
}
