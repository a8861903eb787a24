/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log: one chain of events per organisation (SPEC 16). An event is
 * written in the transaction of what it records.
 *
 * An event is stored as a version byte, its hash, and its canonical JSON with
 * the member hash. Without that member it is the text that was hashed.
 */
#ifndef US_AUDIT_H
#define US_AUDIT_H

#include <json-c/json.h>

#include "daemon/auth.h"
#include "daemon/store.h"

/* One row of action.def each: what happened, and its type. */
enum us_action {
#define US_ACTION(id, name, type, help) US_ACTION_##id,
#include "daemon/action.def"
	US_ACTION_COUNT
};
const char *us_action_name(enum us_action action);
/* US_ACTION_COUNT when there is none of that name. */
enum us_action us_action_find(struct us_str name);

/*
 * Appends an event; takes data, an object (NULL: {}). now: ms since the epoch.
 * On the writer thread only.
 */
void us_audit_append(struct us_txn *txn, struct us_str org, int64_t now,
    enum us_action action, const struct us_actor *actor,
    struct json_object *data);

/*
 * The same with data that is canonical JSON already (RFC 8785, an object), for
 * events that there are many of.
 */
void us_audit_append_text(struct us_txn *txn, struct us_str org, int64_t now,
    enum us_action action, const struct us_actor *actor, struct us_str data);

/* {"seq": N, "hash": "..."} of the last event; seq 0 and 64 zeros: none. */
void us_audit_head(struct us_txn *txn, struct us_str org, struct us_buf *out);

/*
 * {"events": [...], "next": SEQ or null}: at most `limit` events after seq
 * `after`, oldest first, of one action or (US_ACTION_COUNT) all. There may be
 * fewer, or none, and yet a next: a page looks at so many events and bytes and
 * then asks to be called again after `next`. Null: the log ends here.
 */
void us_audit_list(struct us_txn *txn, struct us_str org, uint64_t after,
    unsigned limit, enum us_action action, struct us_buf *out);

#endif
