/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who calls: from a bearer token to a person, agent or key of one
 * organisation, with the roles that the server's own sources give.
 */
#ifndef US_AUTH_H
#define US_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/directory.h"
#include "daemon/role.h"
#include "engine/arena.h"
#include "engine/request.h"

struct us_call;
struct us_org;
struct us_txn;

enum us_caller_kind { US_CALLER_PERSON, US_CALLER_AGENT, US_CALLER_KEY };

struct us_caller {
	enum us_caller_kind kind;
	struct us_str uid;    /* e-mail; or "key:ID"; or the agent's human */
	struct us_str provider; /* "usherd", "key", or who issued the token */
	struct us_str client_id, owner; /* of an agent's session */
	/*
	 * Implied ones included: what the token or key says, what the server's
	 * own sources say of a person, and both.
	 */
	unsigned token_roles, own_roles, roles;
	bool for_others;      /* may ask on behalf of others */
	const struct us_user *user; /* in the directory; NULL: not there */
	struct us_directory *directory; /* the snapshot that user is in */
};

/*
 * Gives back the snapshot. A caller of all zeros may be given too: the refusal
 * of us_auth_caller leaves one.
 */
void us_caller_done(struct us_caller *caller);

/*
 * A copy for work that goes on after its call: strings in the arena a, a
 * reference of its own to the snapshot. Ends with us_caller_done.
 */
void us_caller_copy(const struct us_caller *from, struct us_arena *a,
    struct us_caller *to);

/*
 * Finds out who sent the call, in call->arena. 0, or the HTTP status of the
 * refusal: 401 without a good token whatever the organisation, 403 with a
 * token of another one, whether that exists or not; 503 when the store cannot
 * be read.
 */
int us_auth_caller(struct us_call *call, struct us_org *org, struct us_txn *txn,
    struct us_caller *caller);

/* Is a caller that is a key still one? 401 when it is not. */
#define US_KEY_IS_GONE "the API key is no more: it was deleted, or has expired"
bool us_caller_holds(const struct us_caller *caller, const struct us_org *org,
    struct us_txn *txn);

/*
 * Who the caller of an earlier moment is now: user and own roles anew, by the
 * directory, of which it holds a reference, and by the bindings of txn. A key
 * that is no more gives nothing.
 */
void us_caller_renew(struct us_caller *caller, struct us_org *org,
    struct us_txn *txn, struct us_directory *directory);

/*
 * The roles of a person: directory, and bindings of users and groups; with
 * those that they imply.
 */
unsigned us_auth_roles(struct us_org *org, struct us_txn *txn,
    struct us_str uid, const struct us_user *user);

/*
 * When a caller "key:ID" is none any more, ms since the epoch: 0 when there is
 * no such key; INT64_MAX: never, or it is no key.
 */
int64_t us_auth_key_end(
    struct us_txn *txn, struct us_str org, struct us_str uid);

/* What the audit log says of a caller; borrows from it. */
struct us_actor {
	struct us_str email, provider;
	const us_group_ids *groups; /* or NULL */
};
struct us_actor us_caller_actor(const struct us_caller *caller);

#endif
