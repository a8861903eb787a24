/* SPDX-License-Identifier: Apache-2.0 */
/* Notices on the log. */
#include "daemon/log.h"
#include "daemon/notify.h"
#include "engine/json.h"

/* The body of a notice, which we wrote. */
struct body {
	struct us_src *src;
	struct us_diags diags;
	struct us_arena arena;
	struct us_json_value all;
};

/* A text of value; "" when it has none of that name. */
static struct us_str
text_of(struct body *body, struct us_json_value value, const char *name)
{
	struct us_json_value text = us_json_member(body->src, value, name);

	return text.kind == US_JSON_STRING
		   ? us_json_text(body->src, text, &body->arena)
		   : US_STR("");
}

/* "pagerduty P1, pagerduty P2" */
static void
put_pages(struct body *body, struct us_buf *out)
{
	struct us_json_walk walk = us_json_walk(
	    body->src, us_json_member(body->src, body->all, "pages"));
	struct us_json_value one;

	while (us_json_next(&walk, &one)) {
		us_buf_puts(out, out->n ? ", " : "");
		us_buf_str_add(out, text_of(body, one, "integration"));
		us_buf_putc(out, ' ');
		us_buf_str_add(out, text_of(body, one, "service"));
	}
}

static void
log_page(const struct us_work *work, struct body *body)
{
	struct us_buf pages = {0};

	put_pages(body, &pages);
	us_log(US_LOG_WARNING,
	    "organisation \"%.*s\": page: %s for request %.*s",
	    US_ARG(work->org), pages.n ? pages.p : "nobody", US_ARG(work->ref));
	us_buf_free(&pages);
}

static void
log_notice(const struct us_work *work, struct body *body)
{
	struct us_str notice = text_of(body, body->all, "notice");
	struct us_str status = text_of(body, body->all, "status");

	us_log(US_LOG_INFO, "organisation \"%.*s\": notice: %.*s %.*s %.*s",
	    US_ARG(work->org), US_ARG(notice), US_ARG(work->ref),
	    US_ARG(status));
}

void
us_notify_log(const struct us_work *work)
{
	struct body body = {
	    .src = us_src_new("notice", work->body, US_FORMAT_JSON)};

	if (!us_json_parse(body.src, &body.diags, &body.all))
		us_log(US_LOG_ERROR,
		    "organisation \"%.*s\": the notice for %.*s cannot be "
		    "read",
		    US_ARG(work->org), US_ARG(work->ref));
	else if (work->kind == US_WORK_PAGE)
		log_page(work, &body);
	else
		log_notice(work, &body);
	us_arena_free(&body.arena);
	us_diags_free(&body.diags);
	us_src_free(body.src);
}
