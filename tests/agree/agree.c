/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against naive.c, on random workflows and requests: whole answers,
 * letter by letter. And the engine against itself, on workflows that were
 * changed in ways that must not matter.
 *
 *	agree [COUNT [SEED]]
 *
 * What a run never reached, it did not test: then it fails.
 */
#include "engine/verdict.h"
#include "tests/agree/generate.h"
#include "tests/agree/naive.h"
#include "tests/unit/load.h"

#define COUNT 100000
#define COUNT_INSTRUMENTED 30000
#define REQUESTS 20 /* of each workflow */
#define SHOWN 3

/* A workflow in force. */
struct loaded {
	struct us_ruleset *rs;
	struct us_prog *prog;
	struct us_matcher *matcher, *loop; /* by the index; by every rule */
};

struct figures {
	unsigned long cases, outcome[US_OUTCOME_COUNT], by[4];
	unsigned long undecided, unknown_call, nothing_left, empty, missing[4];
	unsigned long agents, allowed, refused, crowds, kind[4];
	unsigned long glass, glass_refused, perhaps, windows;
	unsigned long shelved; /* by a text, in a long bucket of the index */
	unsigned long differ, loop_differs, twins, twins_differ;
};

struct agree {
	struct generate g;
	struct naive *naive;
	struct us_arena arena; /* of one workflow */
	struct figures figures;
};

/* --- Loading ----------------------------------------------------------- */

static struct loaded
load(const struct generate_workflow *w)
{
	struct loaded l = {.rs = us_ruleset_new()};
	struct us_buf text = {0};
	struct us_diags diags = {0};
	struct us_json_value value;
	struct us_src *src;

	generate_workflow_json(w, &text);
	src = us_src_new("rules", us_buf_str(&text), US_FORMAT_JSON);
	*us_list_add(&l.rs->arena, &l.rs->sources) = src;
	if (us_json_parse(src, &diags, &value))
		us_rules_from_json(l.rs, src, value, &diags);
	us_check(l.rs, &diags);
	test_must_be_right(&diags);
	l.prog = us_compile(l.rs);
	l.matcher = us_matcher_new(l.prog);
	l.loop = us_matcher_new(l.prog);
	us_matcher_loop(l.loop);
	us_diags_free(&diags);
	us_buf_free(&text);
	return l;
}

static void
unload(struct loaded *l)
{
	us_matcher_free(l->matcher);
	us_matcher_free(l->loop);
	us_prog_unref(l->prog);
	us_ruleset_free(l->rs);
}

/* --- The engine against naive.c ---------------------------------------- */

static bool
has_auto(const struct us_verdict *v)
{
	const struct us_verdict_alt *alt;

	US_EACH (alt, &v->alternatives)
		if (alt->type == US_ALT_AUTO)
			return true;
	return false;
}

static void
count_answer(
    struct figures *f, const struct us_request *req, const struct us_verdict *v)
{
	bool denied = v->outcome == US_OUTCOME_DENIED;
	bool unknown = v->outcome == US_OUTCOME_UNKNOWN;
	bool glass = us_str_is(req->service, "ssh") && req->access.p &&
		     us_str_is(req->access, "all");
	bool given = v->outcome <= US_OUTCOME_PENDING;

	f->cases++;
	f->outcome[v->outcome]++;
	f->by[v->by]++;
	f->missing[__builtin_popcount(v->missing)]++;
	f->agents += req->agent != NULL;
	f->crowds += req->principal && req->principal->groups.n > 1000;
	f->undecided += v->undecided.n > 0 && !unknown;
	f->unknown_call += unknown && v->undecided.n == 0 && has_auto(v);
	f->perhaps += unknown && v->undecided.n == 0 && !has_auto(v);
	f->windows += v->by == US_BY_PREAPPROVAL && !req->preapproved;
	f->glass += glass && given;
	f->glass_refused += glass && !given && v->rules.n > 0;
	f->nothing_left += denied && v->denied_by.n == 0;
	f->empty += denied && v->denied_by.n > 0 && v->alternatives.n == 0;
	f->allowed += v->approver && v->allowed;
	f->refused += v->approver && !v->allowed;
}

static void
show(const char *what, const struct generate_workflow *w, const char *request,
    const char *want, const char *got)
{
	struct us_buf text = {0};

	generate_workflow_json(w, &text);
	printf("# %s\n", what);
	tap_note("workflow:", text.p);
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
	if (!is_right(kind, &want, &got, v) && a->figures.differ++ < SHOWN)
		show("another answer", w, request, want.p, got.p);
	us_buf_free(&want);
	us_buf_free(&got);
	return kind;
}

/*
 * The index and the loop give one answer, undecided rules and all; and so does
 * the index when the people are the same as before.
 */
static void
compare_loop(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, const char *request, const struct us_request *req)
{
	struct us_buf want = {0}, got = {0};

	us_verdict_json(us_decide(l->loop, req), &want);
	us_verdict_json(generate_below(&a->g, 2)
			    ? us_decide_next(l->matcher, req)
			    : us_decide(l->matcher, req),
	    &got);
	a->figures.shelved += l->prog->index->shelves.n > 0;
	if (!us_str_eq(us_buf_str(&want), us_buf_str(&got)) &&
	    a->figures.loop_differs++ < SHOWN)
		show("the index and the loop differ", w, request, want.p,
		    got.p);
	us_buf_free(&want);
	us_buf_free(&got);
}

/* --- The engine against itself ----------------------------------------- */

static void
swap_rules(struct agree *a, struct generate_workflow *w)
{
	for (unsigned i = w->n; i > 1; i--) {
		unsigned k = generate_below(&a->g, i);
		struct generate_rule rule = w->rules[i - 1];

		w->rules[i - 1] = w->rules[k];
		w->rules[k] = rule;
	}
}

static void
add_disabled(struct agree *a, struct generate_workflow *w)
{
	static char any[] = "{\"type\":\"any\"}",
		    deny[] = "[{\"type\":\"deny\"}]";
	unsigned at = generate_below(&a->g, w->n + 1);

	memmove(&w->rules[at + 1], &w->rules[at],
	    (w->n - at) * sizeof(w->rules[0]));
	w->rules[at] = (struct generate_rule){.name = "more",
	    .disabled = true,
	    .requestor = any,
	    .resource = any,
	    .approval = deny};
	w->n++;
}

static void
rename_rules(struct agree *a, struct generate_workflow *w)
{
	unsigned first = generate_below(&a->g, 1000);

	for (unsigned i = 0; i < w->n; i++)
		snprintf(w->rules[i].name, sizeof(w->rules[i].name), "%u n",
		    first + w->n - i);
}

/* The requestor that has the rule's groups from `from` to before `end`. */
static char *
some_groups(struct agree *a, const struct generate_rule *rule, unsigned from,
    unsigned end)
{
	struct us_buf text = {0};
	char *kept;

	us_buf_puts(&text, "{\"type\":\"group\",\"groups\":[");
	for (unsigned i = from; i < end; i++)
		us_buf_printf(
		    &text, "%s%s", i > from ? "," : "", rule->group[i]);
	us_buf_puts(&text, "]}");
	kept = us_arena_printf(&a->arena, "%s", text.p);
	us_buf_free(&text);
	return kept;
}

/* The first rule with several groups becomes two, the second at the end. */
static void
split_rule(struct agree *a, struct generate_workflow *w)
{
	unsigned i = 0, at;
	struct generate_rule *rule, *other = &w->rules[w->n];

	while (i < w->n && w->rules[i].groups < 2)
		i++;
	if (i == w->n)
		return;
	rule = &w->rules[i];
	at = 1 + generate_below(&a->g, rule->groups - 1);
	*other = *rule;
	strcpy(other->name, "split");
	other->requestor = some_groups(a, rule, at, rule->groups);
	rule->requestor = some_groups(a, rule, 0, at);
	w->n++;
}

typedef void change(struct agree *a, struct generate_workflow *w);

static change *const changes[] = {
    swap_rules, add_disabled, rename_rules, split_rule};

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef US_LIST(char *) lines;

/* All that the answer says about rules, as they were before the change. */
static void
list_lines(struct agree *a, const struct us_verdict *v,
    const struct generate_rule *rules, lines *l)
{
	const struct us_verdict_alt *alt;
	const struct us_via *via;
	const uint32_t *i;

#define LINE(...) \
	(*us_list_add(&a->arena, l) = us_arena_printf(&a->arena, __VA_ARGS__))
	US_EACH (i, &v->rules)
		LINE(" rule %u", rules[*i].origin);
	US_EACH (i, &v->denied_by)
		LINE(" denied %u", rules[*i].origin);
	US_EACH (i, &v->undecided)
		LINE(" undecided %u", rules[*i].origin);
	US_EACH (via, &v->via)
		LINE(" via %u.%u", rules[via->rule].origin, via->index);
	US_EACH (alt, &v->alternatives)
		LINE(" alternative %u.%u: %d available %d missing %u",
		    rules[alt->rule].origin, alt->index, (int)alt->type,
		    (int)alt->available, alt->missing);
#undef LINE
}

/* The answer with its lists in an order of their own, each line once. */
static char *
without_order(struct agree *a, const struct us_verdict *v,
    const struct generate_workflow *w)
{
	struct us_buf out = {0};
	lines l = {0};
	char *text;

	list_lines(a, v, w->rules, &l);
	us_buf_printf(&out,
	    "%s by %d, missing %d, allowed %d:", us_outcome_name(v->outcome),
	    (int)v->by, __builtin_popcount(v->missing), v->allowed);
	if (l.n > 0)
		qsort(l.v, l.n, sizeof(*l.v), compare_lines);
	for (uint32_t i = 0; i < l.n; i++)
		if (i == 0 || strcmp(l.v[i - 1], l.v[i]) != 0)
			us_buf_puts(&out, l.v[i]);
	text = us_arena_printf(&a->arena, "%s", out.p);
	us_buf_free(&out);
	return text;
}

static void
compare_twin(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, const char *request, const struct us_request *req,
    const char *want)
{
	const char *got = without_order(a, us_decide(l->matcher, req), w);

	a->figures.twins++;
	if (strcmp(want, got) != 0 && a->figures.twins_differ++ < SHOWN)
		show("another answer after a change", w, request, want, got);
}

/* --- All of it --------------------------------------------------------- */

static void
run_request(struct agree *a, const struct generate_workflow *w,
    struct loaded *l, const struct generate_workflow *twin,
    struct loaded *twin_l)
{
	struct us_buf text = {0};
	struct us_request *req;
	const struct us_verdict *v;
	enum naive_kind kind;
	const char *want;

	generate_request(&a->g, &text);
	req = test_request(text.p, &a->arena);
	v = us_decide(l->matcher, req);
	count_answer(&a->figures, req, v);
	want = without_order(a, v, w);
	kind = compare_naive(a, w, l, text.p, req, v);
	compare_loop(a, w, l, text.p, req);
	if (kind == NAIVE_SURE || kind == NAIVE_SUBSETS)
		compare_twin(a, twin, twin_l, text.p, req, want);
	us_buf_free(&text);
}

static void
run_workflow(struct agree *a, unsigned n)
{
	static struct generate_workflow w, twin;
	struct loaded l, twin_l;

	us_arena_reset(&a->arena);
	generate_workflow(&a->g, &w);
	twin = w;
	changes[n % (sizeof(changes) / sizeof(*changes))](a, &twin);
	l = load(&w);
	twin_l = load(&twin);
	for (unsigned i = 0; i < REQUESTS; i++)
		run_request(a, &w, &l, &twin, &twin_l);
	unload(&l);
	unload(&twin_l);
	generate_workflow_free(&w);
}

static void
reached(unsigned long n, const char *what)
{
	ok(n > 0, "reached %lu times: %s", n, what);
}

static void
report(const struct figures *f)
{
	static const char *const by[] = {
	    "by nothing", "by persistent", "by auto", "by preapproval"};

	ok(f->differ == 0, "%lu of %lu answers differ", f->differ, f->cases);
	ok(f->loop_differs == 0, "%lu of %lu differ without the index",
	    f->loop_differs, f->cases);
	ok(f->twins_differ == 0, "%lu of %lu differ after a change",
	    f->twins_differ, f->twins);
	for (unsigned i = 0; i < US_OUTCOME_COUNT; i++)
		reached(f->outcome[i], us_outcome_name((enum us_outcome)i));
	for (unsigned i = 0; i < 4; i++)
		reached(f->by[i], by[i]);
	reached(f->missing[1], "incomplete for one requirement");
	reached(f->missing[2], "incomplete for two");
	reached(f->undecided, "undecided rules that change nothing");
	reached(f->unknown_call, "unknown for who is on call");
	reached(f->perhaps, "unknown for an undecided pre-approval");
	reached(f->windows, "granted by a block of the rules");
	reached(f->glass, "break-glass that is possible");
	reached(f->glass_refused, "break-glass that is not");
	reached(f->nothing_left, "denied by no rule");
	reached(f->empty, "denied by empty lists");
	reached(f->shelved, "rules filed under a text");
	reached(f->agents, "agents");
	reached(f->crowds, "a person with thousands of groups");
	reached(f->allowed, "an approver who may");
	reached(f->refused, "an approver who may not");
	reached(f->kind[NAIVE_EXHAUSTED], "too much undecidable");
	printf("# either answer is right: %lu; too many subsets to tell: %lu\n",
	    f->kind[NAIVE_MAYBE], f->kind[NAIVE_SUBSETS]);
}

int
main(int argc, char **argv)
{
	const char *instrumented = getenv("USHER_INSTRUMENTED");
	struct agree a = {.naive = naive_new()};
	unsigned long count =
	    instrumented && *instrumented ? COUNT_INSTRUMENTED : COUNT;

	if (argc > 1)
		count = strtoul(argv[1], NULL, 10);
	a.g.state = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	for (unsigned n = 0; a.figures.cases < count; n++)
		run_workflow(&a, n);
	report(&a.figures);
	naive_free(a.naive);
	us_arena_free(&a.arena);
	return plan_done();
}
