/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Effects: what grants put in place. Several grants of one principal for the
 * same thing have one effect, which stands while any of them holds it: their
 * rows in PERSON are the count. One effect is worked on by one row of the
 * outbox at a time, so that it never stands twice and never goes while it is
 * held.
 */
#ifndef US_EFFECT_H
#define US_EFFECT_H

#include "daemon/life.h"

enum us_effect_state {
	/* A row of the outbox puts it in place, or tells what is new of it. */
	US_EFFECT_PROVIDING,
	US_EFFECT_STANDING,
	US_EFFECT_REMOVING,  /* a row of the outbox takes it away */
};

struct us_effect_record {
	struct us_str id;        /* of the grant that it was first made for */
	enum us_effect_state state;
	bool staged;             /* accepted, to be looked at again */
	/*
	 * PROVIDING: is in place already. Not so, and some have it: its
	 * provisioner said that it is there no more.
	 */
	bool stands;
	struct us_str provisioner; /* its name in the configuration */
	struct us_str type;      /* and what it was when it was called */
	uint64_t task;           /* its row in the outbox; 0: none */
	uint32_t tries;          /* of the task */
	int64_t since;           /* wall clock: when this state began */
	int64_t begun; /* due time: when its task began; 0: until is an end */
	struct us_str error;     /* of the last try */
	struct us_str grant;     /* JSON that the provisioner gets */
	struct us_str public_key, connect; /* in it */
	int64_t until;           /* due time: the end that it tells; 0: none */
	int64_t late; /* wall clock: a try that ended unknown may act so long */
	struct us_str generated; /* JSON that it gave; or empty */
	bool stuck;              /* told as such */
};

/*
 * What a request's grant has an effect on: the key in PERSON and EFFECT. The
 * digits of the principal (of an agent alone: of its provider, client and
 * owner), and those of a hash
 * of it, service, access type, item and sudo.
 */
#define US_EFFECT_KEY (US_PERSON_KEY + 22)
void us_effect_key(const struct us_permission *p, struct us_buf *key);
/* The same, in the arena; or p->effect. */
struct us_str us_effect_key_of(
    const struct us_permission *p, struct us_arena *a);

/* The requests that are not final of the effect that has this key. */
struct us_live {
	struct us_str id;
	enum us_status status;
};
struct us_lives {
	US_LIST(struct us_live) list; /* the oldest first; in the arena */
	struct us_arena *arena;
	size_t prefix;
};
struct us_lives us_effect_lives(struct us_txn *txn, struct us_str org,
    struct us_str key, struct us_arena *a);
/* Of the effect that p asks for. */
struct us_lives us_effect_lives_of(struct us_txn *txn, struct us_str org,
    const struct us_permission *p, struct us_arena *a);

/*
 * Of those, a live request for the same, for the same principal, by the same
 * person, key or agent, that is not about to end, for the same public key, and
 * for which p asks no longer a time: preexisting.
 */
bool us_effect_twin(struct us_txn *txn, struct us_str org,
    const struct us_permission *p, const struct us_lives *lives,
    struct us_permission *twin);

/*
 * Why there can be no more of them: so many live requests for the effect of p,
 * or, if p is to wait for approval, so many of its principal wait. NULL: there
 * can be. Others may ask for half as many: they take nobody's place.
 */
#define US_LIVE_MAX 8
#define US_PENDING_MAX 1000
const char *us_effect_crowded(struct us_txn *txn, struct us_str org,
    const struct us_permission *p, const struct us_lives *lives, bool waits);

/* PROVIDE and REMOVE of life.def; called by life.c. */
void us_effect_provide(struct us_change *change, struct us_permission *p);
void us_effect_remove(struct us_change *change, struct us_permission *p);
/* Keeps its rows in PERSON right; life.c, at every step from `before` on. */
void us_effect_note(struct us_txn *txn, struct us_str org,
    enum us_status before, const struct us_permission *p, struct us_arena *a);

/* How a try of the outbox ended. */
enum us_work_result {
	US_WORK_DONE,
	US_WORK_ACCEPTED, /* begun: look again later (check) */
	US_WORK_LATER,    /* failed, may succeed: try again */
	US_WORK_FAILED,   /* failed for good */
	US_WORK_ABSENT,   /* check: it is not in place */
	US_WORK_LOST,     /* as LATER, but this try may yet be carried out */
};
/*
 * In a transaction: what follows from a try of the effect's task. error and
 * generated as the provisioner said. next: when to try again, ms from now; 0:
 * the row is gone, and another may be in its place. Counts the try in the row.
 *
 * A courier first looks whether its row is still there: what it did is of no
 * interest any more when it is not. Of a removal DONE and ABSENT both say that
 * the effect is gone. Of a grant ABSENT says that it failed for good and left
 * nothing behind, and of what others have that it is to be put in place
 * again; of a staged one, that it is not there yet. A try of a grant
 * that is LOST may yet be carried out: what it puts in place is taken away,
 * once more when nothing can come of it any more.
 */
void us_effect_result(struct us_change *change, struct us_str key,
    enum us_work_result result, struct us_str error, struct us_str generated,
    int64_t *next);

/* How many removals of an organisation are stuck. */
uint64_t us_effect_stuck(struct us_txn *txn, struct us_str org);

bool us_effect_get(struct us_txn *txn, struct us_str org, struct us_str key,
    struct us_arena *a, struct us_effect_record *effect);
/*
 * Those of an organisation that are not STANDING, from a key on, until each
 * returns false. Those that stand cost nothing, however many there are.
 */
typedef bool us_effect_each(
    void *arg, struct us_str key, const struct us_effect_record *effect);
void us_effect_scan(struct us_txn *txn, struct us_str org, struct us_str from,
    us_effect_each *each, void *arg);

#endif
