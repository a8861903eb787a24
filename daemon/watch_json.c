/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a poll: one line of JSON that a client acts on. Clients for ssh
 * find there what they need to connect.
 */
#include <json-c/json.h>

#include "daemon/life.h"
#include "daemon/member.h"
#include "daemon/watch_json.h"
#include "engine/when.h"

/*
 * But for ssh, a client waits for the approval only: that it is being put in
 * place, or waits for a person who does that, is nothing that it knows.
 */
static bool
is_approved(const struct us_permission *p)
{
	return (p->status == US_STATUS_APPROVED ||
		   p->status == US_STATUS_STAGED) &&
	       !us_str_is(p->service, "ssh");
}

bool
us_watch_is_over(const struct us_permission *p)
{
	return us_status_is_final(p->status) ||
	       p->status == US_STATUS_ERRORED || p->status == US_STATUS_DONE ||
	       is_approved(p);
}

/* --- For people --------------------------------------------------------- */

static void
put_length(const struct us_permission *p, struct us_buf *out)
{
	if (!p->duration)
		return;
	us_buf_puts(out, " for ");
	if (p->duration % 60)
		us_buf_printf(out, "%lld s", (long long)p->duration);
	else
		us_length_print(p->duration, out);
}

static void
put_approved(const struct us_permission *p, struct us_buf *out)
{
	if (p->approver.n)
		us_buf_printf(out, "approved by %.*s", US_ARG(p->approver));
	else
		us_buf_puts(out, "granted by the rules");
	put_length(p, out);
}

/* What ended it, by whom, and why. */
static void
put_last(const struct us_permission *p, struct us_buf *out)
{
	const struct us_episode *e = NULL, *each;

	US_EACH (each, &p->history)
		if (each->event != US_EVENT_REMOVED)
			e = each;
	us_buf_puts(out, us_status_label(p->status));
	if (!e)
		return;
	if (!us_str_is(e->by, US_SELF) && e->event != US_EVENT_REFUSE)
		us_buf_printf(out, " by %.*s", US_ARG(e->by));
	if (e->text.n)
		us_buf_printf(out, ": %.*s", US_ARG(e->text));
}

void
us_watch_message(const struct us_permission *p, struct us_buf *out)
{
	switch (p->status) {
	case US_STATUS_PENDING_APPROVAL:
	case US_STATUS_PENDING_APPROVAL_ESCALATED:
		us_buf_printf(
		    out, "waits for approval by %.*s", US_ARG(p->approvers));
		break;
	case US_STATUS_APPROVED:
	case US_STATUS_STAGED:
		put_approved(p, out);
		us_buf_puts(out, "; it is being put in place");
		break;
	case US_STATUS_DONE:
		put_approved(p, out);
		us_buf_puts(out, "; it is in place");
		break;
	case US_STATUS_DENIED:
	case US_STATUS_REVOKED:
		put_last(p, out);
		break;
	case US_STATUS_TIMED_OUT:
		us_buf_puts(out, "nobody approved it in time; ask again");
		break;
	case US_STATUS_ERRORED:
	case US_STATUS_CLEANUP_SUBMITTED:
	case US_STATUS_CLEANED_UP:
	case US_STATUS_CLEANUP_ERRORED:
		us_buf_printf(out, "it could not be put in place: %.*s",
		    US_ARG(p->error));
		break;
	default:
		us_buf_puts(out, us_status_label(p->status));
		break;
	}
}

/* --- For ssh ------------------------------------------------------------ */

/* The text under a path of names; "" when there is none. */
static struct us_str
text_at(struct json_object *o, const char *const *path)
{
	for (; o && *path; path++) {
		if (!json_object_object_get_ex(o, *path, &o))
			return US_STR("");
	}
	if (json_object_is_type(o, json_type_array))
		o = json_object_array_get_idx(o, 0);
	return json_object_is_type(o, json_type_string)
		   ? us_str(json_object_get_string(o))
		   : US_STR("");
}

static struct json_object *
parse(struct us_str json)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o =
	    json.n ? json_tokener_parse_ex(t, json.p, (int)json.n) : NULL;

	json_tokener_free(t);
	return o;
}

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct us_str or (struct us_str s, struct us_str otherwise)
{
	return s.n ? s : otherwise;
}

static void
put_ssh(const struct us_permission *p, struct json_object *connect,
    struct us_buf *out)
{
	struct json_object *attributes = parse(p->attributes);
	struct us_str host = text_at(connect, PATH("hostname"));

	us_member_str(
	    out, "provider", or (text_at(attributes, PATH("provider", "id")),
				    US_STR("self-hosted")));
	us_member_str(out, "publicKey", p->public_key);
	us_member_name(out, "resource");
	us_buf_putc(out, '{');
	us_member_str(out, "hostname", or (host, p->item));
	us_member_str(
	    out, "publicIp", or (text_at(connect, PATH("address")), host));
	us_buf_putc(out, '}');
	json_object_put(attributes);
}

static void
add_missing(struct json_object *o, const char *name, struct us_str value)
{
	if (!json_object_object_get_ex(o, name, NULL))
		json_object_object_add(o, name,
		    json_object_new_string_len(
			value.n ? value.p : "", (int)value.n));
}

/*
 * What the provisioner made, with the account on the host: if it did not say,
 * the inventory's, or what stands before the @.
 */
static void
put_generated(const struct us_permission *p, bool generated,
    struct json_object *connect, struct us_buf *out)
{
	struct json_object *made = parse(generated ? p->generated : US_STR(""));
	struct us_str name = p->principal;
	const char *at = name.n ? memchr(name.p, '@', name.n) : NULL;

	if (at)
		name.n = (size_t)(at - name.p);
	if (!json_object_is_type(made, json_type_object)) {
		json_object_put(made);
		made = json_object_new_object();
	}
	if (us_str_is(p->service, "ssh")) {
		add_missing(made, "linuxUserName",
		    or (text_at(connect, PATH("user")), name));
		add_missing(made, "publicKey", p->public_key);
	}
	us_member_name(out, "generated");
	us_buf_puts(
	    out, json_object_to_json_string_ext(made,
		     JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(made);
}

/* --- The line ----------------------------------------------------------- */

static void
put_permission(const struct us_permission *p, bool generated,
    struct json_object *connect, struct us_buf *out)
{
	us_member_name(out, "permission");
	us_buf_putc(out, '{');
	if (us_str_is(p->service, "ssh"))
		put_ssh(p, connect, out);
	us_member_str(out, "accessType", p->access);
	us_member_str(out, "item", p->item);
	us_member_str(out, "label", p->label);
	us_member_json(out, "arguments", p->arguments, "[]");
	us_buf_putc(out, '}');
	put_generated(p, generated, connect, out);
}

static void
put_request(const struct us_permission *p, bool generated, struct us_buf *out)
{
	struct json_object *connect = parse(p->connect);
	enum us_status status = is_approved(p) ? US_STATUS_APPROVED : p->status;

	us_member_name(out, "request");
	us_buf_putc(out, '{');
	us_member_str(out, "status", us_str(us_status_name(status)));
	us_member_str(out, "principal", p->principal);
	us_member_str(out, "type", p->service);
	put_permission(p, generated, connect, out);
	us_member_json(out, "delegation", US_STR(""), "{}");
	us_member_name(out, "error");
	if (p->error.n) {
		us_buf_putc(out, '{');
		us_member_str(out, "message", p->error);
		us_buf_putc(out, '}');
	} else {
		us_buf_puts(out, "null");
	}
	us_buf_putc(out, '}');
	json_object_put(connect);
}

void
us_watch_json(const struct us_permission *p, bool generated, struct us_buf *out)
{
	struct us_buf message = {0};

	us_watch_message(p, &message);
	us_buf_puts(out, "{\"type\":\"data\",\"data\":{");
	us_member_bool(out, "ok", true);
	us_member_str(out, "message", us_buf_str(&message));
	us_member_str(out, "id", p->id);
	us_member_bool(out, "isPreexisting", false);
	us_member_bool(out, "isPersistent", p->by == US_BY_PERSISTENT);
	us_member_bool(out, "isPreapproved", p->by == US_BY_PREAPPROVAL);
	put_request(p, generated, out);
	us_buf_puts(out, "}}\n");
	us_buf_free(&message);
}
