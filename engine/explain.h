/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why an answer is what it is: for every rule, which part failed and on what
 * value; for a refusal, the smallest changes that would lead to a better one.
 */
#ifndef US_EXPLAIN_H
#define US_EXPLAIN_H

#include "engine/change.h"
#include "engine/match.h"
#include "engine/verdict.h"

/* One condition of a rule. */
struct us_part {
	uint32_t insn;      /* index in the program */
	enum us_tri holds;
	const char *text;   /* the condition, in the words of the language */
	const char *value;  /* what the request has there, as JSON: a string,
			     * a list ([] nothing), null (not known), ... */
};

enum us_line_state {
	US_LINE_MATCHES,
	US_LINE_FAILS,
	US_LINE_UNDECIDED,
	US_LINE_DISABLED,
	US_LINE_ALONE, /* from some, and no other rule matches */
};

/* A rule or a pre-approval. */
struct us_line_why {
	struct us_str name;
	enum us_line_state state;
	US_LIST(struct us_part) parts;
};
typedef US_LIST(struct us_line_why) us_line_whys;

struct us_why {
	const struct us_prog *prog;
	const struct us_verdict *verdict;
	us_line_whys rules;        /* all, in the workflow's order */
	us_line_whys preapprovals;
	struct us_changes changes; /* empty unless a refusal */
};

/*
 * By a matcher, which decides some thousand requests for it at most (change.h).
 * In the arena a; the verdict is copied into it too.
 */
const struct us_why *us_explain(
    struct us_matcher *m, const struct us_request *req, struct us_arena *a);

/* The answer as JSON with a member `explain`. */
void us_why_json(const struct us_why *why, struct us_buf *out);

/*
 * The answer for people. `all` tells every rule; else rules for another
 * service or access type are only counted.
 */
void us_why_text(
    const struct us_why *why, bool all, bool colour, struct us_buf *out);

#endif
