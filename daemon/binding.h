/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Role bindings in the store: who was given which role. Users are named by
 * their e-mail, in lower case; groups by DIRECTORY:ID, the directory by its
 * canonical name.
 */
#ifndef US_BINDING_H
#define US_BINDING_H

#include "daemon/records.h"
#include "daemon/role.h"
#include "daemon/store.h"

enum us_binding_kind { US_BINDING_USERS, US_BINDING_GROUPS };

/* "users", "groups"; false when kind is neither. */
bool us_binding_kind_find(struct us_str name, enum us_binding_kind *kind);
const char *us_binding_kind_name(enum us_binding_kind kind);

/*
 * The form in which an id is stored, in the arena a. NULL, or what it should
 * have been.
 */
const char *us_binding_id(enum us_binding_kind kind, struct us_str given,
    struct us_arena *a, struct us_str *id);

/* These take users in any case of letters, and groups in their stored form. */
struct us_binding {
	struct us_str org;
	enum us_role role;
	enum us_binding_kind kind;
	struct us_str id;
};
/* mark may be NULL. */
bool us_binding_get(struct us_txn *txn, const struct us_binding *binding,
    struct us_mark_record *mark);
void us_binding_put(struct us_txn *txn, const struct us_binding *binding,
    const struct us_mark_record *mark);
bool us_binding_delete(struct us_txn *txn, const struct us_binding *binding);

/* All of one role and kind (binding->id does not count), until each says no. */
void us_bindings_each(struct us_txn *txn, const struct us_binding *binding,
    us_scan_each *each, void *arg);

#endif
