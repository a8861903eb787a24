/* SPDX-License-Identifier: Apache-2.0 */
/* The calls under /integrations/ssh: what clients need for it (SPEC 12). */
#include "daemon/api.h"
#include "daemon/api_body.h"
#include "daemon/audit.h"
#include "daemon/case.h"
#include "daemon/clock.h"
#include "daemon/errand.h"
#include "daemon/world.h"
#include "engine/check.h"

/* Beginnings and ends of sessions of one request. */
#define SESSIONS_MAX 10000

/* All hosts of an organisation are one environment, by its name. */
void
api_ssh_config(struct us_call *call)
{
	struct us_buf out = {0};

	us_buf_printf(&out,
	    "{\"config\":{\"iam-write\":{\"self-hosted:%.*s\":"
	    "{\"state\":\"installed\"}}}}",
	    US_ARG(call->org->name));
	us_call_reply(call, 200, NULL, us_buf_str(&out));
	us_buf_free(&out);
}

/* A session that began or ended, as the client of the caller tells. */
struct session {
	struct us_str request, id;
	enum us_action action;
};

static void
read_action(struct us_json_reader *r, struct us_json_value value,
    enum us_action *action)
{
	struct us_word word;

	if (!us_json_word(r, value, &word))
		return;
	*action = us_action_find(word.s);
	if (*action != US_ACTION_SSH_START && *action != US_ACTION_SSH_END)
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "%s; expected \"ssh.session.start\" or "
		    "\"ssh.session.end\"",
		    us_json_show(r, value));
}

static void
read_session(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { REQUEST, ACTION, ID, COUNT };
	static const char *const names[] = {
	    "requestId", "action", "sshSessionId"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(REQUEST) | US_BIT(ACTION) | US_BIT(ID), 0}};
	static const struct us_json_form form =
	    US_FORM("a session", names, shapes);
	struct us_json_value slots[COUNT];
	struct session *session = what;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	us_json_str(r, slots[REQUEST], &session->request);
	us_json_str(r, slots[ID], &session->id);
	if (session->id.n > US_NAME_MAX)
		us_json_error(r, US_DIAG_LIMIT, slots[ID],
		    "the id of a session has at most %d bytes", US_NAME_MAX);
	read_action(r, slots[ACTION], &session->action);
}

static struct json_object *
to_json(struct us_str s)
{
	return json_object_new_string_len(s.p, (int)s.n);
}

/*
 * Of one's own requests alone: nobody tells of others' sessions. Only of
 * access that is there, and so often at most: the audit log keeps them all.
 */
static bool
may_tell(struct us_errand *errand, struct us_txn *txn, struct us_permission *p)
{
	const struct session *session = errand->what;

	if (!us_permission_get(
		txn, errand->org->name, session->request, &errand->arena, p) ||
	    !us_case_is_own(p, &errand->caller) ||
	    !us_str_is(p->service, "ssh"))
		return us_errand_refuse(errand, 404,
		    "there is no such request for SSH that is your own");
	if (p->status != US_STATUS_DONE)
		return us_errand_refuse(errand, 409,
		    "that access is not in place, so it has no sessions");
	if (p->sessions >= SESSIONS_MAX)
		return us_errand_refuse(errand, 409,
		    "too many sessions were told of for this request; ask for "
		    "access anew");
	return true;
}

static bool
apply_session(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct session *session = errand->what;
	struct us_str org = errand->org->name;
	struct us_actor actor = us_caller_actor(&errand->caller);
	struct json_object *data;
	struct us_permission before, p;

	if (!may_tell(errand, txn, &p))
		return false;
	before = p;
	p.sessions++;
	us_permission_put(txn, org, &before, &p);
	data = json_object_new_object();
	json_object_object_add(data, "id", to_json(p.id));
	json_object_object_add(data, "item", to_json(p.item));
	json_object_object_add(data, "sshSessionId", to_json(session->id));
	us_audit_append(
	    txn, org, us_clock_now(), session->action, &actor, data);
	errand->status = 200;
	us_buf_reset(&errand->body);
	us_buf_puts(&errand->body, "{}");
	return true;
}

void
api_ssh_audit(struct us_call *call)
{
	struct session read = {0}, *session;
	struct us_errand *errand;

	if (!us_api_body(call, &call->arena, read_session, &read))
		return;
	errand = us_errand_new(call, apply_session, true);
	session = us_arena_alloc(&errand->arena, sizeof(*session));
	session->request = us_arena_str(&errand->arena, read.request);
	session->id = us_arena_str(&errand->arena, read.id);
	session->action = read.action;
	errand->what = session;
	us_errand_submit(errand, call);
}
