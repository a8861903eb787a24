/* SPDX-License-Identifier: Apache-2.0 */
/* Permission requests on the wire. */
#include <json-c/json.h>

#include "daemon/life.h"
#include "daemon/member.h"
#include "daemon/permission.h"
#include "daemon/version.h"

/* Members of a decision, and of its alternatives, that name rules. */
static void
hide_rules(struct json_object *decision)
{
	struct json_object *alternatives;

	json_object_object_add(decision, "rules", json_object_new_array());
	json_object_object_add(decision, "deniedBy", json_object_new_array());
	json_object_object_del(decision, "undecided");
	json_object_object_del(decision, "approver");
	if (!json_object_object_get_ex(
		decision, "alternatives", &alternatives) ||
	    !json_object_is_type(alternatives, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(alternatives); i++)
		json_object_object_del(
		    json_object_array_get_idx(alternatives, i), "rule");
}

static void
put_decision(const struct us_permission *p, bool rules, struct us_buf *out)
{
	struct json_tokener *reader;
	struct json_object *decision;

	us_member_name(out, "decision");
	if (rules && p->decision.n) {
		us_buf_str_add(out, p->decision);
		return;
	}
	reader = json_tokener_new();
	decision =
	    json_tokener_parse_ex(reader, p->decision.p, (int)p->decision.n);
	if (json_object_is_type(decision, json_type_object)) {
		hide_rules(decision);
		us_buf_puts(out, json_object_to_json_string_ext(
				     decision, JSON_C_TO_STRING_PLAIN));
	} else {
		us_buf_puts(out, "null");
	}
	json_object_put(decision);
	json_tokener_free(reader);
}

/* Who asked; of an agent its human, if there is one. */
static void
put_who(const struct us_permission *p, struct us_buf *out)
{
	static const char *const kinds[] = {
	    [US_CALLER_PERSON] = "person",
	    [US_CALLER_AGENT] = "agent",
	    [US_CALLER_KEY] = "key",
	};
	bool agent = p->asker_kind == US_CALLER_AGENT;

	us_member_str(out, "principal", p->principal);
	us_member_str(out, "requestor", agent ? p->principal : p->asker);
	us_member_name(out, "issuer");
	us_buf_putc(out, '{');
	us_member_str(out, "type", us_str(kinds[p->asker_kind]));
	us_member_str(out, "id", p->asker);
	us_buf_putc(out, '}');
	if (!p->agent_client.n)
		return;
	us_member_name(out, "agent");
	us_buf_putc(out, '{');
	us_member_str(out, "clientId", p->agent_client);
	us_member_str(out, "owner", p->agent_owner);
	us_member_str(out, "providerId", p->agent_provider);
	us_buf_putc(out, '}');
}

static void
put_what(const struct us_permission *p, struct us_buf *out)
{
	us_member_str(out, "service", p->service);
	us_member_str(out, "accessType", p->access);
	us_member_str(out, "item", p->item);
	us_member_str(out, "itemLabel", p->label);
	us_member_json(out, "attributes", p->attributes, "{}");
	us_member_json(out, "arguments", p->arguments, "[]");
	us_member_str(out, "reason", p->reason);
}

/* Seconds; 0 is null. */
static void
put_length(const char *name, int64_t seconds, struct us_buf *out)
{
	if (seconds)
		us_member_number(out, name, seconds);
	else
		us_member_json(out, name, US_STR("null"), "");
}

static void
put_decided(const struct us_permission *p, bool rules, struct us_buf *out)
{
	const char *by = us_by_name(p->by);

	put_length("requestedDuration", p->asked_duration, out);
	put_length("duration", p->duration, out);
	us_member_name(out, "workflowVersion");
	us_version_json(p->version, out);
	put_decision(p, rules, out);
	us_member_str(out, "by", us_str(by ? by : ""));
	us_member_str(out, "approvers", p->approvers);
	us_member_str(out, "approvedBy", p->approver);
	us_member_str(out, "preapproval", p->preapproval);
}

static void
put_times(const struct us_permission *p, int64_t offset, struct us_buf *out)
{
	bool pending = us_status_is_pending(p->status);

	us_member_time(out, "createdDate", p->created);
	us_member_time(out, "approvedDate", p->approved);
	us_member_time(out, "startDate", p->started);
	us_member_time(
	    out, "expiresDate", p->due_end ? p->due_end - offset : 0);
	us_member_time(out, "endDate", p->ended);
	us_member_time(
	    out, "approvableUntil", pending ? p->due_approval - offset : 0);
}

static void
put_history(const struct us_permission *p, struct us_buf *out)
{
	const struct us_episode *e;
	const char *comma = "";

	us_member_name(out, "history");
	us_buf_putc(out, '[');
	US_EACH (e, &p->history) {
		us_buf_puts(out, comma);
		us_buf_putc(out, '{');
		us_member_time(out, "at", e->at);
		us_member_str(out, "event", us_str(us_event_word(e->event)));
		us_member_str(out, "status", us_str(us_status_name(e->status)));
		us_member_str(out, "by", e->by);
		us_member_str(out, "text", e->text);
		us_buf_putc(out, '}');
		comma = ",";
	}
	us_buf_putc(out, ']');
}

void
us_permission_json(const struct us_permission *p, int64_t offset, unsigned show,
    struct us_buf *out)
{
	bool generated = (show & US_SHOW_GENERATED) != 0;

	us_buf_putc(out, '{');
	us_member_str(out, "id", p->id);
	us_member_str(out, "status", us_str(us_status_name(p->status)));
	us_member_str(out, "label", us_str(us_status_label(p->status)));
	us_member_bool(out, "final", us_status_is_final(p->status));
	put_who(p, out);
	put_what(p, out);
	put_decided(p, (show & US_SHOW_RULES) != 0, out);
	put_times(p, offset, out);
	us_member_str(out, "error", p->error);
	us_member_json(
	    out, "generated", generated ? p->generated : US_STR(""), "{}");
	put_history(p, out);
	us_buf_putc(out, '}');
}
