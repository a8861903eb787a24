/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: mutate FILE... [-- FILE...]...
 *
 * What one wrong token does. Each token of each file is deleted, doubled, and
 * replaced by a token of each other kind; the files up to a `--` are one
 * workflow. Says how often exactly one message came of it, how many rules were
 * lost besides the one that was changed, and which files stayed valid with
 * another meaning. A *.test file is parsed alone, for figures without bars.
 */
#include "engine/check.h"
#include "grammar/lex.h"
#include "grammar/parse.h"
#include "grammar/print.h"
#include "tests/tap.h"

#define FILES_MAX 64
/* In per cent. */
#define ONE_MESSAGE_BAR 95.0
#define LOST_BAR 1.0

enum mutation { DELETED, DOUBLED, REPLACED, MUTATIONS };

static const char *const mutation_names[] = {"deleted", "doubled", "replaced"};

/* What stands for each kind of token when another is replaced. */
static const char *const kinds[] = {
    "zz", "\"zz\"", "7d", ";", "{", "}", ",", "=", "~"};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct file {
	const char *name;
	struct us_buf text;
};

struct figures {
	unsigned cases, one_message, none, same, other_meaning;
	unsigned long others, lost;
};

struct workflow {
	struct file files[FILES_MAX];
	unsigned n;
	struct us_buf meaning;
	bool verbose;
};

/* What a parse came to. */
struct result {
	struct us_ruleset *rs;
	struct us_testset *ts;
	struct us_diags diags;
};

static bool
is_test(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && strcmp(name + n - 5, ".test") == 0;
}

static bool
read_file(struct file *file, const char *name)
{
	FILE *f = fopen(name, "rb");
	char part[4096];
	size_t n;

	file->name = name;
	us_buf_reset(&file->text);
	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		us_buf_add(&file->text, part, n);
	fclose(f);
	return true;
}

/* Parses and checks all files, `text` in the place of file `changed`. */
static void
run(const struct workflow *w, unsigned changed, struct us_str text,
    struct result *r)
{
	struct us_src *src;

	*r = (struct result){.rs = us_ruleset_new()};
	if (is_test(w->files[0].name)) {
		r->ts = us_testset_new(
		    us_src_new(w->files[0].name, text, US_FORMAT_TEST));
		us_parse_tests(r->ts, &r->diags);
		return;
	}
	for (unsigned i = 0; i < w->n; i++) {
		src = us_src_new(w->files[i].name,
		    i == changed ? text : us_buf_str(&w->files[i].text),
		    US_FORMAT_RULES);
		*us_list_add(&r->rs->arena, &r->rs->sources) = src;
		us_parse_rules(r->rs, src, &r->diags);
	}
	us_check(r->rs, &r->diags);
}

static void
result_free(struct result *r)
{
	us_ruleset_free(r->rs);
	us_testset_free(r->ts);
	us_diags_free(&r->diags);
}

/* --- Tokens --- */

typedef US_LIST(struct us_loc) locs;

static void
tokenize(struct us_src *src, struct us_arena *a, locs *out)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_gen gen = {.src = src, .arena = &rs->arena, .rs = rs};
	struct us_lexer lexer = {
	    .gen = &gen, .src = src, .start = T_START_RULES};
	US_YYSTYPE value;
	struct us_loc loc;

	us_lexer_open(&lexer);
	us_lex(&lexer, &value, &loc);
	while (us_lex(&lexer, &value, &loc) != 0)
		*us_list_add(a, out) = loc;
	us_lexer_close(&lexer);
	us_ruleset_free(rs);
}

/* Which of `kinds` a token is. */
static size_t
kind_of(struct us_loc loc)
{
	char c = loc.src->text[loc.off];

	for (size_t i = 3; i < KINDS; i++) {
		if (c == kinds[i][0])
			return i;
	}
	return c == '"' ? 1 : c >= '0' && c <= '9' ? 2 : 0;
}

/* --- Mutations --- */

static const struct us_rule *
find_rule(const struct us_ruleset *rs, struct us_str name)
{
	const struct us_rule *rule;

	US_EACH (rule, &rs->rules) {
		if (us_str_eq(rule->name.s, name))
			return rule;
	}
	return NULL;
}

/* Counts the rules that the mistake at loc, which is in none of them, took. */
static void
count_lost(const struct us_ruleset *before, const struct us_ruleset *after,
    struct us_loc loc, struct figures *f)
{
	const struct us_rule *rule, *now;

	US_EACH (rule, &before->rules) {
		if (strcmp(rule->loc.src->name, loc.src->name) == 0 &&
		    loc.off >= rule->loc.off &&
		    loc.off < rule->loc.off + rule->loc.len)
			continue;
		now = find_rule(after, rule->name.s);
		f->others++;
		f->lost += !now || now->broken;
	}
}

static void
show(const char *what, struct us_str text, struct us_loc loc,
    const struct result *r)
{
	struct us_buf out = {0};
	uint32_t line, column;

	us_src_place(loc.src, loc.off, &line, &column);
	printf("# %s: %s:%u:%u (%.*s)\n", what, loc.src->name, line, column,
	    (int)text.n, text.p);
	for (uint32_t i = 0; i < r->diags.list.n; i++)
		us_diag_text(&r->diags.list.v[i], false, &out);
	if (out.p)
		tap_note(" ", out.p);
	us_buf_free(&out);
}

/* Tries the file with `with` in the place of the token at loc. */
static void
try_one(const struct workflow *w, unsigned changed, const struct result *before,
    struct us_loc loc, struct us_str with, enum mutation mutation,
    struct figures *f)
{
	struct us_str old = {loc.src->text + loc.off, loc.len};
	struct us_buf text = {0}, meaning = {0};
	struct result r;

	us_buf_add(&text, loc.src->text, loc.off);
	us_buf_str_add(&text, with);
	us_buf_add(&text, old.p + old.n, loc.src->size - loc.off - loc.len);
	run(w, changed, us_buf_str(&text), &r);
	f->cases++;
	f->one_message += r.diags.errors == 1;
	if (!r.ts)
		count_lost(before->rs, r.rs, loc, f);
	if (r.diags.errors == 0) {
		f->none++;
		if (!r.ts)
			us_print_workflow(r.rs, &meaning);
		if (r.ts ||
		    us_str_eq(us_buf_str(&meaning), us_buf_str(&w->meaning)))
			f->same += !r.ts;
		else {
			f->other_meaning++;
			if (w->verbose || mutation != REPLACED)
				show(mutation_names[mutation], old, loc, &r);
		}
	} else if (r.diags.errors > 1 && w->verbose) {
		show(mutation_names[mutation], with.n ? with : old, loc, &r);
	}
	result_free(&r);
	us_buf_free(&meaning);
	us_buf_free(&text);
}

static void
mutate_token(const struct workflow *w, unsigned changed,
    const struct result *before, struct us_loc loc, struct figures *all)
{
	struct us_str old = {loc.src->text + loc.off, loc.len};
	struct us_buf twice = {0};

	try_one(w, changed, before, loc, US_STR(""), DELETED, &all[DELETED]);
	us_buf_printf(&twice, "%.*s %.*s", US_ARG(old), US_ARG(old));
	try_one(w, changed, before, loc, us_buf_str(&twice), DOUBLED,
	    &all[DOUBLED]);
	us_buf_free(&twice);
	for (size_t i = 0; i < KINDS; i++) {
		if (i != kind_of(loc))
			try_one(w, changed, before, loc, us_str(kinds[i]),
			    REPLACED, &all[REPLACED]);
	}
}

static void
mutate_file(const struct workflow *w, unsigned i, const struct result *before,
    struct figures *all)
{
	struct us_src *src = us_src_new(
	    w->files[i].name, us_buf_str(&w->files[i].text), US_FORMAT_RULES);
	struct us_arena a = {0};
	locs tokens = {0};
	const struct us_loc *loc;

	tokenize(src, &a, &tokens);
	US_EACH (loc, &tokens)
		mutate_token(w, i, before, *loc, all);
	us_arena_free(&a);
	us_src_free(src);
}

static void
mutate(struct workflow *w, struct figures *rules, struct figures *tests)
{
	struct result before;

	run(w, w->n, us_buf_str(&w->files[0].text), &before);
	if (!ok(before.diags.errors == 0, "%s is right as it is",
		w->files[0].name)) {
		show("as it is", US_STR(""),
		    (struct us_loc){before.rs->sources.v[0], 0, 0}, &before);
		result_free(&before);
		return;
	}
	us_buf_reset(&w->meaning);
	if (!before.ts)
		us_print_workflow(before.rs, &w->meaning);
	for (unsigned i = 0; i < w->n; i++)
		mutate_file(w, i, &before, before.ts ? tests : rules);
	result_free(&before);
}

/* --- Figures --- */

static double
percent(unsigned long part, unsigned long whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 100.0;
}

static struct figures
print_figures(const char *what, const struct figures *all)
{
	struct figures sum = {0};

	printf("# %s: cases, one message, valid (same, other meaning), other "
	       "rules lost\n",
	    what);
	for (int i = 0; i < MUTATIONS; i++) {
		const struct figures *f = &all[i];

		printf("#   %-8s %6u  %6.2f %%  %5u (%u, %u)  %lu of %lu\n",
		    mutation_names[i], f->cases,
		    percent(f->one_message, f->cases - f->none), f->none,
		    f->same, f->other_meaning, f->lost, f->others);
		sum.cases += f->cases;
		sum.one_message += f->one_message;
		sum.none += f->none;
		sum.others += f->others;
		sum.lost += f->lost;
	}
	return sum;
}

int
main(int argc, char **argv)
{
	struct figures rules[MUTATIONS] = {0}, tests[MUTATIONS] = {0}, sum;
	struct workflow w = {.verbose = getenv("MUTATE_VERBOSE") != NULL};

	for (int i = 1; i <= argc; i++) {
		if (i == argc || strcmp(argv[i], "--") == 0) {
			if (w.n)
				mutate(&w, rules, tests);
			w.n = 0;
		} else if (w.n == FILES_MAX ||
			   !read_file(&w.files[w.n++], argv[i])) {
			printf("Bail out! cannot read %s\n", argv[i]);
			return 1;
		}
	}
	print_figures("test files", tests);
	sum = print_figures("rule files", rules);
	is_int(rules[DELETED].other_meaning, 0,
	    "no deleted token leaves another meaning");
	is_int(rules[DOUBLED].other_meaning, 0,
	    "no doubled token leaves another meaning");
	ok(percent(sum.one_message, sum.cases - sum.none) >= ONE_MESSAGE_BAR,
	    "one mistake, one message: %.2f %%",
	    percent(sum.one_message, sum.cases - sum.none));
	ok(sum.others && percent(sum.lost, sum.others) <= LOST_BAR,
	    "other rules lost: %.3f %%", percent(sum.lost, sum.others));
	for (unsigned i = 0; i < FILES_MAX; i++)
		us_buf_free(&w.files[i].text);
	us_buf_free(&w.meaning);
	return plan_done();
}
