/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what is wrong with an input, where, and what to do. All that
 * is found in one run is collected here; who runs the program prints it.
 */
#ifndef US_DIAG_H
#define US_DIAG_H

#include <stdbool.h>

#include "engine/arena.h"
#include "engine/buf.h"
#include "engine/src.h"

enum us_severity { US_ERROR, US_WARNING };

/* One row of diag.def each. */
enum us_diag_id {
#define US_DIAG(id, severity, name, help) US_DIAG_##id,
#include "engine/diag.def"
	US_DIAG_COUNT
};

struct us_diag {
	enum us_diag_id id;
	struct us_loc loc;  /* src NULL: no place */
	const char *text;   /* one sentence, no final stop */
	struct us_loc see;  /* another place that matters, or src NULL */
	const char *see_text;
};

/* A zeroed struct us_diags is empty. */
struct us_diags {
	struct us_arena arena;
	US_LIST(struct us_diag) list;
	uint32_t errors, warnings;
	bool unreadable; /* an input could not be read at all */
};

void us_diags_free(struct us_diags *d);

/* The row of an id. */
const char *us_diag_name(enum us_diag_id id);
const char *us_diag_help(enum us_diag_id id);
enum us_severity us_diag_severity(enum us_diag_id id);

struct us_diag *us_diag_add(struct us_diags *d, enum us_diag_id id,
    struct us_loc loc, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* "first defined here" and the like, to the diagnostic just added. */
void us_diag_see(struct us_diags *d, struct us_diag *diag, struct us_loc see,
    const char *text);

/* Sorts by source (in the order of loading) and place. */
void us_diags_sort(struct us_diags *d);

/*
 * file:line:column: error: text [id], the source line, a caret under the
 * place; for a JSON or YAML value its path before the text.
 */
void us_diag_text(const struct us_diag *diag, bool colour, struct us_buf *out);

/*
 * One JSON object: {"file","line","column","severity","id","text","path"?,
 * "see"?: {"file","line","column","text"}}.
 */
void us_diag_json(const struct us_diag *diag, struct us_buf *out);

/*
 * The candidate nearest to s in edit distance, near enough to be meant; NULL
 * if none is. Start with *best = NULL, *distance = 0, offer each candidate.
 */
struct us_nearest {
	struct us_str wanted, best;
	unsigned distance;
};
void us_nearest_offer(struct us_nearest *n, struct us_str candidate);
/* " (did you mean \"x\"?)" or "", in the arena of d. */
const char *us_nearest_hint(const struct us_nearest *n, struct us_diags *d);

#endif
