/* SPDX-License-Identifier: Apache-2.0 */
/* What the files effect*.c share. */
#ifndef US_EFFECT_PARTS_H
#define US_EFFECT_PARTS_H

#include "daemon/effect.h"

/* Does a request in this status hold its effect, or leave it? */
bool us_effect_holds(enum us_status status);
bool us_effect_leaves(enum us_status status);

/* The key of its row, and what those of its rows in PERSON begin with. */
struct us_key us_effect_row(struct us_str org, struct us_str key);
void us_effect_put(struct us_txn *txn, struct us_str org, struct us_str key,
    const struct us_effect_record *effect);
void us_effect_delete(struct us_txn *txn, struct us_str org, struct us_str key);
/* One more is stuck, or one less. */
void us_effect_count_stuck(struct us_txn *txn, struct us_str org, bool more);

/* The grant of p as its provisioner gets it, for the effect of that id. */
void us_effect_grant(const struct us_change *change,
    const struct us_permission *p, struct us_str id, struct us_buf *out);

#endif
