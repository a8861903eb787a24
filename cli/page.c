/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of the daemon, page by page. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/out.h"
#include "cli/page.h"

#define AT_ONCE 100

static struct json_object *
items_of(struct json_object *answer, const char *name)
{
	struct json_object *items = NULL;

	json_object_object_get_ex(answer, name, &items);
	return json_object_is_type(items, json_type_array) ? items : NULL;
}

static struct json_object *
read_page(struct us_client *client, const char *path, uint32_t limit,
    const char *after)
{
	struct us_buf url = {0};
	struct json_object *answer;

	us_buf_printf(&url, "%s?limit=%" PRIu32, path, limit);
	if (*after) {
		us_buf_puts(&url, "&after=");
		us_client_escape(after, &url);
	}
	answer = us_client_json(client, url.p);
	us_buf_free(&url);
	return answer;
}

/* Moves the items of a page, and where to go on, to the answer before it. */
static void
append(struct json_object *answer, struct json_object *page, const char *name)
{
	struct json_object *items = items_of(answer, name);
	struct json_object *more = items_of(page, name), *next = NULL;

	for (size_t i = 0; more && i < json_object_array_length(more); i++)
		json_object_array_add(
		    items, json_object_get(json_object_array_get_idx(more, i)));
	json_object_object_get_ex(page, "next", &next);
	json_object_object_add(answer, "next", json_object_get(next));
}

struct json_object *
us_page_read(struct us_client *client, const struct us_args *args,
    const char *path, const char *name)
{
	uint32_t limit = US_PAGE_DEFAULT, n;
	struct json_object *answer, *page, *items;

	us_args_number(args, US_FLAG_LIMIT, US_PAGE_MOST, &limit);
	answer = read_page(client, path, limit < AT_ONCE ? limit : AT_ONCE, "");
	if (!answer)
		return NULL;
	items = items_of(answer, name);
	if (!items) {
		us_out_error("the daemon's answer has no list of %s", name);
		json_object_put(answer);
		return NULL;
	}
	while ((n = (uint32_t)json_object_array_length(items)) < limit &&
	       *us_client_text(answer, "next")) {
		page = read_page(client, path,
		    limit - n < AT_ONCE ? limit - n : AT_ONCE,
		    us_client_text(answer, "next"));
		if (!page) {
			json_object_put(answer);
			return NULL;
		}
		append(answer, page, name);
		json_object_put(page);
	}
	return answer;
}

static void
print(struct json_object *answer, const struct us_page_list *list)
{
	struct json_object *items = items_of(answer, list->name);
	struct us_buf text = {0};

	if (json_object_array_length(items) == 0) {
		puts(list->none);
		return;
	}
	list->print(items, &text);
	if (*us_client_text(answer, "next"))
		us_buf_printf(&text, "there are more: --limit %zu shows them\n",
		    2 * json_object_array_length(items));
	us_out(&text);
	us_buf_free(&text);
}

int
us_page_run(const struct us_args *args, const struct us_page_list *list)
{
	struct us_client *client;
	struct json_object *answer = NULL;
	uint32_t limit;

	if (!us_args_number(args, US_FLAG_LIMIT, US_PAGE_MOST, &limit))
		return US_EXIT_BAD;
	client = us_client_open();
	if (!client)
		return US_EXIT_BAD;
	answer = us_page_read(client, args, list->path, list->name);
	us_client_free(client);
	if (!answer)
		return US_EXIT_NO;
	if (us_args_has(args, US_FLAG_JSON))
		us_out_json(answer);
	else
		print(answer, list);
	json_object_put(answer);
	return US_EXIT_OK;
}
