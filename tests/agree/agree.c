/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole answers, letter by letter, on random workflows and requests: the engine
 * by its index against naive.c, against the loop over all rules, and against
 * itself, when items are decided in batches and when workflows were changed in
 * ways that must not matter.
 *
 *	agree [COUNT [SEED]]	so many requests
 *	agree cases FILE	those of a file: a line each, {"rules",
 * "request"}
 *
 * What a run never reached, it did not test: then it fails.
 */
#include "engine/explain.h"
#include "tests/agree/agree.h"
#include "tests/unit/load.h"

#define COUNT 60000 /* each by three ways: 120,000 comparisons, and others */
#define COUNT_INSTRUMENTED 20000
#define PEOPLE 6 /* of each workflow; and for each of them */
#define ITEMS 5
#define EXPLAINED 50 /* one of so many requests */
#define TRIES_MAX 8  /* SPEC 5 */
#define SHOWN 3

/* --- Loading ----------------------------------------------------------- */

static struct loaded
load(struct us_str text)
{
	struct loaded l = {.rs = us_ruleset_new()};
	struct us_diags diags = {0};
	struct us_json_value value;
	struct us_src *src;

	src = us_src_new("rules", text, US_FORMAT_JSON);
	*us_list_add(&l.rs->arena, &l.rs->sources) = src;
	if (us_json_parse(src, &diags, &value))
		us_rules_from_json(l.rs, src, value, &diags);
	us_check(l.rs, &diags);
	test_must_be_right(&diags);
	l.prog = us_compile(l.rs);
	l.matcher = us_matcher_new(l.prog);
	l.loop = us_matcher_new(l.prog);
	us_matcher_loop(l.loop);
	l.batch = us_matcher_new(l.prog);
	l.reach = reach_new(l.prog);
	us_diags_free(&diags);
	return l;
}

static struct loaded
load_generated(const struct generate_workflow *w)
{
	struct us_buf text = {0};
	struct loaded l;

	generate_workflow_json(w, &text);
	l = load(us_buf_str(&text));
	us_buf_free(&text);
	return l;
}

static void
unload(struct loaded *l)
{
	us_matcher_free(l->matcher);
	us_matcher_free(l->loop);
	us_matcher_free(l->batch);
	reach_free(l->reach);
	us_prog_unref(l->prog);
	us_ruleset_free(l->rs);
}

/* --- The engine against naive.c ---------------------------------------- */

void
agree_show(const char *what, const struct generate_workflow *w,
    const char *request, const char *want, const char *got)
{
	struct us_buf text = {0};

	printf("# %s\n", what);
	if (w) { /* of a file, it is there */
		generate_workflow_json(w, &text);
		tap_note("workflow:", text.p);
	}
	tap_note("request:", request);
	tap_note("want:", want);
	tap_note(" got:", got);
	us_buf_free(&text);
}

static bool
is_right(enum naive_kind kind, const struct us_buf *want,
    const struct us_buf *got, const struct us_verdict *v)
{
	bool same = us_str_eq(us_buf_str(want), us_buf_str(got));

	switch (kind) {
	case NAIVE_SURE:
		return same;
	case NAIVE_MAYBE:
		return same || v->outcome == US_OUTCOME_UNKNOWN;
	case NAIVE_EXHAUSTED:
		return v->outcome == US_OUTCOME_UNKNOWN;
	case NAIVE_SUBSETS:
		break;
	}
	return true;
}

static enum naive_kind
compare_naive(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, const char *request, const struct us_request *req,
    const struct us_verdict *v)
{
	struct us_buf want = {0}, got = {0};
	enum naive_kind kind = naive_answer(a->naive, l->rs, req, &want);

	us_verdict_json(v, &got);
	a->figures.kind[kind]++;
	a->figures.naive += kind != NAIVE_SUBSETS;
	if (!is_right(kind, &want, &got, v) &&
	    a->figures.naive_differs++ < SHOWN)
		agree_show("another answer", w, request, want.p, got.p);
	us_buf_free(&want);
	us_buf_free(&got);
	return kind;
}

/* --- The engine against itself ----------------------------------------- */

/*
 * After another approver, of another request of the workflow, was asked about.
 * Leaves the matcher with that one, for the next item.
 */
static void
compare_again(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, const char *request, const struct us_request *req,
    struct us_str want)
{
	struct us_request other = *req;
	struct us_buf got = {0};

	other.preapproved = !req->preapproved;
	other.approver = l->approver;
	l->approver = req->approver;
	us_decide_again(l->batch, &other);
	us_verdict_json(us_decide_again(l->batch, req), &got);
	us_decide_again(l->batch, &other);
	a->figures.again++;
	if (!us_str_eq(want, us_buf_str(&got)) &&
	    a->figures.again_differs++ < SHOWN)
		agree_show("after another approver the answer differs", w,
		    request, want.p, got.p);
	us_buf_free(&got);
}

/* What differs from `want`, of the two other ways to the same answer. */
static void
compare_ways(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, const char *request, const struct us_request *req,
    bool next)
{
	struct us_buf want = {0}, loop = {0}, batch = {0};

	us_verdict_json(us_decide(l->matcher, req), &want);
	us_verdict_json(us_decide(l->loop, req), &loop);
	us_verdict_json(
	    next ? us_decide_next(l->batch, req) : us_decide(l->batch, req),
	    &batch);
	a->figures.loop++;
	a->figures.batch++;
	if (!us_str_eq(us_buf_str(&want), us_buf_str(&loop)) &&
	    a->figures.loop_differs++ < SHOWN)
		agree_show("the index and the loop differ", w, request, loop.p,
		    want.p);
	if (!us_str_eq(us_buf_str(&want), us_buf_str(&batch)) &&
	    a->figures.batch_differs++ < SHOWN)
		agree_show("in a batch the answer differs", w, request, want.p,
		    batch.p);
	compare_again(a, w, l, request, req, us_buf_str(&want));
	us_buf_free(&want);
	us_buf_free(&loop);
	us_buf_free(&batch);
}

/* The changes that would help are found by deciding: also with the loop. */
static void
compare_why(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, const char *request, const struct us_request *req)
{
	struct us_buf want = {0}, got = {0};

	us_why_json(us_explain(l->loop, req, &a->arena), &want);
	us_why_json(us_explain(l->matcher, req, &a->arena), &got);
	a->figures.why++;
	if (!us_str_eq(us_buf_str(&want), us_buf_str(&got)) &&
	    a->figures.why_differs++ < SHOWN)
		agree_show(
		    "the explanations differ", w, request, want.p, got.p);
	us_buf_free(&want);
	us_buf_free(&got);
}

/* A workflow, and how it was changed. */
struct twin {
	struct generate_workflow w;
	struct loaded l;
	unsigned change;
};

/* Changes req, which is not looked at any more then. */
static void
compare_twin(struct agree *a, struct twin *twin, const char *request,
    struct us_request *req, const char *want)
{
	const char *got;

	if (naive_tried(a->naive) * 2 <= TRIES_MAX)
		agree_repeat_facts(a, req);
	got = agree_plain_answer(a, us_decide(twin->l.matcher, req), &twin->w);
	a->figures.twins[twin->change]++;
	if (strcmp(want, got) != 0 && a->figures.twin_differs++ < SHOWN)
		agree_show(agree_change_name(twin->change), &twin->w, request,
		    want, got);
}

/* --- All of it --------------------------------------------------------- */

/*
 * Can the twin be held against it? Only what is decided all the same, in
 * whatever order the rules are tried.
 */
static bool
has_twin(struct agree *a, enum naive_kind kind, unsigned change)
{
	unsigned more = agree_change_doubles(change) ? 4 : 1;

	return (kind == NAIVE_SURE || kind == NAIVE_SUBSETS) &&
	       naive_tried(a->naive) * more <= TRIES_MAX;
}

static void
run_request(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, struct twin *twin, struct us_str people, bool next)
{
	struct us_buf text = {0};
	struct us_request *req;
	const struct us_verdict *v;
	enum naive_kind kind;
	const char *want;

	us_buf_printf(&text, "{%.*s,", US_ARG(people));
	generate_item(&a->g, &text);
	us_buf_puts(&text, "}");
	req = test_request(text.p, &a->arena);
	v = us_decide(l->matcher, req);
	reach_count(&a->figures, l->reach, req, v);
	want = agree_plain_answer(a, v, w);
	kind = compare_naive(a, w, l, text.p, req, v);
	compare_ways(a, w, l, text.p, req, next);
	if (generate_below(&a->g, EXPLAINED) == 0)
		compare_why(a, w, l, text.p, req);
	if (has_twin(a, kind, twin->change))
		compare_twin(a, twin, text.p, req, want);
	us_buf_free(&text);
}

static void
run_people(struct agree *a, const struct generate_workflow *w, struct loaded *l,
    struct twin *twin)
{
	struct us_buf people = {0};

	generate_people(&a->g, &people);
	for (unsigned i = 0; i < ITEMS; i++)
		run_request(a, w, l, twin, us_buf_str(&people), i > 0);
	us_buf_free(&people);
}

static void
run_workflow(struct agree *a, unsigned n)
{
	static struct generate_workflow w;
	static struct twin twin;
	struct loaded l;

	us_arena_reset(&a->arena);
	generate_workflow(&a->g, &w);
	twin.w = w;
	twin.change = n % AGREE_CHANGES;
	agree_change(a, twin.change, &twin.w);
	l = load_generated(&w);
	twin.l = load_generated(&twin.w);
	for (unsigned i = 0; i < PEOPLE; i++)
		run_people(a, &w, &l, &twin);
	unload(&l);
	unload(&twin.l);
	generate_workflow_free(&w);
}

static int
run_generated(struct agree *a, int argc, char **argv)
{
	const char *instrumented = getenv("USHER_INSTRUMENTED");
	unsigned long count =
	    instrumented && *instrumented ? COUNT_INSTRUMENTED : COUNT;

	if (argc > 1)
		count = strtoul(argv[1], NULL, 10);
	a->g.state = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	for (unsigned n = 0; a->figures.cases < count; n++)
		run_workflow(a, n);
	return reach_report(&a->figures);
}

/* --- Cases of a file --------------------------------------------------- */

static struct us_str
member(const struct us_src *src, struct us_json_value root, const char *name)
{
	return us_json_raw(src, us_json_member(src, root, name));
}

static void
run_case(struct agree *a, const char *line)
{
	struct us_src *src = us_src_new("case", us_str(line), US_FORMAT_JSON);
	struct us_diags diags = {0};
	struct us_json_value root;
	struct us_request *req;
	struct loaded l;
	const char *text;

	us_json_parse(src, &diags, &root);
	test_must_be_right(&diags);
	l = load(member(src, root, "rules"));
	us_arena_reset(&a->arena);
	text = us_arena_str(&a->arena, member(src, root, "request")).p;
	req = test_request(text, &a->arena);
	a->figures.cases++;
	compare_naive(a, NULL, &l, line, req, us_decide(l.matcher, req));
	compare_ways(a, NULL, &l, line, req, false);
	compare_why(a, NULL, &l, line, req);
	unload(&l);
	us_diags_free(&diags);
	us_src_free(src);
}

static int
run_cases(struct agree *a, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0)
		run_case(a, line);
	free(line);
	if (file)
		fclose(file);
	ok(a->figures.cases > 0, "%lu cases", a->figures.cases);
	ok(!a->figures.naive_differs, "by the naive evaluator");
	ok(!a->figures.loop_differs, "by every rule in turn");
	ok(!a->figures.batch_differs, "by another matcher");
	ok(!a->figures.again_differs, "after another approver");
	ok(!a->figures.why_differs, "explained by every rule in turn");
	return plan_done();
}

int
main(int argc, char **argv)
{
	struct agree a = {.naive = naive_new()};
	int status = argc == 3 && strcmp(argv[1], "cases") == 0
			 ? run_cases(&a, argv[2])
			 : run_generated(&a, argc, argv);

	naive_free(a.naive);
	us_arena_free(&a.arena);
	return status;
}
