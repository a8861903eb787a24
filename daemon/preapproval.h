/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Approvals in advance (SPEC 9), given by somebody who could approve such a
 * request, at issue and again at each use. They cover the items that they
 * name, for a user or a group.
 */
#ifndef US_PREAPPROVAL_H
#define US_PREAPPROVAL_H

#include "daemon/life.h"

struct us_advance { /* an approval in advance */
	struct us_str id;         /* ULID */
	struct us_str principal;  /* e-mail, or group:DIRECTORY:ID */
	struct us_str issuer;     /* e-mail */
	struct us_str service, access, item, label, attributes;
	struct us_str reason;
	int64_t from, until;      /* wall clock, ms: [from, until) */
	int64_t due_until;        /* until, on the clock of due.h */
	int64_t duration;         /* s; 0: not bounded but by until */
	int64_t created;
	struct us_str ended_by;   /* who revoked it; or empty */
	int64_t ended;            /* 0: not */
	struct us_str grants_by;  /* who revoked what it granted; or empty */
};

void us_advance_encode(const struct us_advance *r, struct us_buf *out);
bool us_advance_decode(struct us_str value, struct us_advance *r);

bool us_advance_get(struct us_txn *txn, struct us_str org, struct us_str id,
    struct us_arena *a, struct us_advance *r);
void us_advance_put(struct us_change *change, const struct us_advance *before,
    const struct us_advance *r);
/*
 * Those of a principal (empty: all, one principal after the other) that are
 * not over, in the order of the table; from `from` on, itself included (NULL:
 * all).
 */
typedef bool us_advance_each(void *arg, const struct us_advance *r);
void us_advance_scan(struct us_txn *txn, struct us_str org,
    struct us_str principal, const struct us_advance *from,
    us_advance_each *each, void *arg);
/* Those of a principal for what p is for, oldest first. */
void us_advance_find(struct us_txn *txn, struct us_str org,
    struct us_str principal, const struct us_permission *p,
    us_advance_each *each, void *arg);
/* How many of a principal are not over; there are so many at most. */
#define US_ADVANCE_MAX 1000
uint32_t us_advance_count(
    struct us_txn *txn, struct us_str org, struct us_str principal);
/* Revoked, or its time is over at `now` (wall clock) or on that of due.h? */
bool us_advance_is_over(const struct us_advance *r,
    const struct us_world *world, int64_t now);
/* Is a principal a group? Then it is group:DIRECTORY:ID. */
#define US_ADVANCE_GROUP "group:"
bool us_advance_is_group(struct us_str principal);
struct us_str us_advance_group(
    const struct us_group_id *group, struct us_arena *a);
/* Are there any for groups at all? */
bool us_advance_for_groups(struct us_txn *txn, struct us_str org);

/* preapproval_json.c */
void us_advance_json(const struct us_advance *r, struct us_buf *out);
/* What a notice about it says. */
void us_advance_notice(const struct us_advance *r, enum us_notice notice,
    const struct us_change *change, struct us_buf *out);
/* An event of the audit log: created or revoked; used, by p. */
void us_advance_audit(struct us_change *change, enum us_action action,
    const struct us_actor *actor, const struct us_advance *r);
void us_advance_audit_use(struct us_change *change,
    const struct us_actor *actor, struct us_str id,
    const struct us_permission *p);
/* keeper: its time to remind, or its end, has come. */
void us_advance_due(struct us_change *change, struct us_str id);

#endif
