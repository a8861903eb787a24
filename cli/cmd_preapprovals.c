/* SPDX-License-Identifier: Apache-2.0 */
/* usher preapprovals: approvals in advance, to read and to revoke. */
#include <stdio.h>

#include "cli/access.h"
#include "cli/moment.h"
#include "cli/out.h"
#include "cli/page.h"
#include "cli/table.h"

/* "till in 3 d": how long it still counts, or when it will begin. */
static void
add_window(struct us_table *table, struct json_object *r)
{
	struct us_buf text = {0};
	int64_t at;

	if (us_client_time(r, "from", &at) && at > us_moment_now()) {
		us_buf_puts(&text, "begins ");
		us_moment_from_now(at, &text);
		us_buf_puts(&text, ", ");
	}
	if (us_client_time(r, "until", &at)) {
		us_buf_puts(&text, "ends ");
		us_moment_from_now(at, &text);
	}
	us_table_add(table, us_buf_str(&text));
	us_buf_free(&text);
}

static void
print(struct json_object *items, struct us_buf *out)
{
	static const char *const heads[] = {
	    "id", "for", "what", "when", "length", "by", "reason", NULL};
	struct us_table table;
	struct json_object *r;
	struct us_buf text = {0};

	us_table_begin(&table, heads);
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		r = json_object_array_get_idx(items, i);
		us_table_add(&table, us_str(us_client_text(r, "id")));
		us_table_add(&table, us_str(us_client_text(r, "principal")));
		us_access_what(r, &text);
		us_table_add(&table, us_buf_str(&text));
		us_buf_reset(&text);
		add_window(&table, r);
		us_access_length(r, "duration", &text);
		us_table_add(&table, us_buf_str(&text));
		us_buf_reset(&text);
		us_table_add(&table, us_str(us_client_text(r, "issuer")));
		us_table_add(&table, us_str(us_client_text(r, "reason")));
	}
	us_table_put(&table, out);
	us_table_free(&table);
	us_buf_free(&text);
}

static bool
revoke(struct us_client *client, const struct us_args *args, const char *id,
    const void *arg)
{
	struct us_buf path = {0};
	bool good;

	(void)arg;
	us_buf_puts(&path, "/preapprovals/");
	us_client_escape(id, &path);
	if (us_args_has(args, US_FLAG_GRANTS))
		us_buf_puts(&path, "?revoke=grants");
	good = us_client_act(client, "DELETE", path.p, NULL);
	if (good)
		printf("revoked: %s\n", id);
	us_buf_free(&path);
	return good;
}

int
us_cmd_preapprovals(struct us_args *args)
{
	if (!args->operands.n)
		return us_page_run(args, &(struct us_page_list){
					     "/preapprovals",
					     "preapprovals",
					     "nothing is approved in advance: "
					     "usher allow --help says how",
					     print,
					 });
	if (strcmp(args->operands.v[0], "revoke") == 0)
		return us_access_each(
		    args, 1, "usher preapprovals", revoke, NULL);
	us_args_wrong(args, "there is no \"preapprovals %s\": expected revoke",
	    args->operands.v[0]);
	return US_EXIT_BAD;
}
