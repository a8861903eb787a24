/* SPDX-License-Identifier: Apache-2.0 */
/* Who the caller is, as the server sees it. */
#include "daemon/api.h"
#include "daemon/auth.h"
#include "daemon/http.h"
#include "daemon/org.h"

static void
put_groups(const us_group_ids *groups, struct us_buf *out)
{
	const struct us_group_id *group;
	const char *comma = "";

	us_buf_putc(out, '[');
	US_EACH (group, groups) {
		us_buf_printf(out, "%s{\"directory\":", comma);
		us_buf_json(out, group->directory);
		us_buf_puts(out, ",\"id\":");
		us_buf_json(out, group->id);
		us_buf_putc(out, '}');
		comma = ",";
	}
	us_buf_putc(out, ']');
}

static void
put_member(struct us_buf *out, const char *name, struct us_str value)
{
	if (!value.p)
		return;
	us_buf_printf(out, ",\"%s\":", name);
	us_buf_json(out, value);
}

void
api_account(struct us_call *call)
{
	static const char *const kinds[] = {
	    [US_CALLER_PERSON] = "person",
	    [US_CALLER_AGENT] = "agent",
	    [US_CALLER_KEY] = "key",
	};
	const struct us_caller *caller = call->caller;
	struct us_buf out = {0};

	us_buf_printf(&out, "{\"kind\":\"%s\"", kinds[caller->kind]);
	put_member(&out, "org", call->org->name);
	put_member(&out, "uid", caller->uid);
	put_member(&out, "provider", caller->provider);
	put_member(&out, "clientId", caller->client_id);
	put_member(&out, "owner", caller->owner);
	us_buf_puts(&out, ",\"roles\":");
	us_roles_print(caller->roles, &out);
	if (caller->user) {
		put_member(&out, "name", caller->user->name);
		us_buf_puts(&out, ",\"groups\":");
		put_groups(&caller->user->groups, &out);
	}
	us_buf_putc(&out, '}');
	us_call_reply(call, 200, NULL, us_buf_str(&out));
	us_buf_free(&out);
}
