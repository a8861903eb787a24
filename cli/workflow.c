/* SPDX-License-Identifier: Apache-2.0 */
/* From paths to a program. */
#include "cli/out.h"
#include "cli/workflow.h"
#include "engine/compile.h"
#include "grammar/load.h"

bool
us_workflow_load(struct us_workflow *w, char *const *paths, unsigned n,
    struct us_diags *diags)
{
	struct us_loc nowhere = {0};

	*w = (struct us_workflow){.rs = us_ruleset_new()};
	if (us_load(w->rs, paths, n, diags))
		return false;
	w->prog = us_compile(w->rs);
	if (!w->prog)
		us_diag_add(diags, US_DIAG_LIMIT, nowhere,
		    "these rules cannot be compiled, although nothing is wrong "
		    "with them: please report it");
	return w->prog != NULL;
}

void
us_workflow_free(struct us_workflow *w)
{
	if (w->prog)
		us_prog_unref(w->prog);
	if (w->rs)
		us_ruleset_free(w->rs);
	*w = (struct us_workflow){0};
}

int
us_workflow_open(struct us_workflow *w, const us_words *paths)
{
	struct us_diags diags = {0};
	int status;

	us_workflow_load(w, paths->v, paths->n, &diags);
	us_diags_sort(&diags);
	us_out_diags(&diags);
	status = us_out_status(&diags);
	us_diags_free(&diags);
	return status;
}

struct us_matcher *
us_workflow_matcher(struct us_prog *prog, const struct us_args *args)
{
	struct us_matcher *m = us_matcher_new(prog);

	if (us_args_has(args, US_FLAG_NO_INDEX))
		us_matcher_loop(m);
	return m;
}
