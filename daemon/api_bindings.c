/* SPDX-License-Identifier: Apache-2.0 */
/* The calls under /settings/roles: role bindings. */
#include "daemon/api.h"
#include "daemon/api_reply.h"
#include "daemon/audit.h"
#include "daemon/binding.h"
#include "daemon/clock.h"
#include "daemon/errand.h"
#include "daemon/http.h"
#include "daemon/org.h"
#include "daemon/world.h"
#include "engine/when.h"

/* --- Reading bindings --------------------------------------------------- */

static void
no_such_role(struct us_call *call)
{
	struct us_buf names = {0};

	us_roles_say(US_ROLE_ALL, &names);
	us_call_error(
	    call, 404, "there is no role of that name; expected %s", names.p);
	us_buf_free(&names);
}

/* {role} and {kind} of the path; false when the call was answered. */
static bool
read_role(struct us_call *call, struct us_binding *binding)
{
	binding->org = call->org->name;
	binding->role = us_role_find(call->params[1]);
	if (binding->role == US_ROLE_COUNT) {
		no_such_role(call);
		return false;
	}
	if (us_binding_kind_find(call->params[2], &binding->kind))
		return true;
	us_call_error(call, 404, "bindings are those of users or of groups");
	return false;
}

static bool
read_binding(struct us_call *call, struct us_binding *binding)
{
	const char *wanted;

	if (!read_role(call, binding))
		return false;
	wanted = us_binding_id(
	    binding->kind, call->params[3], &call->arena, &binding->id);
	if (!wanted)
		return true;
	us_call_error(call, 400, "the id of a binding under %s is %s",
	    us_binding_kind_name(binding->kind), wanted);
	return false;
}

static void
put_binding(
    struct us_str id, const struct us_mark_record *mark, struct us_buf *out)
{
	us_buf_puts(out, "{\"id\":");
	us_buf_json(out, id);
	us_buf_puts(out, ",\"createdDate\":\"");
	us_when_print(mark->created, out);
	us_buf_puts(out, "\",\"createdBy\":");
	us_buf_json(out, mark->created_by);
	us_buf_putc(out, '}');
}

static bool
list_binding(void *arg, struct us_str id, struct us_str value)
{
	struct us_buf *out = arg;
	struct us_mark_record mark;

	if (!us_mark_decode(value, &mark))
		return true;
	if (out->p[out->n - 1] != '[')
		us_buf_putc(out, ',');
	put_binding(id, &mark, out);
	return true;
}

void
api_bindings_list(struct us_call *call)
{
	struct us_binding binding;
	struct us_buf out = {0};
	struct us_txn *txn;

	if (!read_role(call, &binding))
		return;
	txn = us_txn_read(call->org->world->store);
	us_buf_puts(&out, "{\"bindings\":[");
	us_bindings_each(txn, &binding, list_binding, &out);
	us_buf_puts(&out, "]}");
	us_api_reply(call, txn, 200, &out);
}

void
api_binding_get(struct us_call *call)
{
	struct us_binding binding;
	struct us_mark_record mark;
	struct us_buf out = {0};
	struct us_txn *txn;
	int status = 200;

	if (!read_binding(call, &binding))
		return;
	txn = us_txn_read(call->org->world->store);
	if (us_binding_get(txn, &binding, &mark)) {
		put_binding(binding.id, &mark, &out);
	} else {
		status = 404;
		us_error_json(US_STR("there is no such binding"), &out);
	}
	us_api_reply(call, txn, status, &out);
}

/* --- Writing bindings --------------------------------------------------- */

static void
record_change(struct us_errand *errand, struct us_txn *txn,
    enum us_action action, int64_t now)
{
	const struct us_binding *binding = errand->what;
	struct us_actor actor = us_caller_actor(&errand->caller);
	struct json_object *data = json_object_new_object();

	json_object_object_add(
	    data, "role", json_object_new_string(us_role_name(binding->role)));
	json_object_object_add(data, "kind",
	    json_object_new_string(us_binding_kind_name(binding->kind)));
	json_object_object_add(data, "id",
	    json_object_new_string_len(binding->id.p, (int)binding->id.n));
	us_audit_append(txn, errand->org->name, now, action, &actor, data);
}

/* What is bound already stays as it was, and no event says otherwise. */
static bool
apply_put(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct us_binding *binding = errand->what;
	struct us_mark_record mark = {
	    us_clock_now(), us_caller_actor(&errand->caller).email};

	errand->status = 204;
	if (us_binding_get(txn, binding, NULL))
		return true;
	us_binding_put(txn, binding, &mark);
	record_change(errand, txn, US_ACTION_BINDING_CREATED, mark.created);
	return true;
}

static bool
note_one(void *arg, struct us_str id, struct us_str value)
{
	bool *found = arg;

	(void)id;
	(void)value;
	*found = true;
	return false;
}

/* Is somebody an owner, by a binding or in the directory? */
static bool
has_owner(struct us_org *org, struct us_txn *txn)
{
	struct us_binding users = {
	    org->name, US_ROLE_OWNER, US_BINDING_USERS, {0}};
	struct us_binding groups = {
	    org->name, US_ROLE_OWNER, US_BINDING_GROUPS, {0}};
	struct us_directory *directory = us_org_directory(org);
	bool found = (us_directory_roles(directory) & US_ROLE_BIT(OWNER)) != 0;

	us_directory_unref(directory);
	us_bindings_each(txn, &users, note_one, &found);
	us_bindings_each(txn, &groups, note_one, &found);
	return found;
}

static bool
apply_delete(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct us_binding *binding = errand->what;

	errand->status = 204;
	if (!us_binding_delete(txn, binding))
		return us_errand_refuse(
		    errand, 404, "there is no such binding");
	if (binding->role == US_ROLE_OWNER && !has_owner(errand->org, txn))
		return us_errand_refuse(
		    errand, 409, "Cannot remove the last owner");
	record_change(errand, txn, US_ACTION_BINDING_DELETED, us_clock_now());
	return true;
}

static void
change_binding(struct us_call *call,
    bool (*apply)(struct us_write *write, struct us_txn *txn), bool new_work)
{
	struct us_binding binding, *copy;
	struct us_errand *errand;

	if (!read_binding(call, &binding))
		return;
	if (binding.role == US_ROLE_OWNER &&
	    !(call->caller->roles & US_ROLE_BIT(OWNER))) {
		us_call_error(call, 403, "only an owner makes or ends owners");
		return;
	}
	errand = us_errand_new(call, apply, new_work);
	copy = us_arena_alloc(&errand->arena, sizeof(*copy));
	*copy = binding;
	copy->id = us_arena_str(&errand->arena, binding.id);
	errand->what = copy;
	us_errand_submit(errand, call);
}

void
api_binding_put(struct us_call *call)
{
	change_binding(call, apply_put, true);
}

void
api_binding_delete(struct us_call *call)
{
	change_binding(call, apply_delete, false);
}
