/* SPDX-License-Identifier: Apache-2.0 */
/* Approvals in advance as JSON: on the wire, in notices, in the audit log. */
#include "daemon/member.h"
#include "daemon/preapproval.h"

static void
put_members(const struct us_advance *r, struct us_buf *out)
{
	us_member_str(out, "id", r->id);
	us_member_str(out, "principal", r->principal);
	us_member_str(out, "issuer", r->issuer);
	us_member_str(out, "service", r->service);
	us_member_str(out, "accessType", r->access);
	us_member_str(out, "item", r->item);
	us_member_str(out, "itemLabel", r->label);
	us_member_str(out, "reason", r->reason);
	us_member_time(out, "from", r->from);
	us_member_time(out, "until", r->until);
	if (r->duration)
		us_member_number(out, "duration", r->duration);
	else
		us_member_json(out, "duration", US_STR(""), "null");
	us_member_time(out, "createdDate", r->created);
}

void
us_advance_json(const struct us_advance *r, struct us_buf *out)
{
	us_buf_putc(out, '{');
	put_members(r, out);
	us_member_json(out, "attributes", r->attributes, "{}");
	us_member_str(out, "revokedBy", r->ended_by);
	us_member_time(out, "revokedDate", r->ended);
	us_buf_putc(out, '}');
}

void
us_advance_notice(const struct us_advance *r, enum us_notice notice,
    const struct us_change *change, struct us_buf *out)
{
	us_buf_putc(out, '{');
	us_member_str(out, "notice", us_str(us_notice_word(notice)));
	us_member_time(out, "at", change->now);
	us_member_str(out, "org", change->org->name);
	put_members(r, out);
	us_buf_putc(out, '}');
}

static void
audit(struct us_change *change, enum us_action action,
    const struct us_actor *actor, struct json_object *data)
{
	us_audit_append(
	    change->txn, change->org->name, change->now, action, actor, data);
}

void
us_advance_audit(struct us_change *change, enum us_action action,
    const struct us_actor *actor, const struct us_advance *r)
{
	struct us_buf text = {0};

	us_advance_json(r, &text);
	audit(change, action, actor, json_tokener_parse(text.p));
	us_buf_free(&text);
}

void
us_advance_audit_use(struct us_change *change, const struct us_actor *actor,
    struct us_str id, const struct us_permission *p)
{
	struct us_buf text = {0};

	us_buf_putc(&text, '{');
	us_member_str(&text, "id", id);
	us_member_str(&text, "principal", p->principal);
	us_member_str(&text, "request", p->id);
	us_buf_putc(&text, '}');
	audit(change, US_ACTION_PREAPPROVAL_USED, actor,
	    json_tokener_parse(text.p));
	us_buf_free(&text);
}
