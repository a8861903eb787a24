/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Posting JSON to others over HTTP: blocking, and bounded in time and size.
 * post.c is the only file of the daemon that includes curl.
 */
#ifndef US_POST_H
#define US_POST_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/buf.h"

/* What is kept between calls, connections above all; of one thread. */
struct us_post;

/* Before the first thread posts; and after the last. */
void us_post_begin(void);
void us_post_end(void);

struct us_post *us_post_new(void);
void us_post_free(struct us_post *post); /* NULL too */

struct us_post_call {
	const char *url;      /* http or https */
	struct us_str bearer; /* a token */
	struct us_str body;   /* JSON */
	unsigned timeout_seconds;
	const atomic_bool *stop; /* when true: break off */
};

/*
 * The status of the answer, whose body is added to *answer. 0: there was none,
 * and why is added to *error. Redirections are answers, and not followed.
 */
long us_post(struct us_post *post, const struct us_post_call *call,
    struct us_buf *answer, struct us_buf *error);
/* May the other side have had something of the last call? */
bool us_post_was_sent(const struct us_post *post);

#endif
