/* SPDX-License-Identifier: Apache-2.0 */
/* Notices on the log. */
#include <json-c/json.h>

#include "daemon/log.h"
#include "daemon/notify.h"

/* A text of a body that we wrote; "" when it has none of that name. */
static const char *
text_of(struct json_object *body, const char *name)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(body, name, &v) && v
		   ? json_object_get_string(v)
		   : "";
}

/* "pagerduty P1, pagerduty P2" */
static void
put_pages(struct json_object *body, struct us_buf *out)
{
	struct json_object *pages = NULL, *one;
	size_t n = 0;

	if (json_object_object_get_ex(body, "pages", &pages) &&
	    json_object_is_type(pages, json_type_array))
		n = json_object_array_length(pages);
	for (size_t i = 0; i < n; i++) {
		one = json_object_array_get_idx(pages, i);
		us_buf_printf(out, "%s%s %s", i ? ", " : "",
		    text_of(one, "integration"), text_of(one, "service"));
	}
}

void
us_notify_log(const struct us_work *work)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *body =
	    json_tokener_parse_ex(tokener, work->body.p, (int)work->body.n);
	struct us_buf pages = {0};

	put_pages(body, &pages);
	if (work->kind == US_WORK_PAGE)
		us_log(US_LOG_WARNING,
		    "organisation \"%.*s\": page: %s for request %.*s",
		    US_ARG(work->org), pages.n ? pages.p : "nobody",
		    US_ARG(work->ref));
	else
		us_log(US_LOG_INFO, "organisation \"%.*s\": notice: %s %.*s %s",
		    US_ARG(work->org), text_of(body, "notice"),
		    US_ARG(work->ref), text_of(body, "status"));
	us_buf_free(&pages);
	json_object_put(body);
	json_tokener_free(tokener);
}
