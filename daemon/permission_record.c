/* SPDX-License-Identifier: Apache-2.0 */
/* Permission requests as values of the store. */
#include "daemon/life.h"
#include "daemon/record_parts.h"

#define VERSION 1

/*
 * Members one after another, so that writing and reading cannot differ in
 * their order: T a text, N a time or a length, C one of a list.
 */
#define MEMBERS(T, N, C) \
	T(id) \
	C(status, US_STATUS_COUNT) \
	T(principal) \
	C(listed, 2) \
	C(owner_listed, 2) \
	T(asker) \
	C(asker_kind, US_CALLER_KEY + 1) \
	T(agent_client) \
	T(agent_owner) \
	T(agent_provider) \
	T(service) \
	T(access) \
	T(item) \
	T(label) \
	T(attributes) \
	T(arguments) \
	T(connect) \
	T(public_key) \
	T(reason) \
	N(asked_duration) \
	T(decision) \
	C(by, US_BY_PREAPPROVAL + 1) \
	T(preapproval) \
	T(approvers) \
	T(approver) \
	N(duration) \
	N(last_end) \
	N(created) \
	N(approved) \
	N(started) \
	N(ended) \
	N(due_start) \
	N(due_end) \
	N(due_reminder) \
	N(due_approval) \
	T(error) \
	T(generated) \
	N(sessions)

/* Bytes of an episode without its texts. */
#define EPISODE_LEAST (8 + 1 + 1 + 4 + 4)

void
us_permission_encode(const struct us_permission *p, struct us_buf *out)
{
	const struct us_episode *e;

	us_record_number(out, VERSION, 1);
	us_record_number(out, p->revision, 4);
	us_record_number(out, p->version, 8);
#define PUT_TEXT(member) us_record_str(out, p->member);
#define PUT_TIME(member) us_record_time(out, p->member);
#define PUT_CHOICE(member, count) us_record_number(out, p->member, 1);
	MEMBERS(PUT_TEXT, PUT_TIME, PUT_CHOICE)
	us_record_number(out, p->history.n, 4);
	US_EACH (e, &p->history) {
		us_record_time(out, e->at);
		us_record_number(out, e->event, 1);
		us_record_number(out, e->status, 1);
		us_record_str(out, e->by);
		us_record_str(out, e->text);
	}
}

static void
take_episode(struct us_record_in *in, struct us_episode *e)
{
	e->at = us_record_take_time(in);
	e->event = us_record_take_choice(in, US_EVENT_COUNT);
	e->status = us_record_take_choice(in, US_STATUS_COUNT);
	e->by = us_record_take_str(in);
	e->text = us_record_take_str(in);
}

bool
us_permission_decode(
    struct us_str value, struct us_permission *p, struct us_arena *a)
{
	struct us_record_in in;
	uint32_t n;

	*p = (struct us_permission){0};
	us_record_begin(&in, value, VERSION);
	p->revision = us_record_take_u32(&in);
	p->version = us_record_take_number(&in, 8);
#define TAKE_TEXT(member) p->member = us_record_take_str(&in);
#define TAKE_TIME(member) p->member = us_record_take_time(&in);
#define TAKE_CHOICE(member, count) \
	p->member = us_record_take_choice(&in, count);
	MEMBERS(TAKE_TEXT, TAKE_TIME, TAKE_CHOICE)
	n = us_record_take_u32(&in);
	if (n > in.left.n / EPISODE_LEAST)
		in.bad = true;
	for (; n && !in.bad; n--)
		take_episode(&in, us_list_add(a, &p->history));
	return us_record_end(&in);
}
