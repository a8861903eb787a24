/* SPDX-License-Identifier: Apache-2.0 */
/* usher approve, deny, revoke, relinquish, escalate: acting on requests. */
#include <stdio.h>

#include "cli/access.h"
#include "cli/out.h"

/* What a command does to each request that it names. */
struct act {
	const char *before, *behind; /* the path around the id */
	const char *done;	     /* "approved" */
	const char *list;	     /* the command that lists the ids */
};

/* {"expirationLength": "2h"}, {"reason": "..."} or {}. */
static void
put_body(const struct us_args *args, struct us_buf *out)
{
	const char *length = us_args_value(args, US_FLAG_FOR);
	const char *reason = us_args_value(args, US_FLAG_REASON);

	us_buf_putc(out, '{');
	if (length) {
		us_buf_puts(out, "\"expirationLength\":");
		us_buf_json(out, us_str(length));
	} else if (reason) {
		us_buf_puts(out, "\"reason\":");
		us_buf_json(out, us_str(reason));
	}
	us_buf_putc(out, '}');
}

/* "approved: ana@example.com, aws role Deploy: Active, ends in 2 h" */
static void
tell(struct us_client *client, const struct us_args *args,
    const struct act *act, const char *id)
{
	struct json_object *request = us_access_get(client, id);
	struct us_buf text = {0}, when = {0};

	if (request && us_args_has(args, US_FLAG_JSON)) {
		us_out_json(request);
	} else if (!us_args_has(args, US_FLAG_JSON)) {
		us_buf_printf(&text, "%s: ", act->done);
		if (request) {
			us_access_who(request, &text);
			us_buf_puts(&text, ", ");
			us_access_what(request, &text);
			us_buf_puts(&text, ": ");
			us_client_show(request, "label", &text);
			us_access_when(request, true, &when);
			if (when.n)
				us_buf_printf(&text, ", %s", when.p);
		} else {
			us_buf_puts(&text, id);
		}
		us_buf_putc(&text, '\n');
		us_out(&text);
	}
	us_buf_free(&text);
	us_buf_free(&when);
	json_object_put(request);
}

static bool
do_one(struct us_client *client, const struct us_args *args, const char *id,
    const void *arg)
{
	const struct act *act = arg;
	struct us_buf path = {0}, body = {0};
	bool good;

	us_buf_puts(&path, act->before);
	us_client_escape(id, &path);
	us_buf_puts(&path, act->behind);
	put_body(args, &body);
	good = us_client_act(client, "POST", path.p, &body);
	us_buf_free(&path);
	us_buf_free(&body);
	if (good)
		tell(client, args, act, id);
	else
		us_out_error(
		    "%s was not %s; 'usher show %s' tells how it stands", id,
		    act->done, id);
	return good;
}

static int
run(const struct us_args *args, const struct act *act)
{
	return us_access_each(args, 0, act->list, do_one, act);
}

#define REQUESTS "/permission-requests/"

int
us_cmd_approve(struct us_args *args)
{
	return run(args,
	    &(struct act){REQUESTS, "/approve", "approved", "usher approvals"});
}

int
us_cmd_deny(struct us_args *args)
{
	return run(args,
	    &(struct act){REQUESTS, "/deny", "denied", "usher approvals"});
}

int
us_cmd_revoke(struct us_args *args)
{
	return run(
	    args, &(struct act){REQUESTS, "/revoke", "revoked", "usher show"});
}

int
us_cmd_relinquish(struct us_args *args)
{
	return run(args, &(struct act){REQUESTS "mine/", "/relinquish",
			     "given back", "usher mine"});
}

int
us_cmd_escalate(struct us_args *args)
{
	return run(args,
	    &(struct act){REQUESTS, "/escalate", "escalated", "usher mine"});
}
