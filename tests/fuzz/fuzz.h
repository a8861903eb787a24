/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the doors share. A door is a file of this folder: one input, what usher
 * does with it, and what must hold of that. It defines the two names below;
 * replay.c, libFuzzer or AFL++ calls them.
 */
#ifndef US_FUZZ_H
#define US_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/buf.h"
#include "engine/code.h"
#include "engine/diag.h"
#include "engine/request.h"
#include "engine/rule.h"
#include "engine/str.h"

/* Longer inputs are passed: they find nothing new, and take long. */
#define FUZZ_MAX 4096

extern const char fuzz_door[]; /* its name, and that of its corpus */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold does not: says what, and ends the process. */
_Noreturn void fuzz_broken(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
/* Two texts that must be the same. */
void fuzz_same(const char *what, struct us_str a, struct us_str b);

/* What we take as JSON, json-c reads likewise: peer.c. */
void fuzz_json(struct us_str text);

/* --- Workflows: workflow.c ---------------------------------------------- */

struct fuzz_workflow {
	struct us_ruleset *rs;
	struct us_diags diags;
	bool parsed; /* without an error */
	bool good;   /* and checked without one */
};
void fuzz_load(struct fuzz_workflow *w, struct us_str text,
    enum us_format format);
void fuzz_unload(struct fuzz_workflow *w);
/* The same of a text that must be right; `what` it was made by. */
void fuzz_load_right(struct fuzz_workflow *w, struct us_str text,
    enum us_format format, const char *what);
/* Every message in every form: none may do harm. */
void fuzz_tell(const struct us_diags *diags);

/* A sum of comments, which formatting keeps, whatever their order becomes. */
uint32_t fuzz_comments(const struct us_comment *v, uint32_t n);

/* Of a right workflow: from form to form it stays what it is. */
void fuzz_round(const struct fuzz_workflow *w);
/* And it decides: requests made for its rules, by the index and without. */
void fuzz_run(const struct fuzz_workflow *w);

/*
 * The door of workflows in one form: all of that. parsed: what must hold, too,
 * of one that parses; or NULL. Returns 0.
 */
int fuzz_any_workflow(const uint8_t *data, size_t size, enum us_format format,
    void (*parsed)(const struct fuzz_workflow *w));

/* --- Decisions: decide.c ------------------------------------------------ */

struct fuzz_decider {
	struct us_prog *prog;
	struct us_matcher *index, *loop;
};
struct fuzz_decider fuzz_decider(struct us_prog *prog);
void fuzz_decider_free(struct fuzz_decider *d);
/* Both must say the same, and so must who asks why. */
void fuzz_decide(struct fuzz_decider *d, const struct us_request *req);

/*
 * A request that is made to fit rule i of a workflow: its people, its service,
 * values that its patterns look for. In the arena a.
 */
struct us_request *fuzz_request_for(
    const struct us_ruleset *rs, uint32_t i, struct us_arena *a);

/* --- A workflow that stands: standing.c --------------------------------- */

const struct fuzz_workflow *fuzz_standing(void);
struct fuzz_decider *fuzz_standing_decider(void);

#endif
