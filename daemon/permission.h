/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Permission requests as they are stored: who asked for what, what was
 * decided, what became of it (SPEC 8). A submission that names several items
 * makes one for each.
 */
#ifndef US_PERMISSION_H
#define US_PERMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/auth.h"
#include "daemon/store.h"
#include "engine/arena.h"
#include "engine/buf.h"
#include "engine/verdict.h"

typedef US_LIST(struct us_str) us_request_ids;

/* One row of status.def each. */
enum us_status {
#define US_STATUS(id, label, final) US_STATUS_##id,
#include "daemon/status.def"
	US_STATUS_COUNT
};
const char *us_status_name(enum us_status status);  /* "DONE" */
const char *us_status_label(enum us_status status); /* "Active" */
/* US_STATUS_COUNT when there is none of that name. */
enum us_status us_status_find(struct us_str name);
/*
 * Will it never change again? ERRORED: only when nothing was left behind,
 * which is so when it stays ERRORED after the transaction that made it so.
 */
bool us_status_is_final(enum us_status status);
bool us_status_is_pending(enum us_status status); /* either PENDING_... */

/* Who acts when nobody does, in histories and in the audit log. */
#define US_SELF "usherd"

/* What happened, when, by whom. */
struct us_episode {
	int64_t at;            /* ms since the epoch */
	unsigned event;        /* enum us_event, life.h */
	enum us_status status; /* after it */
	struct us_str by;      /* e-mail, "key:ID", "usherd" */
	struct us_str text;    /* a reason, an error; or empty */
};

/* Absent texts have p NULL or n 0. Times are ms since the epoch, 0: not yet. */
struct us_permission {
	struct us_str id;        /* ULID */
	enum us_status status;
	uint32_t revision;       /* goes up with every change */

	/* Who. */
	struct us_str principal; /* e-mail or "key:ID"; empty: an agent alone */
	bool listed;             /* was in the directory when it was asked */
	bool owner_listed;       /* and so was the owner of the agent */
	struct us_str asker;     /* who asked: e-mail, "key:ID", agent client */
	enum us_caller_kind asker_kind;
	struct us_str agent_client, agent_owner, agent_provider; /* a session */

	/* What. */
	struct us_str service, access;
	struct us_str item;      /* canonical, by item.h */
	struct us_str label;     /* for people */
	struct us_str attributes; /* JSON as in SPEC 4 */
	struct us_str arguments; /* JSON array: how it was asked for */
	struct us_str connect;   /* JSON object of the inventory, or empty */
	struct us_str public_key; /* ssh --public-key */
	struct us_str reason;
	int64_t asked_duration;  /* s; 0: not said */

	/* What was decided. */
	uint64_t version;        /* of the workflow; 0: the default */
	struct us_str decision;  /* JSON of SPEC 5 */
	enum us_by by;           /* US_BY_NOTHING: a person has to, or had to */
	struct us_str preapproval; /* id of the one that was used */
	struct us_str approvers; /* who can approve, in words */
	struct us_str approver;  /* who did */
	int64_t duration;        /* s, of the grant; 0 until it is approved */
	int64_t last_end;        /* no later than this, due time; 0: no bound */

	/* What became of it. Wall clock, but for due times (due.h). */
	int64_t created, approved, started, ended;
	int64_t due_start, due_end; /* of the grant, on the clock of due.h */
	int64_t due_reminder;    /* its end is told of; 0: not to be */
	int64_t due_approval;    /* approvable until, likewise */
	struct us_str error;     /* the last failure or refusal, in words */
	struct us_str generated; /* JSON object that the provisioner gave */
	US_LIST(struct us_episode) history; /* oldest first; in the arena */
	int64_t sessions;        /* beginnings and ends that were told */

	/* Not stored: us_effect_key, when somebody has found it already. */
	struct us_str effect;
};

/* permission_record.c. Strings of a decoded one point into the value. */
void us_permission_encode(const struct us_permission *p, struct us_buf *out);
bool us_permission_decode(
    struct us_str value, struct us_permission *p, struct us_arena *a);

/* --- The store's: permission.c ------------------------------------------ */

/*
 * Copies all out of the transaction into the arena. False when there is none,
 * or none that can be read (then the transaction has an error).
 */
bool us_permission_get(struct us_txn *txn, struct us_str org, struct us_str id,
    struct us_arena *a, struct us_permission *p);

/*
 * Writes it and its index rows; before: as it was stored, or NULL. Rows of
 * effects are effect.c's.
 */
void us_permission_put(struct us_txn *txn, struct us_str org,
    const struct us_permission *before, const struct us_permission *p);

/*
 * Of these rows, those of the people that it has to do with: who acts is added,
 * nobody is taken out. before: has its rows already, or NULL.
 */
void us_permission_put_people(struct us_txn *txn, struct us_str org,
    const struct us_permission *before, const struct us_permission *p);

/*
 * Newest first, those with ids below `before` (empty: all), until each
 * returns false: all of an organisation, those in a status, or those that a
 * person has to do with (principal, asker, owner of the agent, acted on it).
 * The record lives during the call. One that cannot be read is passed; the
 * transaction has the error at the end.
 */
typedef bool us_permission_each(void *arg, const struct us_permission *p);
enum us_permission_scope { US_SCAN_ALL, US_SCAN_STATUS, US_SCAN_PERSON };
struct us_permission_scan {
	enum us_permission_scope scope;
	enum us_status status;
	struct us_str person; /* e-mail, ASCII case does not count */
	struct us_str before;
};
void us_permission_scan(struct us_txn *txn, struct us_str org,
    const struct us_permission_scan *scan, us_permission_each *each, void *arg);

/* Appends it as it is filed: ASCII letters in lower case. */
void us_person_fold(struct us_str person, struct us_buf *out);
/*
 * Appends the key of a person in PERSON: digits of a hash of that. Short, for
 * a page of short keys is shared by more rows; of 96 bits, so that nobody can
 * find a name that has the key of another.
 */
#define US_PERSON_KEY 16
void us_person_key(struct us_str person, struct us_buf *out);

/* A new ULID for `now`; greater than any made before in this process. */
void us_permission_new_id(int64_t now, char id[27]);

/* --- As JSON: permission_json.c ----------------------------------------- */

/* What not everybody who sees a request is shown. */
enum {
	US_SHOW_RULES = 1,     /* names of rules, for who may read them */
	US_SHOW_GENERATED = 2, /* may be a password: for whom access is */
};
/*
 * The request on the wire. offset: what us_due_offset says, to show due times
 * as wall-clock times.
 */
void us_permission_json(const struct us_permission *p, int64_t offset,
    unsigned show, struct us_buf *out);

#endif
