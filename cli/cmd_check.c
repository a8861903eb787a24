/* SPDX-License-Identifier: Apache-2.0 */
/* usher check: what is wrong with rules, and what is suspect. */
#include "cli/args.h"
#include "cli/directory.h"
#include "cli/out.h"
#include "engine/lint.h"
#include "grammar/load.h"

struct check {
	struct us_diags diags;
	struct us_arena arena;
	struct us_ruleset *rs;
	struct us_src *directory; /* NULL when none was given */
};

static void
check_all(struct check *c, const struct us_args *args)
{
	const char *path = us_args_value(args, US_FLAG_DIRECTORY);
	us_group_ids inhabited = {0};
	bool right = true;

	if (path)
		right = us_directory_load(
		    path, &c->arena, &inhabited, &c->directory, &c->diags);
	if (us_load(c->rs, args->operands.v, args->operands.n, &c->diags) == 0)
		us_lint(c->rs, path && right ? &inhabited : NULL, &c->diags);
	us_diags_sort(&c->diags);
}

static void
put_json(const struct us_diags *diags, struct us_buf *out)
{
	const struct us_diag *diag;

	us_buf_printf(out, "{\"errors\":%u,\"warnings\":%u,\"diagnostics\":[",
	    diags->errors, diags->warnings);
	US_EACH (diag, &diags->list) {
		us_buf_puts(out, diag == diags->list.v ? "" : ",");
		us_diag_json(diag, out);
	}
	us_buf_puts(out, "]}\n");
}

static void
put_summary(const struct check *c, struct us_buf *out)
{
	us_out_count(out, c->rs->sources.n, "file");
	us_buf_puts(out, ", ");
	us_out_count(out, c->rs->rules.n, "rule");
	us_buf_puts(out, ": ");
	us_out_count(out, c->diags.errors, "error");
	us_buf_puts(out, ", ");
	us_out_count(out, c->diags.warnings, "warning");
	us_buf_putc(out, '\n');
}

int
us_cmd_check(struct us_args *args)
{
	struct check c = {.rs = us_ruleset_new()};
	struct us_buf out = {0};
	int status;

	check_all(&c, args);
	if (us_args_has(args, US_FLAG_JSON)) {
		put_json(&c.diags, &out);
	} else {
		us_out_diags(&c.diags);
		put_summary(&c, &out);
	}
	us_out(&out);
	status = us_out_status(&c.diags);
	if (!status && c.diags.warnings && us_args_has(args, US_FLAG_STRICT))
		status = US_EXIT_NO;
	us_buf_free(&out);
	us_diags_free(&c.diags);
	us_src_free(c.directory);
	us_ruleset_free(c.rs);
	us_arena_free(&c.arena);
	return status;
}
