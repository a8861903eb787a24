/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a permission request: the table life.def, and the one function
 * that makes something happen by it. Record, index rows, audit event, outbox
 * rows and due times of one change are written together.
 */
#ifndef US_LIFE_H
#define US_LIFE_H

#include "daemon/audit.h"
#include "daemon/org.h"
#include "daemon/permission.h"

/* Who may make an event happen; act.c and ask*.c check it. */
enum us_guard {
	US_GUARD_SERVER,   /* nobody by a call */
	US_GUARD_APPROVER, /* whom an available alternative admits */
	US_GUARD_ASKER,    /* who asked, or the principal */
	US_GUARD_OWN,      /* the same */
	US_GUARD_REVOKER,  /* approvers, security reviewers, owners */
};

enum us_event {
#define US_EVENT(id, word, guard, help) US_EVENT_##id,
#include "daemon/life.def"
	US_EVENT_COUNT
};
const char *us_event_word(enum us_event event);
enum us_guard us_event_guard(enum us_event event);

/* One row of notice.def each. */
enum us_notice {
#define US_NOTICE(id, word, help) US_NOTICE_##id,
#include "daemon/notice.def"
	US_NOTICE_COUNT
};
const char *us_notice_word(enum us_notice notice);

/* Who acts when nobody does: usherd. */
extern const struct us_actor us_actor_self;

/* A write transaction with what changes in it; on the writer thread. */
struct us_change {
	struct us_txn *txn;
	struct us_org *org;
	int64_t now;          /* wall clock, ms */
	int64_t due_now;      /* the clock of due.h */
	struct us_arena *arena; /* for what the change builds */
	us_request_ids touched; /* for us_life_publish_all */
};
/* Sets now and due_now; call it first in an apply. */
struct us_change us_change_begin(
    struct us_org *org, struct us_txn *txn, struct us_arena *arena);

/* What happens, beside the event itself. */
struct us_step {
	enum us_event event;
	const struct us_actor *actor; /* NULL: usherd */
	struct us_str text;    /* a reason, an error; or empty */
	int64_t duration;      /* APPROVE, GRANT: s */
	struct us_str generated; /* PROVIDED: JSON, or empty */
	struct us_str pages;   /* ESCALATE: who is paged, JSON; or empty */
};

/* Does the event mean something in this status? */
bool us_life_has(enum us_status status, enum us_event event);

/*
 * Makes it happen to p, which was read in this transaction (or is NEW and
 * nowhere stored), and to nothing else. p is changed to what is stored. False,
 * and nothing was done, when the table has no such row.
 */
bool us_life_step(struct us_change *change, struct us_permission *p,
    const struct us_step *step);

/* One row of the table. */
struct us_life {
	enum us_status from;
	enum us_event event;
	enum us_status to;
	unsigned effects; /* bits of enum us_life_effect */
	enum us_action action;
	enum us_notice notice;
};
enum us_life_effect {
	US_LIFE_ASK = 1,
	US_LIFE_PAGE = 2,
	US_LIFE_PROVIDE = 4,
	US_LIFE_CLOCK = 8,
	US_LIFE_REMOVE = 16,
};
/* NULL behind the last. */
const struct us_life *us_life_row(unsigned n);

/* After the commit, for publish: who waits for these requests looks again. */
void us_life_publish_all(struct us_org *org, const us_request_ids *ids);
void us_life_publish(struct us_org *org, struct us_str id);

/* The table as a drawing for the manual: doc/life prints it. */
void us_life_draw(struct us_buf *out);

#endif
