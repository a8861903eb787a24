/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who calls. A token proves an e-mail, an agent or a key of one organisation;
 * what that may do is looked up here, at each call.
 */
#include "daemon/auth.h"
#include "daemon/apikey.h"
#include "daemon/binding.h"
#include "daemon/clock.h"
#include "daemon/hash.h"
#include "daemon/http.h"
#include "daemon/org.h"
#include "daemon/records.h"
#include "daemon/token.h"
#include "daemon/world.h"

struct group_search {
	const us_group_ids *groups;
	bool found;
};

/* An id of a binding is DIRECTORY:ID, directories by their canonical names. */
static bool
is_group(struct us_str id, const struct us_group_id *group)
{
	size_t n = group->directory.n;

	return id.n == n + 1 + group->id.n && id.p[n] == ':' &&
	       memcmp(id.p, group->directory.p, n) == 0 &&
	       memcmp(id.p + n + 1, group->id.p, group->id.n) == 0;
}

static bool
try_binding(void *arg, struct us_str id, struct us_str value)
{
	struct group_search *search = arg;
	const struct us_group_id *group;

	(void)value;
	US_EACH (group, search->groups) {
		if (is_group(id, group))
			search->found = true;
	}
	return !search->found;
}

/* Is one of the groups bound to the role? Bindings of groups are few. */
static bool
groups_bound(struct us_txn *txn, struct us_str org, enum us_role role,
    const us_group_ids *groups)
{
	struct us_binding binding = {org, role, US_BINDING_GROUPS, {0}};
	struct group_search search = {groups, false};

	if (groups->n)
		us_bindings_each(txn, &binding, try_binding, &search);
	return search.found;
}

unsigned
us_auth_roles(struct us_org *org, struct us_txn *txn, struct us_str uid,
    const struct us_user *user)
{
	unsigned bits = user ? user->roles : 0;

	/* Most have their roles from the directory, and bind none. */
	if (us_txn_count(txn, US_TABLE_BINDING) == 0)
		return us_roles_implied(bits);
	for (enum us_role role = 0; role < US_ROLE_COUNT; role++) {
		struct us_binding binding = {
		    org->name, role, US_BINDING_USERS, uid};

		if (!(bits & 1u << role) &&
		    (us_binding_get(txn, &binding, NULL) ||
			(user &&
			    groups_bound(txn, org->name, role, &user->groups))))
			bits |= 1u << role;
	}
	return us_roles_implied(bits);
}

static bool
get_key(struct us_txn *txn, struct us_str org, struct us_str id,
    struct us_apikey_record *record)
{
	struct us_key key = {0};
	struct us_str value;

	us_key_text(&key, org);
	us_key_text(&key, id);
	return us_txn_get(txn, US_TABLE_APIKEY, us_key_str(&key), &value) &&
	       us_apikey_decode(value, record);
}

int64_t
us_auth_key_end(struct us_txn *txn, struct us_str org, struct us_str uid)
{
	static const struct us_str prefix = {"key:", 4};
	struct us_apikey_record record;

	if (uid.n <= prefix.n || memcmp(uid.p, prefix.p, prefix.n) != 0)
		return INT64_MAX;
	uid.p += prefix.n;
	uid.n -= prefix.n;
	if (!get_key(txn, org, uid, &record))
		return 0;
	return record.expires ? record.expires : INT64_MAX;
}

bool
us_caller_holds(const struct us_caller *caller, const struct us_org *org,
    struct us_txn *txn)
{
	return caller->kind != US_CALLER_KEY ||
	       us_clock_now() < us_auth_key_end(txn, org->name, caller->uid);
}

/*
 * A person has what the token grants and what the server's own sources say. An
 * agent has what its token grants alone: it speaks for a human, and does not
 * come into that human's offices by it. A key has what it was made with, while
 * it is.
 */
void
us_caller_renew(struct us_caller *caller, struct us_org *org,
    struct us_txn *txn, struct us_directory *directory)
{
	struct us_directory *before = caller->directory;

	caller->directory = us_directory_ref(directory);
	us_directory_unref(before);
	caller->user =
	    caller->uid.p ? us_directory_find(directory, caller->uid) : NULL;
	if (caller->kind == US_CALLER_PERSON)
		caller->own_roles =
		    us_auth_roles(org, txn, caller->uid, caller->user);
	if (!us_caller_holds(caller, org, txn)) {
		caller->token_roles = 0;
		caller->for_others = false;
	}
	caller->roles = caller->token_roles | caller->own_roles;
}

/* By the directory of now. */
static void
complete(struct us_org *org, struct us_txn *txn, struct us_caller *caller)
{
	struct us_directory *directory = us_org_directory(org);

	us_caller_renew(caller, org, txn, directory);
	us_directory_unref(directory);
}

static int
token_caller(const struct us_token_key *key, struct us_call *call,
    struct us_org *org, struct us_txn *txn, struct us_caller *caller)
{
	struct us_token token;

	if (!us_token_verify(
		key, call->bearer, us_clock_now(), &call->arena, &token))
		return 401;
	if (!org || !us_str_eq(org->name, token.org))
		return 403;
	caller->kind = token.client_id.p ? US_CALLER_AGENT : US_CALLER_PERSON;
	caller->uid = token.email;
	caller->provider = US_STR("usherd");
	caller->client_id = token.client_id;
	caller->owner = token.owner;
	caller->token_roles = us_roles_implied(token.roles);
	complete(org, txn, caller);
	return 0;
}

/* What an API key says, once it is split. */
struct split_key {
	struct us_str org, id;
	uint8_t hash[32];
};

static bool
key_holds(struct us_txn *txn, const struct split_key *split,
    struct us_apikey_record *record)
{
	return get_key(txn, split->org, split->id, record) &&
	       us_sha256_same(split->hash, record->hash) &&
	       (!record->expires || us_clock_now() < record->expires);
}

static int
key_caller(const struct split_key *split, struct us_call *call,
    struct us_org *org, struct us_txn *txn, struct us_caller *caller)
{
	struct us_apikey_record record;

	if (!key_holds(txn, split, &record))
		return 401;
	if (!org || !us_str_eq(org->name, split->org))
		return 403;
	caller->kind = US_CALLER_KEY;
	caller->uid = us_str(
	    us_arena_printf(&call->arena, "key:%.*s", US_ARG(split->id)));
	caller->provider = US_STR("key");
	caller->token_roles = us_roles_implied(record.roles);
	caller->for_others = record.for_others;
	complete(org, txn, caller);
	return 0;
}

int
us_auth_caller(struct us_call *call, struct us_org *org, struct us_txn *txn,
    struct us_caller *caller)
{
	const struct us_loop *loop = call->loop;
	struct split_key split;
	int status;

	*caller = (struct us_caller){0};
	if (us_apikey_split(call->bearer, &split.org, &split.id, split.hash))
		status = key_caller(&split, call, org, txn, caller);
	else
		status = token_caller(loop->world->key, call, org, txn, caller);
	if (us_txn_error(txn)) {
		/* Half of what somebody may do is not what they may do. */
		us_caller_done(caller);
		status = 503;
	}
	return status;
}

void
us_caller_done(struct us_caller *caller)
{
	us_directory_unref(caller->directory);
	*caller = (struct us_caller){0};
}

static struct us_str
copy_str(struct us_arena *a, struct us_str s)
{
	return s.p ? us_arena_str(a, s) : s;
}

void
us_caller_copy(
    const struct us_caller *from, struct us_arena *a, struct us_caller *to)
{
	*to = *from;
	to->uid = copy_str(a, from->uid);
	to->provider = copy_str(a, from->provider);
	to->client_id = copy_str(a, from->client_id);
	to->owner = copy_str(a, from->owner);
	if (from->directory)
		us_directory_ref(from->directory);
}

struct us_actor
us_caller_actor(const struct us_caller *caller)
{
	struct us_actor actor = {caller->uid, caller->provider, NULL};

	/* An agent with no human acts under its client's name. */
	if (!actor.email.p)
		actor.email = caller->client_id;
	if (caller->user)
		actor.groups = &caller->user->groups;
	return actor;
}
