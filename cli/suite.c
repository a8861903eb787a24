/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of tests, each set loaded once. */
#include "cli/suite.h"

/* A path of a test file, which is beside that file. */
static char *
beside(const struct us_src *src, struct us_str path, struct us_arena *a)
{
	const char *slash = strrchr(src->name, '/');
	int folder = slash ? (int)(slash + 1 - src->name) : 0;

	if (path.n && path.p[0] == '/')
		folder = 0;
	return us_arena_printf(a, "%.*s%.*s", folder, src->name, US_ARG(path));
}

static bool
same_paths(const us_words *x, const us_words *y)
{
	if (x->n != y->n)
		return false;
	for (uint32_t i = 0; i < x->n; i++) {
		if (strcmp(x->v[i], y->v[i]) != 0)
			return false;
	}
	return true;
}

static void
load(struct us_suite *suite, const struct us_args *args)
{
	suite->status = us_workflow_open(&suite->workflow, &suite->paths);
	if (suite->status)
		return;
	suite->matcher =
	    us_workflow_matcher(suite->workflow.prog, args);
	suite->coverage = us_coverage_new(suite->workflow.prog);
}

struct us_suite *
us_suite_of(us_suites *suites, const struct us_testset *ts,
    const struct us_args *args, struct us_arena *a)
{
	struct us_suite **known, *suite;
	const struct us_word *path;
	us_words paths = {0};

	US_EACH (path, &ts->rules)
		*us_list_add(a, &paths) = beside(ts->src, path->s, a);
	US_EACH (known, suites) {
		if (same_paths(&(*known)->paths, &paths))
			return *known;
	}
	suite = us_arena_alloc(a, sizeof(*suite));
	*us_list_add(a, suites) = suite;
	suite->paths = paths;
	load(suite, args);
	return suite;
}

void
us_suites_free(us_suites *suites)
{
	struct us_suite **suite;

	US_EACH (suite, suites) {
		us_coverage_free(&(*suite)->coverage);
		us_matcher_free((*suite)->matcher);
		us_workflow_free(&(*suite)->workflow);
	}
}
