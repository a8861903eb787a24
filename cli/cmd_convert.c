/* SPDX-License-Identifier: Apache-2.0 */
/* usher import and export: between the JSON form and the language. */
#include "cli/args.h"
#include "cli/out.h"
#include "engine/check.h"
#include "engine/json_rules.h"
#include "grammar/load.h"
#include "grammar/print.h"

/*
 * Reads one JSON or YAML workflow. Not us_load, which takes the end of the
 * name for the format: standard input is JSON here.
 */
static void
load_workflow(struct us_ruleset *rs, const char *path, struct us_diags *diags)
{
	bool standard = strcmp(path, "-") == 0;
	struct us_src *src =
	    us_load_file(path, standard ? US_FORMAT_JSON : us_format_of(path),
		US_WORKFLOW_MAX, diags);

	if (src && us_load_src(rs, src, diags) == 0)
		us_check(rs, diags);
}

int
us_cmd_import(struct us_args *args)
{
	const char *path = args->operands.v[0];
	enum us_format format = us_format_of(path);
	struct us_ruleset *rs;
	struct us_diags diags = {0};
	struct us_buf out = {0};
	int status;

	if (strcmp(path, "-") != 0 && format != US_FORMAT_JSON &&
	    format != US_FORMAT_YAML) {
		us_args_wrong(args,
		    "\"%s\" does not end in .json, .yaml or "
		    ".yml",
		    path);
		return US_EXIT_BAD;
	}
	rs = us_ruleset_new();
	load_workflow(rs, path, &diags);
	us_diags_sort(&diags);
	us_out_diags(&diags);
	status = us_out_status(&diags);
	if (!status)
		us_print_workflow(rs, &out);
	us_out(&out);
	us_buf_free(&out);
	us_diags_free(&diags);
	us_ruleset_free(rs);
	return status;
}

int
us_cmd_export(struct us_args *args)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_buf out = {0};
	int status;

	us_load(rs, args->operands.v, args->operands.n, &diags);
	us_diags_sort(&diags);
	us_out_diags(&diags);
	status = us_out_status(&diags);
	if (!status) {
		us_rules_to_json(rs, &out);
		us_buf_putc(&out, '\n');
	}
	us_out(&out);
	us_buf_free(&out);
	us_diags_free(&diags);
	us_ruleset_free(rs);
	return status;
}
