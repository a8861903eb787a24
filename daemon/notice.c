/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: what they say, and a row of the outbox for each channel. */
#include "daemon/conf.h"
#include "daemon/member.h"
#include "daemon/outbox.h"

static const char *const words[] = {
#define US_NOTICE(id, word, help) word,
#include "daemon/notice.def"
};

const char *
us_notice_word(enum us_notice notice)
{
	return words[notice];
}

void
us_notice_body(struct us_change *change, enum us_notice notice,
    const struct us_permission *p, struct us_str pages, struct us_buf *out)
{
	int64_t end = p->due_end;

	us_buf_putc(out, '{');
	us_member_str(out, "notice", us_str(words[notice]));
	us_member_time(out, "at", change->now);
	us_member_str(out, "org", change->org->name);
	us_member_str(out, "id", p->id);
	us_member_str(out, "status", us_str(us_status_name(p->status)));
	us_member_str(out, "principal", p->principal);
	us_member_str(out, "asker", p->asker);
	us_member_str(out, "agent", p->agent_client);
	us_member_str(out, "service", p->service);
	us_member_str(out, "accessType", p->access);
	us_member_str(out, "item", p->item);
	us_member_str(out, "itemLabel", p->label);
	us_member_str(out, "reason", p->reason);
	us_member_str(out, "approvers", p->approvers);
	us_member_str(out, "approver", p->approver);
	us_member_number(
	    out, "duration", p->duration ? p->duration : p->asked_duration);
	/* Due times are ahead of the wall clock by what this moment shows. */
	us_member_time(
	    out, "expires", end ? end - (change->due_now - change->now) : 0);
	us_member_str(out, "error", p->error);
	if (pages.n)
		us_member_json(out, "pages", pages, "[]");
	us_buf_putc(out, '}');
}

/* The log says no more than that: the outbox need not keep the rest for it. */
static void
add_for_log(struct us_change *change, enum us_notice notice, struct us_str ref,
    struct us_str status)
{
	struct us_work work = {
	    .kind = US_WORK_NOTICE, .ref = ref, .channel = US_STR("log")};
	struct us_buf body = {0};

	us_buf_putc(&body, '{');
	us_member_str(&body, "notice", us_str(words[notice]));
	us_member_str(&body, "status", status);
	us_buf_putc(&body, '}');
	work.body = us_buf_str(&body);
	us_outbox_add(change, &work);
	us_buf_free(&body);
}

static void
add_for_notifiers(
    struct us_change *change, struct us_str ref, struct us_str json)
{
	const struct us_conf_org *conf = change->org->conf;
	struct us_work work = {
	    .kind = US_WORK_NOTICE, .ref = ref, .body = json};

	for (unsigned i = 0; i < conf->notifier_count; i++) {
		work.channel = us_str(conf->notifiers[i].name);
		us_outbox_add(change, &work);
	}
}

void
us_notice_add_json(struct us_change *change, enum us_notice notice,
    struct us_str ref, struct us_str json)
{
	if (notice == US_NOTICE_NONE)
		return;
	add_for_log(change, notice, ref, US_STR(""));
	add_for_notifiers(change, ref, json);
}

void
us_notice_add(struct us_change *change, enum us_notice notice,
    const struct us_permission *p)
{
	struct us_buf body = {0};

	add_for_log(change, notice, p->id, us_str(us_status_name(p->status)));
	if (!change->org->conf->notifier_count)
		return;
	us_notice_body(change, notice, p, (struct us_str){0}, &body);
	add_for_notifiers(change, p->id, us_buf_str(&body));
	us_buf_free(&body);
}
