/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests from a file or standard input: one JSON document, or one request
 * on each line. Lines are read one at a time, so that a batch takes constant
 * memory and its answers follow it.
 */
#ifndef US_FEED_H
#define US_FEED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/buf.h"
#include "engine/diag.h"
#include "engine/src.h"

struct us_feed {
	FILE *in;
	const char *name;
	bool begun, end;
	bool ahead; /* `line` was read, but not given out */
	struct us_buf line, first;
	uint32_t number; /* of the last line read */
	bool too_long; /* it is cut off */
};

/* Opens path; NULL or "-" is standard input. False with a diagnostic. */
bool us_feed_open(struct us_feed *f, const char *path, struct us_diags *diags);
void us_feed_close(struct us_feed *f);

/*
 * The next request as a source of its own, which the caller frees; NULL at
 * the end. When a diagnostic was added, the source is no request.
 */
struct us_src *us_feed_next(struct us_feed *f, struct us_diags *diags);

#endif
