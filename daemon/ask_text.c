/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to submissions. The message is for people: what happened, under
 * which id, who can do what until when, and what to do next.
 */
#include "daemon/ask_parts.h"
#include "daemon/member.h"
#include "daemon/watch_json.h"
#include "engine/when.h"

/* What wall clock shows a due time. */
static int64_t
shown(const struct us_change *change, int64_t due)
{
	return due - (change->due_now - change->now);
}

static void
put_advance(const struct us_advance *r, struct us_buf *out)
{
	us_buf_printf(out,
	    "approved in advance (id %.*s): what %.*s asks for of it is "
	    "granted at once from ",
	    US_ARG(r->id), US_ARG(r->principal));
	us_when_print(r->from, out);
	us_buf_puts(out, " until ");
	us_when_print(r->until, out);
	us_buf_puts(out, ", while you may approve it");
}

static void
put_pending(const struct us_ask *ask, const struct us_change *change,
    const struct us_asked *item, struct us_buf *out)
{
	const struct us_permission *p = &item->p;

	us_buf_puts(out, item->preexisting
			     ? "the same was asked for before, and waits for "
			       "approval (id "
			     : "it waits for approval (id ");
	us_buf_str_add(out, p->id);
	us_buf_puts(out, ") until ");
	us_when_print(shown(change, p->due_approval), out);
	us_buf_puts(out, ". Who can approve: ");
	us_buf_str_add(out, p->approvers);
	if (ask->verb == US_WISH_GRANT)
		us_buf_puts(out, item->preexisting
				     ? "; approve that one, if you are one of "
				       "them"
				     : "; under the rules you cannot approve "
				       "it yourself");
}

static void
put_granted(const struct us_change *change, const struct us_asked *item,
    struct us_buf *out)
{
	const struct us_permission *p = &item->p;

	us_buf_puts(out, item->preexisting ? "it was asked for before: " : "");
	us_watch_message(p, out);
	us_buf_printf(out, " (id %.*s)", US_ARG(p->id));
	if (!p->due_end)
		return;
	us_buf_puts(out, " until ");
	us_when_print(shown(change, p->due_end), out);
}

static void
put_item(const struct us_ask *ask, const struct us_change *change,
    const struct us_asked *item, struct us_buf *out)
{
	if (ask->items.n > 1)
		us_buf_printf(out, "%.*s: ", US_ARG(item->p.label));
	if (item->advance.id.n)
		put_advance(&item->advance, out);
	else if (us_status_is_pending(item->p.status))
		put_pending(ask, change, item, out);
	else if (item->p.status == US_STATUS_DENIED)
		us_buf_printf(out, "denied (id %.*s): %.*s", US_ARG(item->p.id),
		    US_ARG(item->refusal));
	else
		put_granted(change, item, out);
}

static struct us_str
id_of(const struct us_asked *item)
{
	return item->advance.id.n ? item->advance.id : item->p.id;
}

static void
put_ids(const struct us_ask *ask, struct us_buf *out)
{
	const struct us_asked *item;
	const char *comma = "";

	us_member_name(out, "ids");
	us_buf_putc(out, '[');
	US_EACH (item, &ask->items) {
		us_buf_puts(out, comma);
		us_buf_json(out, id_of(item));
		comma = ",";
	}
	us_buf_putc(out, ']');
}

/* The first item speaks for the submission. */
void
us_ask_answer(
    struct us_ask *ask, const struct us_change *change, struct us_buf *out)
{
	const struct us_asked *first = &ask->items.v[0], *item;
	const struct us_permission *p = &first->p;
	struct us_buf message = {0};

	US_EACH (item, &ask->items) {
		us_buf_puts(&message, message.n ? "\n" : "");
		put_item(ask, change, item, &message);
	}
	us_buf_putc(out, '{');
	us_member_bool(out, "ok", true);
	us_member_str(out, "message", us_buf_str(&message));
	us_member_str(out, "id", id_of(first));
	if (ask->items.n > 1)
		put_ids(ask, out);
	us_member_bool(out, "isPreexisting", first->preexisting);
	us_member_bool(out, "isPersistent", p->by == US_BY_PERSISTENT);
	us_member_bool(out, "isPreapproved", p->by == US_BY_PREAPPROVAL);
	if (!first->advance.id.n) {
		us_member_str(out, "status", us_str(us_status_name(p->status)));
		us_member_str(out, "label", us_str(us_status_label(p->status)));
	}
	us_buf_putc(out, '}');
	us_buf_free(&message);
}
