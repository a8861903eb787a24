/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The derived tables, from permission requests: the rows that us_permission_put
 * and us_effect_note would have left there, step by step.
 */
#include "daemon/derive.h"
#include "daemon/effect.h"
#include "daemon/log.h"

/* Requests between two words about how far it is. */
#define WORD_EVERY 100000

struct derivation {
	struct us_txn *txn;
	struct us_arena arena; /* of one record */
	uint64_t done, all;
};

static bool
derive_one(void *arg, struct us_str key, struct us_str value)
{
	struct derivation *d = arg;
	const char *end = memchr(key.p, '\0', key.n);
	struct us_str org = {key.p, end ? (size_t)(end - key.p) : key.n};
	struct us_permission p;

	us_arena_reset(&d->arena);
	if (!us_permission_decode(value, &p, &d->arena)) {
		us_txn_damaged(d->txn, "a permission request cannot be read");
		return false;
	}
	us_permission_put_people(d->txn, org, NULL, &p);
	if (!us_status_is_final(p.status))
		us_effect_note(d->txn, org, US_STATUS_NEW, &p, &d->arena);
	if (++d->done % WORD_EVERY == 0)
		us_log(US_LOG_INFO, "store: derived from %llu of %llu requests",
		    (unsigned long long)d->done, (unsigned long long)d->all);
	return us_txn_error(d->txn) == US_STORE_OK;
}

void
us_derive(struct us_txn *txn)
{
	struct derivation d = {
	    .txn = txn, .all = us_txn_count(txn, US_TABLE_PERMISSION)};

	if (d.all)
		us_log(US_LOG_INFO,
		    "store: what can be derived was lost, as after a power cut "
		    "or a restored backup, and is made again");
	us_txn_scan(txn, US_TABLE_PERMISSION, US_STR(""), (struct us_str){0},
	    false, derive_one, &d);
	us_arena_free(&d.arena);
}
