/* SPDX-License-Identifier: Apache-2.0 */
/* usher push, pull, history: the workflow of a daemon. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/diff.h"
#include "cli/out.h"
#include "cli/remote.h"
#include "cli/table.h"
#include "engine/json_rules.h"
#include "engine/lint.h"
#include "grammar/load.h"

/* Loads and checks rules here, before anybody is bothered with them. */
static int
load_local(struct us_ruleset *rs, const struct us_args *args)
{
	struct us_diags diags = {0};
	int status;

	if (us_load(rs, args->operands.v, args->operands.n, &diags) == 0)
		us_lint(rs, NULL, &diags);
	us_diags_sort(&diags);
	us_out_diags(&diags);
	status = us_out_status(&diags);
	us_diags_free(&diags);
	return status;
}

static bool
is_language(const struct us_ruleset *rs)
{
	struct us_src *const *src;

	US_EACH (src, &rs->sources) {
		if ((*src)->format != US_FORMAT_RULES)
			return false;
	}
	return true;
}

/* What is sent: the texts themselves, with their comments, or JSON. */
static void
put_body(const struct us_ruleset *rs, const struct us_remote *remote,
    struct us_buf *out)
{
	struct us_src *const *src;

	if (is_language(rs)) {
		US_EACH (src, &rs->sources) {
			us_buf_add(out, (*src)->text, (*src)->size);
			us_buf_putc(out, '\n');
		}
		return;
	}
	us_buf_puts(out, "{\"workflow\":");
	us_rules_to_json(rs, out);
	us_buf_puts(out, ",\"currentVersion\":");
	if (remote->version[0])
		us_buf_json(out, us_str(remote->version));
	else
		us_buf_puts(out, "null");
	us_buf_putc(out, '}');
}

static long
save(struct us_client *client, const struct us_ruleset *rs,
    const struct us_remote *remote, struct us_buf *answer)
{
	struct us_buf body = {0}, path = {0};
	struct us_client_call call = {
	    .method = "POST", .path = "/routing", .body = &body};
	long status;

	if (is_language(rs)) {
		us_buf_printf(&path, "/routing?currentVersion=%s",
		    remote->version[0] ? remote->version : "none");
		call.type = "text/x-usher";
		call.path = path.p;
	}
	put_body(rs, remote, &body);
	status = us_client_call(client, &call, answer);
	us_buf_free(&body);
	us_buf_free(&path);
	return status;
}

/* The new version of a save's answer. */
static void
print_saved(const struct us_buf *answer)
{
	struct json_object *object = json_tokener_parse(us_buf_str(answer).p);
	struct json_object *workflow = NULL, *version = NULL;

	if (json_object_object_get_ex(object, "workflow", &workflow))
		json_object_object_get_ex(workflow, "version", &version);
	printf("saved as %s\n",
	    version ? json_object_get_string(version) : "a new version");
	json_object_put(object);
}

static int
push(struct us_client *client, const struct us_ruleset *rs,
    const struct us_remote *remote)
{
	struct us_buf answer = {0};
	long status = save(client, rs, remote, &answer);
	bool saved = status >= 200 && status < 300;

	if (saved)
		print_saved(&answer);
	else if (status)
		us_client_complain(status, &answer);
	if (status == 409)
		us_out_error("somebody saved in between; look at the "
			     "difference and push again");
	us_buf_free(&answer);
	return saved ? US_EXIT_OK : status ? US_EXIT_NO : US_EXIT_BAD;
}

/* Prints what would change; false when nothing would. */
static bool
show_difference(const struct us_ruleset *rs, const struct us_remote *remote)
{
	struct us_buf before = {0}, after = {0}, diff = {0};
	bool differs;

	us_remote_print(remote->rs, &before);
	us_remote_print(rs, &after);
	us_diff("workflow", "pushed", us_buf_str(&before), us_buf_str(&after),
	    us_out_colour(stdout), &diff);
	us_out(&diff);
	differs = diff.n > 0;
	us_buf_free(&before);
	us_buf_free(&after);
	us_buf_free(&diff);
	return differs;
}

int
us_cmd_push(struct us_args *args)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_remote remote = {0};
	struct us_client *client = NULL;
	int status = load_local(rs, args);

	if (status)
		goto out;
	status = US_EXIT_BAD;
	client = us_client_open();
	if (!client || !us_remote_load(client, &remote))
		goto out;
	status = US_EXIT_OK;
	/* The virtual default is replaced even by its like. */
	if (!show_difference(rs, &remote) && remote.version[0])
		puts("nothing to save: the active workflow says the same");
	else if (us_args_has(args, US_FLAG_DRY_RUN))
		puts("nothing was saved");
	else
		status = push(client, rs, &remote);
out:
	us_remote_free(&remote);
	us_client_free(client);
	us_ruleset_free(rs);
	return status;
}

int
us_cmd_pull(struct us_args *args)
{
	bool json = us_args_has(args, US_FLAG_JSON);
	struct us_client_call call = {
	    .path = "/routing", .accept = json ? NULL : "text/x-usher"};
	struct us_client *client = us_client_open();
	struct us_buf path = {0}, answer = {0};
	int status = client ? US_EXIT_NO : US_EXIT_BAD;

	if (args->operands.n) {
		us_buf_puts(&path, "/routing/");
		us_client_escape(args->operands.v[0], &path);
		call.path = path.p;
	}
	if (client && us_client_get(client, &call, &answer)) {
		us_out(&answer);
		if (json)
			putchar('\n');
		status = US_EXIT_OK;
	}
	us_buf_free(&answer);
	us_buf_free(&path);
	us_client_free(client);
	return status;
}

static void
print_history(struct json_object *versions)
{
	static const char *const heads[] = {
	    "version", "date", "added", "changed", "removed", "author", NULL};
	static const char *const names[] = {
	    "version", "createdDate", "added", "changed", "removed", "author"};
	struct us_table table;
	struct us_buf text = {0};
	struct json_object *v;

	us_table_begin(&table, heads);
	for (size_t i = 0; i < json_object_array_length(versions); i++) {
		v = json_object_array_get_idx(versions, i);
		for (size_t n = 0; n < table.columns; n++)
			us_table_add(
			    &table, us_str(us_client_text(v, names[n])));
	}
	us_table_put(&table, &text);
	us_out(&text);
	us_buf_free(&text);
	us_table_free(&table);
}

int
us_cmd_history(struct us_args *args)
{
	struct us_client *client = us_client_open();
	struct json_object *answer = NULL, *versions = NULL;
	int status = US_EXIT_BAD;

	if (client) {
		answer = us_client_json(client, "/routing/history");
		status = answer ? US_EXIT_OK : US_EXIT_NO;
	}
	if (answer && us_args_has(args, US_FLAG_JSON))
		us_out_json(answer);
	else if (json_object_object_get_ex(answer, "versions", &versions))
		print_history(versions);
	json_object_put(answer);
	us_client_free(client);
	return status;
}
