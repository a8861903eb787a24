/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usher request, grant, allow, ls: arguments go to the daemon as they stand,
 * which knows the services and their options.
 */
#include <stdio.h>

#include "cli/access.h"
#include "cli/out.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/wait.h"

/* {"argv": [verb, word...], "scriptName": "usher"} */
static void
put_command(const struct us_args *args, bool help, struct us_buf *out)
{
	us_buf_puts(out, "{\"argv\":[");
	us_buf_json(out, us_str(args->command->name));
	for (uint32_t i = 0; i < args->operands.n; i++) {
		us_buf_putc(out, ',');
		us_buf_json(out, us_str(args->operands.v[i]));
	}
	us_buf_puts(out, help ? ",\"--help\"" : "");
	us_buf_puts(out, "],\"scriptName\":\"usher\"}");
}

/* The daemon's answer, or NULL after a message; an "error" is one too. */
static struct json_object *
command(struct us_client *client, const struct us_args *args, const char *path)
{
	struct us_buf body = {0}, text = {0};
	struct json_object *answer;

	put_command(args, false, &body);
	answer = us_client_post(client, path, &body);
	us_buf_free(&body);
	if (!answer || !*us_client_text(answer, "error"))
		return answer;
	us_text_clean(us_str(us_client_text(answer, "error")), true, &text);
	us_out_error("%s", text.p);
	us_buf_free(&text);
	json_object_put(answer);
	return NULL;
}

/*
 * --help: ours, when no service is named; then the daemon's, which alone knows
 * the services, for who is signed in.
 */
static int
help(const struct us_args *args)
{
	bool general = args->operands.n == 0;
	struct us_buf text = {0}, body = {0};
	struct json_object *answer = NULL;
	struct us_client *client;

	if (general) {
		us_help(args->command, &text);
		us_out(&text);
		us_buf_reset(&text);
		if (!us_client_is_signed_in())
			goto out;
		fflush(stdout);
	}
	client = us_client_open();
	put_command(args, true, &body);
	if (client)
		answer = us_client_post(client, "/command", &body);
	us_client_free(client);
	if (answer && general)
		us_buf_puts(&text, "\nWhat the daemon says:\n\n");
	us_text_clean(us_str(us_client_text(answer, "error")), true, &text);
	if (text.n && text.p[text.n - 1] != '\n')
		us_buf_putc(&text, '\n');
	us_out(&text);
out:
	us_buf_free(&text);
	us_buf_free(&body);
	general = general || answer;
	json_object_put(answer);
	return general ? US_EXIT_OK : US_EXIT_NO;
}

/* The ids of an answer: "ids" when there are several, "id" when not. */
static void
read_ids(struct json_object *answer, struct us_arena *a, us_words *ids)
{
	struct json_object *list = NULL;
	const char *id;

	json_object_object_get_ex(answer, "ids", &list);
	if (!json_object_is_type(list, json_type_array)) {
		id = us_client_text(answer, "id");
		if (*id)
			*us_list_add(a, ids) = us_arena_printf(a, "%s", id);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		id = json_object_get_string(json_object_array_get_idx(list, i));
		if (id)
			*us_list_add(a, ids) = us_arena_printf(a, "%s", id);
	}
}

static void
put_message(struct json_object *answer, struct us_buf *out)
{
	/* A line for each item. */
	us_text_clean(us_str(us_client_text(answer, "message")), true, out);
	if (out->n)
		us_buf_putc(out, '\n');
}

/* The daemon's message, then how each request stands and what to do next. */
static void
tell(struct us_client *client, struct json_object *answer, const us_words *ids)
{
	enum us_access_detail detail = ids->n > 1 ? US_TELL_NAME : US_TELL_NEXT;
	struct us_buf text = {0};
	struct json_object *request;

	put_message(answer, &text);
	for (uint32_t i = 0; i < ids->n; i++) {
		request = us_access_get(client, ids->v[i]);
		if (request)
			us_access_tell(request, detail, true, &text);
		json_object_put(request);
	}
	us_out(&text);
	us_buf_free(&text);
}

/* Waiting is no failure: only --wait tells it from yes. */
static int
status_at_once(struct json_object *answer)
{
	int status = us_access_exit(us_client_text(answer, "status"));

	return status == US_EXIT_OPEN ? US_EXIT_OK : status;
}

static int
ask(struct us_client *client, struct us_args *args)
{
	bool json = us_args_has(args, US_FLAG_JSON);
	struct json_object *answer = command(client, args, "/command");
	us_words ids = {0};
	int status;

	if (!answer)
		return US_EXIT_NO;
	read_ids(answer, &args->arena, &ids);
	status = status_at_once(answer);
	if (json && !us_args_has(args, US_FLAG_WAIT))
		us_out_json(answer);
	else if (!json)
		tell(client, answer, &ids);
	json_object_put(answer);
	if (us_args_has(args, US_FLAG_WAIT) && ids.n)
		status = us_wait(client, args, &ids);
	return status;
}

static int
run(struct us_args *args, int (*ask_for)(struct us_client *, struct us_args *))
{
	struct us_client *client;
	int64_t timeout;
	int status = US_EXIT_NO;

	if (us_args_has(args, US_FLAG_HELP))
		return help(args);
	if (!us_wait_timeout(args, &timeout))
		return US_EXIT_NO;
	client = us_client_open();
	if (client)
		status = ask_for(client, args);
	us_client_free(client);
	return status;
}

int
us_cmd_request(struct us_args *args)
{
	return run(args, ask);
}

int
us_cmd_grant(struct us_args *args)
{
	return run(args, ask);
}

/* Approvals in advance: their ids are none of requests. */
static int
allow(struct us_client *client, struct us_args *args)
{
	struct json_object *answer = command(client, args, "/command");
	struct us_buf text = {0};
	us_words ids = {0};

	if (!answer)
		return US_EXIT_NO;
	if (us_args_has(args, US_FLAG_JSON)) {
		us_out_json(answer);
	} else {
		put_message(answer, &text);
		read_ids(answer, &args->arena, &ids);
		for (uint32_t i = 0; i < ids.n; i++) {
			us_buf_puts(
			    &text, "next       'usher preapprovals revoke ");
			us_text_clean(us_str(ids.v[i]), false, &text);
			us_buf_puts(&text, "' takes it back\n");
		}
		us_out(&text);
	}
	us_buf_free(&text);
	json_object_put(answer);
	return US_EXIT_OK;
}

int
us_cmd_allow(struct us_args *args)
{
	return run(args, allow);
}

static void
print_items(struct json_object *answer)
{
	static const char *const heads[] = {
	    "item", "group", "name", "yours", NULL};
	struct json_object *items = NULL, *item;
	struct us_table table;
	struct us_buf text = {0};

	json_object_object_get_ex(answer, "items", &items);
	if (!json_object_is_type(items, json_type_array) ||
	    json_object_array_length(items) == 0) {
		puts(us_client_is(answer, "isTruncated")
			 ? "nothing was found in the part of the inventory "
			   "that was looked through: ask for it by its name"
			 : "there is nothing that you could ask for");
		return;
	}
	us_table_begin(&table, heads);
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		item = json_object_array_get_idx(items, i);
		us_table_add(&table, us_str(us_client_text(item, "key")));
		us_table_add(&table, us_str(us_client_text(item, "group")));
		us_table_add(&table, us_str(us_client_text(item, "value")));
		us_table_add(&table, us_client_is(item, "isPreexisting")
					 ? US_STR("yes")
					 : US_STR(""));
	}
	us_table_put(&table, &text);
	if (us_client_is(answer, "isTruncated"))
		us_buf_puts(&text, "there may be more: --like TERMS tells "
				   "them apart, --size N shows more\n");
	us_out(&text);
	us_buf_free(&text);
	us_table_free(&table);
}

static int
list(struct us_client *client, struct us_args *args)
{
	struct json_object *answer = command(client, args,
	    us_args_has(args, US_FLAG_ALL) ? "/command/ls" : "/command");

	if (!answer)
		return US_EXIT_NO;
	if (us_args_has(args, US_FLAG_JSON))
		us_out_json(answer);
	else
		print_items(answer);
	json_object_put(answer);
	return US_EXIT_OK;
}

int
us_cmd_ls(struct us_args *args)
{
	return run(args, list);
}
