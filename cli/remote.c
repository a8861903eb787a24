/* SPDX-License-Identifier: Apache-2.0 */
/* The active workflow of a daemon. */
#include <stdio.h>

#include "cli/out.h"
#include "cli/remote.h"
#include "engine/check.h"
#include "engine/json_rules.h"
#include "grammar/load.h"
#include "grammar/print.h"

/* Reads JSON into a tree; prints what is wrong with it. */
static bool
read_json(struct us_ruleset *rs, const char *name, struct us_str text)
{
	struct us_diags diags = {0};
	bool good;

	us_load_src(rs, us_src_new(name, text, US_FORMAT_JSON), &diags);
	us_check(rs, &diags);
	good = diags.errors == 0;
	if (!good)
		us_out_diags(&diags);
	us_diags_free(&diags);
	return good;
}

/* The members of an answer's workflow that make up a workflow file. */
static struct json_object *
workflow_of(struct json_object *answer, struct us_remote *remote)
{
	static const char *const names[] = {
	    "rules", "services", "preapprovals"};
	struct json_object *workflow = NULL, *value, *file;

	if (!json_object_object_get_ex(answer, "workflow", &workflow))
		return NULL;
	file = json_object_new_object();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (json_object_object_get_ex(workflow, names[i], &value))
			json_object_object_add(
			    file, names[i], json_object_get(value));
	}
	if (json_object_object_get_ex(workflow, "version", &value) && value)
		snprintf(remote->version, sizeof(remote->version), "%s",
		    json_object_get_string(value));
	return file;
}

bool
us_remote_load(struct us_client *client, struct us_remote *remote)
{
	struct json_object *answer = us_client_json(client, "/routing/latest");
	struct json_object *file;
	bool good = false;

	*remote = (struct us_remote){.rs = us_ruleset_new()};
	if (!answer)
		return false;
	file = workflow_of(answer, remote);
	if (file)
		good = read_json(remote->rs, "the active workflow",
		    us_str(json_object_to_json_string_ext(
			file, JSON_C_TO_STRING_PLAIN)));
	else
		us_out_error("the daemon's answer has no workflow");
	json_object_put(file);
	json_object_put(answer);
	return good;
}

void
us_remote_free(struct us_remote *remote)
{
	us_ruleset_free(remote->rs);
	remote->rs = NULL;
}

void
us_remote_print(const struct us_ruleset *rs, struct us_buf *out)
{
	struct us_ruleset *again = us_ruleset_new();
	struct us_buf json = {0};

	us_rules_to_json(rs, &json);
	if (read_json(again, "workflow", us_buf_str(&json)))
		us_print_workflow(again, out);
	us_buf_free(&json);
	us_ruleset_free(again);
}
