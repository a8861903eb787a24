/* SPDX-License-Identifier: Apache-2.0 */
/* usher mine, approvals, show: requests to read. */
#include <stdio.h>

#include "cli/access.h"
#include "cli/moment.h"
#include "cli/out.h"
#include "cli/page.h"
#include "cli/table.h"
#include "cli/wait.h"

/* What `put` writes is the next cell. */
static void
add(struct us_table *table, struct json_object *request,
    void (*put)(struct json_object *request, struct us_buf *out))
{
	struct us_buf text = {0};

	put(request, &text);
	us_table_add(table, us_buf_str(&text));
	us_buf_free(&text);
}

static void
put_when(struct json_object *request, struct us_buf *out)
{
	us_access_when(request, false, out);
}

static void
put_age(struct json_object *request, struct us_buf *out)
{
	int64_t at;

	if (us_client_time(request, "createdDate", &at))
		us_moment_from_now(at, out);
}

static void
put_length(struct json_object *request, struct us_buf *out)
{
	us_access_length(request, "requestedDuration", out);
}

/* What one asked for may be for somebody else. */
static void
put_what(struct json_object *request, struct us_buf *out)
{
	us_access_what(request, out);
	if (strcmp(us_client_text(request, "principal"),
		us_client_text(request, "requestor")) == 0)
		return;
	us_buf_puts(out, " for ");
	us_access_who(request, out);
}

static void
print_mine(struct json_object *items, struct us_buf *out)
{
	static const char *const heads[] = {
	    "id", "asked", "what", "status", "when", NULL};
	struct us_table table;
	struct json_object *r;

	us_table_begin(&table, heads);
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		r = json_object_array_get_idx(items, i);
		us_table_add(&table, us_str(us_client_text(r, "id")));
		add(&table, r, put_age);
		add(&table, r, put_what);
		us_table_add(&table, us_str(us_client_text(r, "label")));
		add(&table, r, put_when);
	}
	us_table_put(&table, out);
	us_table_free(&table);
}

int
us_cmd_mine(struct us_args *args)
{
	return us_page_run(args, &(struct us_page_list){
				     "/permission-requests/mine",
				     "requests",
				     "you have asked for nothing: usher "
				     "request --help says how",
				     print_mine,
				 });
}

static void
print_approvals(struct json_object *items, struct us_buf *out)
{
	static const char *const heads[] = {
	    "id", "asked", "who", "what", "length", "reason", NULL};
	struct us_table table;
	struct json_object *r;

	us_table_begin(&table, heads);
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		r = json_object_array_get_idx(items, i);
		us_table_add(&table, us_str(us_client_text(r, "id")));
		add(&table, r, put_age);
		add(&table, r, us_access_who);
		add(&table, r, us_access_what);
		add(&table, r, put_length);
		us_table_add(&table, us_str(us_client_text(r, "reason")));
	}
	us_table_put(&table, out);
	us_table_free(&table);
	us_buf_puts(out, "next: usher approve ID, or usher deny ID\n");
}

int
us_cmd_approvals(struct us_args *args)
{
	return us_page_run(args, &(struct us_page_list){
				     "/permission-requests/approvals",
				     "requests",
				     "nothing waits for your approval",
				     print_approvals,
				 });
}

static void
put_history(struct json_object *request, struct us_buf *out)
{
	static const char *const heads[] = {
	    "when", "what", "who", "note", NULL};
	struct json_object *history = NULL, *one;
	struct us_table table;

	json_object_object_get_ex(request, "history", &history);
	if (!json_object_is_type(history, json_type_array))
		return;
	us_buf_putc(out, '\n');
	us_table_begin(&table, heads);
	for (size_t i = 0; i < json_object_array_length(history); i++) {
		one = json_object_array_get_idx(history, i);
		us_table_add(&table, us_str(us_client_text(one, "at")));
		us_table_add(&table, us_str(us_client_text(one, "event")));
		us_table_add(&table, us_str(us_client_text(one, "by")));
		us_table_add(&table, us_str(us_client_text(one, "text")));
	}
	us_table_put(&table, out);
	us_table_free(&table);
}

/* Do we have to do with it, as who asked or whose access it is? */
static bool
is_own(struct us_client *client, struct json_object *request)
{
	struct json_object *account = us_client_json(client, "/account");
	struct us_str uid = us_str(us_client_text(account, "uid"));
	bool own =
	    uid.n && (us_str_eq_nocase(
			  uid, us_str(us_client_text(request, "principal"))) ||
			 us_str_eq_nocase(uid,
			     us_str(us_client_text(request, "requestor"))));

	json_object_put(account);
	return own;
}

static int
show(struct us_client *client, const struct us_args *args)
{
	struct json_object *request =
	    us_access_get(client, args->operands.v[0]);
	struct us_buf text = {0};

	if (!request)
		return US_EXIT_NO;
	if (us_args_has(args, US_FLAG_JSON)) {
		us_out_json(request);
	} else {
		us_access_tell(
		    request, US_TELL_ALL, is_own(client, request), &text);
		put_history(request, &text);
		us_out(&text);
	}
	us_buf_free(&text);
	json_object_put(request);
	return US_EXIT_OK;
}

int
us_cmd_show(struct us_args *args)
{
	struct us_client *client;
	int64_t timeout;
	int status;

	if (!us_access_ids(args, 0, "usher mine") ||
	    !us_wait_timeout(args, &timeout))
		return US_EXIT_BAD;
	client = us_client_open();
	if (!client)
		return US_EXIT_BAD;
	status = us_args_has(args, US_FLAG_WAIT)
		     ? us_wait(client, args, &args->operands)
		     : show(client, args);
	us_client_free(client);
	return status;
}
