/* SPDX-License-Identifier: Apache-2.0 */
/* usher work: provisioning that is not done, and what a person did of it. */
#include <stdio.h>

#include "cli/access.h"
#include "cli/moment.h"
#include "cli/out.h"
#include "cli/page.h"
#include "cli/table.h"

static void
add_since(struct us_table *table, struct json_object *work)
{
	struct us_buf text = {0};
	int64_t at;

	if (us_client_time(work, "since", &at))
		us_moment_from_now(at, &text);
	us_table_add(table, us_buf_str(&text));
	us_buf_free(&text);
}

/* "take away, stuck" */
static void
add_state(struct us_table *table, struct json_object *work)
{
	bool removing = strcmp(us_client_text(work, "verb"), "revoke") == 0;
	struct us_buf text = {0};

	us_buf_puts(&text, removing ? "take away" : "put in place");
	if (us_client_is(work, "stuck"))
		us_buf_puts(&text, ", stuck");
	else if (us_client_is(work, "accepted"))
		us_buf_puts(&text, ", begun");
	us_table_add(table, us_buf_str(&text));
	us_buf_free(&text);
}

static void
print(struct json_object *items, struct us_buf *out)
{
	static const char *const heads[] = {
	    "id", "do", "for", "what", "by", "since", "tries", "error", NULL};
	struct us_table table;
	struct json_object *work, *grant;
	struct us_buf text = {0};

	us_table_begin(&table, heads);
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		work = json_object_array_get_idx(items, i);
		grant = NULL;
		json_object_object_get_ex(work, "grant", &grant);
		us_table_add(&table, us_str(us_client_text(work, "id")));
		add_state(&table, work);
		us_access_who(grant, &text);
		us_table_add(&table, us_buf_str(&text));
		us_buf_reset(&text);
		us_access_what(grant, &text);
		us_table_add(&table, us_buf_str(&text));
		us_buf_reset(&text);
		us_table_add(
		    &table, us_str(us_client_text(work, "provisioner")));
		add_since(&table, work);
		us_table_add(&table, us_str(us_client_text(work, "tries")));
		us_table_add(&table, us_str(us_client_text(work, "error")));
	}
	us_table_put(&table, out);
	us_buf_puts(out, "next: usher work done ID, or usher work failed ID "
			 "--reason TEXT, says what you did of it\n");
	us_table_free(&table);
	us_buf_free(&text);
}

/* arg: NULL when it is done, or why it could not be. */
static bool
settle(struct us_client *client, const struct us_args *args, const char *id,
    const void *arg)
{
	struct us_buf path = {0}, body = {0};
	bool good;

	(void)args;
	us_buf_puts(&path, "/provisioning/");
	us_client_escape(id, &path);
	us_buf_puts(&path, "/done");
	us_buf_putc(&body, '{');
	if (arg) {
		us_buf_puts(&body, "\"failed\":");
		us_buf_json(&body, us_str(arg));
	}
	us_buf_putc(&body, '}');
	good = us_client_act(client, "POST", path.p, &body);
	if (good)
		printf("%s: %s\n", arg ? "failed" : "done", id);
	us_buf_free(&path);
	us_buf_free(&body);
	return good;
}

static int
settle_all(const struct us_args *args, bool failed)
{
	const char *reason = us_args_value(args, US_FLAG_REASON);

	if (failed == (reason != NULL))
		return us_access_each(
		    args, 1, "usher work", settle, failed ? reason : NULL);
	us_args_wrong(args, failed ? "why did it fail? say --reason TEXT"
				   : "--reason is for what failed");
	return US_EXIT_BAD;
}

int
us_cmd_work(struct us_args *args)
{
	if (!args->operands.n)
		return us_page_run(args, &(struct us_page_list){
					     "/provisioning",
					     "works",
					     "nothing is open: all access is "
					     "in place, or gone",
					     print,
					 });
	if (strcmp(args->operands.v[0], "done") == 0)
		return settle_all(args, false);
	if (strcmp(args->operands.v[0], "failed") == 0)
		return settle_all(args, true);
	us_args_wrong(args, "there is no \"work %s\": expected done or failed",
	    args->operands.v[0]);
	return US_EXIT_BAD;
}
