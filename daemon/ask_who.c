/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks, and for whom. A person asks for itself or for others; an agent,
 * for the human that its token names, or for itself alone; a key for itself,
 * and for others when it was granted that.
 */
#include "daemon/ask_parts.h"
#include "daemon/binding.h"
#include "daemon/setting.h"
#include "engine/when.h"

/* Somebody who is gone asks for nothing, and neither do agents for them. */
static bool
is_there(struct us_ask *ask, struct us_str uid)
{
	if (!uid.n || us_directory_find(ask->sources.directory, uid))
		return true;
	return us_ask_refuse(ask, 403,
	    "\"%.*s\" is not in the directory of this organisation, and cannot "
	    "ask for access",
	    US_ARG(uid));
}

static bool
caller_there(struct us_ask *ask)
{
	const struct us_caller *caller = &ask->errand->caller;

	return !ask->errand->org->directory_path ||
	       caller->kind == US_CALLER_KEY ||
	       (is_there(ask, caller->uid) && is_there(ask, caller->owner));
}

static bool
verb_allowed(struct us_ask *ask)
{
	enum us_caller_kind kind = ask->errand->caller.kind;

	if (ask->verb == US_WISH_REQUEST)
		return true;
	if (kind == US_CALLER_AGENT)
		return us_ask_refuse(ask, 403,
		    "an agent asks for access with \"request\"; a person has "
		    "to "
		    "grant or allow it");
	if (kind == US_CALLER_KEY && ask->verb == US_WISH_ALLOW)
		return us_ask_refuse(ask, 403,
		    "an approval in advance is given by a person, not by an "
		    "API key");
	if (!ask->wish.to.n)
		return us_ask_refuse(ask, 400,
		    "say for whom with --to, like --to ana@example.com");
	return true;
}

/* May the caller ask for somebody else? */
static bool
may_ask_for(struct us_ask *ask, struct us_str uid)
{
	const struct us_caller *caller = &ask->errand->caller;

	if (us_str_eq_nocase(uid, caller->uid))
		return true;
	if (caller->kind == US_CALLER_AGENT)
		return us_ask_refuse(ask, 403,
		    "an agent asks for the person that its token names, not "
		    "for \"%.*s\"",
		    US_ARG(uid));
	if (caller->kind == US_CALLER_KEY && !caller->for_others)
		return us_ask_refuse(ask, 403,
		    "this API key may not ask for others; an owner can make "
		    "one that may (forOthers)");
	return true;
}

/* An e-mail, of the directory if there is one. */
static bool
set_person(struct us_ask *ask, struct us_str given)
{
	const char *wanted =
	    us_binding_id(US_BINDING_USERS, given, ask->arena, &ask->principal);

	if (wanted)
		return us_ask_refuse(ask, 400,
		    "--to \"%.*s\": expected %s of somebody who is to have "
		    "access",
		    US_ARG(given), wanted);
	if (ask->errand->org->directory_path &&
	    !us_directory_find(ask->sources.directory, ask->principal))
		return us_ask_refuse(ask, 400,
		    "--to \"%.*s\": nobody in the directory has that e-mail",
		    US_ARG(given));
	return true;
}

static bool
set_group(struct us_ask *ask, struct us_str given)
{
	size_t n = sizeof(US_ADVANCE_GROUP) - 1;
	struct us_str rest = {given.p + n, given.n - n};
	struct us_str id;
	const char *wanted =
	    us_binding_id(US_BINDING_GROUPS, rest, ask->arena, &id);
	const char *colon;

	if (wanted)
		return us_ask_refuse(ask, 400,
		    "--to \"%.*s\": expected group:%s", US_ARG(given), wanted);
	colon = memchr(id.p, ':', id.n);
	ask->is_group = true;
	ask->group.directory = (struct us_str){id.p, (size_t)(colon - id.p)};
	ask->group.id =
	    (struct us_str){colon + 1, id.n - 1 - ask->group.directory.n};
	ask->principal = us_advance_group(&ask->group, ask->arena);
	return true;
}

/* Without --to it is the caller. */
static bool
set_principal(struct us_ask *ask)
{
	const struct us_caller *caller = &ask->errand->caller;
	struct us_str to = ask->wish.to;

	ask->is_group = false;
	ask->principal = US_STR("");
	if (ask->verb == US_WISH_ALLOW && us_advance_is_group(to))
		return set_group(ask, to);
	if (to.n && !us_str_eq_nocase(to, caller->uid))
		return may_ask_for(ask, to) && set_person(ask, to);
	if (caller->kind == US_CALLER_KEY)
		ask->principal = caller->uid;
	else if (caller->uid.n)
		return set_person(ask, caller->uid);
	return true;
}

static bool
length_allowed(const struct us_asking *asking)
{
	struct us_ask *ask = asking->ask;
	int64_t most = us_setting_get(
	    asking->txn, ask->errand->org->name, US_SETTING_MAX_ACCESS);
	struct us_buf text = {0};

	if (ask->wish.duration <= most)
		return true;
	us_length_print(most, &text);
	us_ask_refuse(ask, 400,
	    "--requested-duration: %lld seconds; access lasts %s at most",
	    (long long)ask->wish.duration, text.p);
	us_buf_free(&text);
	return false;
}

bool
us_ask_who(const struct us_asking *asking)
{
	struct us_ask *ask = asking->ask;
	struct us_str type = ask->wish.principal_type;

	if (type.n && !us_str_is(type, "user"))
		return us_ask_refuse(ask, 400,
		    "--principal-type \"%.*s\" is not known; there is \"user\"",
		    US_ARG(type));
	return caller_there(ask) && verb_allowed(ask) && set_principal(ask) &&
	       length_allowed(asking);
}

/* --- The request -------------------------------------------------------- */

static struct us_str
copy(struct us_ask *ask, struct us_str s)
{
	return s.n ? us_arena_str(ask->arena, s) : US_STR("");
}

void
us_ask_sign(const struct us_caller *caller, struct us_permission *p)
{
	p->asker = us_caller_actor(caller).email;
	p->asker_kind = caller->kind;
	if (caller->kind != US_CALLER_AGENT)
		return;
	p->asker = caller->client_id;
	p->agent_client = caller->client_id;
	p->agent_owner = caller->owner;
	p->agent_provider = caller->provider;
}

/* Strings of the rules are copied: they may be gone when it is stored. */
struct us_permission
us_ask_permission(
    const struct us_asking *asking, const struct us_wanted *wanted)
{
	struct us_ask *ask = asking->ask;
	struct us_permission p = {
	    .status = US_STATUS_NEW,
	    .principal = ask->principal,
	    .service = copy(ask, wanted->service),
	    .access = copy(ask, wanted->access),
	    .item = copy(ask, wanted->item),
	    .label = copy(ask, wanted->label),
	    .attributes = wanted->attributes,
	    .arguments = wanted->arguments,
	    .connect = wanted->connect,
	    .public_key = ask->wish.public_key,
	    .reason = ask->wish.reason,
	    .asked_duration = ask->wish.duration,
	    .version = asking->own.active->version,
	    .created = asking->now,
	};
	char id[27];

	us_permission_new_id(asking->now, id);
	p.id = us_arena_str(ask->arena, us_str(id));
	us_ask_sign(&ask->errand->caller, &p);
	return p;
}
