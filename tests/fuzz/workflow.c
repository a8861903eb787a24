/* SPDX-License-Identifier: Apache-2.0 */
/* Workflows of the doors: read, written in every form, put in force. */
#include "engine/check.h"
#include "engine/compile.h"
#include "engine/disasm.h"
#include "engine/json_rules.h"
#include "engine/lint.h"
#include "grammar/load.h"
#include "grammar/print.h"
#include "tests/fuzz/fuzz.h"

/* Of a broken text there could be as many as it has bytes. */
#define TOLD_MAX 64
/* Rules that requests are made for. */
#define RULES_TRIED 12

void
fuzz_load(struct fuzz_workflow *w, struct us_str text, enum us_format format)
{
	*w = (struct fuzz_workflow){.rs = us_ruleset_new()};
	w->parsed = us_load_src(w->rs, us_src_new("input", text, format),
			&w->diags) == 0;
	w->good = us_check(w->rs, &w->diags) == 0 && w->parsed;
}

void
fuzz_unload(struct fuzz_workflow *w)
{
	us_ruleset_free(w->rs);
	us_diags_free(&w->diags);
}

void
fuzz_load_right(struct fuzz_workflow *w, struct us_str text,
    enum us_format format, const char *what)
{
	struct us_buf out = {0};

	fuzz_load(w, text, format);
	if (w->good)
		return;
	for (uint32_t i = 0; i < w->diags.list.n; i++)
		us_diag_text(&w->diags.list.v[i], false, &out);
	fuzz_broken("%s is not right:\n%.*s\n%s", what, US_ARG(text), out.p);
}

void
fuzz_tell(const struct us_diags *diags)
{
	struct us_buf out = {0};

	for (uint32_t i = 0; i < diags->list.n && i < TOLD_MAX; i++) {
		us_buf_reset(&out);
		us_diag_text(&diags->list.v[i], i % 2, &out);
		us_diag_json(&diags->list.v[i], &out);
		if (us_utf8_bad(out.p, out.n) != out.n)
			fuzz_broken("a message is no UTF-8: %s", out.p);
	}
	us_buf_free(&out);
}

uint32_t
fuzz_comments(const struct us_comment *v, uint32_t n)
{
	uint32_t sum = n;

	for (uint32_t i = 0; i < n; i++)
		sum += us_str_hash(
		    (struct us_str){
			v[i].loc.src->text + v[i].loc.off, v[i].loc.len},
		    false);
	return sum;
}

/* What a text comes to as JSON must be `want`. */
static void
must_mean(struct us_str text, enum us_format format, const char *what,
    const struct us_buf *want)
{
	struct fuzz_workflow w;
	struct us_buf json = {0};

	fuzz_load_right(&w, text, format, what);
	us_rules_to_json(w.rs, &json);
	fuzz_same(what, us_buf_str(want), us_buf_str(&json));
	us_buf_free(&json);
	fuzz_unload(&w);
}

static void
forget_kept(struct us_ruleset *rs)
{
	struct us_rule *rule;
	struct us_alt *alt;

	US_EACH (rule, &rs->rules) {
		US_EACH (alt, &rule->alts)
			alt->cooldown = alt->duration = (struct us_str){0};
	}
}

void
fuzz_round(const struct fuzz_workflow *w)
{
	struct us_buf json = {0}, language = {0};

	us_rules_to_json(w->rs, &json);
	must_mean(us_buf_str(&json), US_FORMAT_JSON, "JSON", &json);
	must_mean(us_buf_str(&json), US_FORMAT_YAML, "JSON as YAML", &json);
	us_print_workflow(w->rs, &language);
	/* What the language has no word for is left out of it, and told. */
	forget_kept(w->rs);
	us_buf_reset(&json);
	us_rules_to_json(w->rs, &json);
	must_mean(us_buf_str(&language), US_FORMAT_RULES, "language", &json);
	us_buf_free(&language);
	us_buf_free(&json);
}

void
fuzz_run(const struct fuzz_workflow *w)
{
	struct us_prog *prog = us_compile(w->rs);
	struct us_diags lints = {0};
	struct fuzz_decider d;
	struct us_arena a = {0};
	struct us_buf text = {0};

	if (!prog)
		fuzz_broken("a right workflow does not compile");
	us_lint(w->rs, NULL, &lints);
	fuzz_tell(&lints);
	us_disasm(prog, w->rs, &text);
	d = fuzz_decider(prog);
	for (uint32_t i = 0; i < w->rs->rules.n && i < RULES_TRIED; i++)
		fuzz_decide(&d, fuzz_request_for(w->rs, i, &a));
	fuzz_decider_free(&d);
	us_buf_free(&text);
	us_diags_free(&lints);
	us_arena_free(&a);
	us_prog_unref(prog);
}

int
fuzz_any_workflow(const uint8_t *data, size_t size, enum us_format format,
    void (*parsed)(const struct fuzz_workflow *w))
{
	struct fuzz_workflow w;

	if (size > FUZZ_MAX)
		return 0;
	fuzz_load(&w, (struct us_str){(const char *)data, size}, format);
	fuzz_tell(&w.diags);
	if (w.parsed && parsed)
		parsed(&w);
	if (w.good) {
		fuzz_round(&w);
		fuzz_run(&w);
	}
	fuzz_unload(&w);
	return 0;
}
