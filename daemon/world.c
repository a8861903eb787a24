/* SPDX-License-Identifier: Apache-2.0 */
/* Finding one's way in the world. */
#include "daemon/log.h"
#include "daemon/store.h"
#include "daemon/world.h"

struct us_org *
us_world_org(const struct us_world *world, struct us_str name)
{
	for (unsigned i = 0; i < world->org_count; i++) {
		if (us_str_eq(world->orgs[i]->name, name))
			return world->orgs[i];
	}
	return NULL;
}

/* --- Who is served no more ---------------------------------------------- */

/* Of effects: organisation, NUL, and more. */
static bool
keep_first(void *arg, struct us_str key, struct us_str value)
{
	struct us_buf *org = arg;

	(void)value;
	us_buf_add(org, key.p, strnlen(key.p, key.n) + 1);
	return false;
}

static bool
count_one(void *arg, struct us_str key, struct us_str value)
{
	unsigned *n = arg;

	(void)key;
	(void)value;
	++*n;
	return true;
}

static void
tell_of(struct us_txn *txn, struct us_str name, struct us_str prefix)
{
	unsigned n = 0;

	us_txn_scan(txn, US_TABLE_EFFECT, prefix, (struct us_str){0}, false,
	    count_one, &n);
	us_log(US_LOG_WARNING,
	    "the configuration has no organisation \"%.*s\" any more, and %u "
	    "grants of it are in place; nobody takes them away until it is "
	    "configured again",
	    US_ARG(name), n);
}

void
us_world_tell_left(const struct us_world *world)
{
	struct us_txn *txn = us_txn_read(world->store);
	struct us_buf from = {0}, prefix = {0};

	for (;;) {
		struct us_str name;

		us_buf_reset(&prefix);
		us_txn_scan(txn, US_TABLE_EFFECT, US_STR(""), us_buf_str(&from),
		    false, keep_first, &prefix);
		if (!prefix.n)
			break;
		name = (struct us_str){prefix.p, prefix.n - 1};
		if (!us_world_org(world, name))
			tell_of(txn, name, us_buf_str(&prefix));
		/* The first key behind those of the organisation. */
		us_buf_reset(&from);
		us_buf_str_add(&from, name);
		us_buf_putc(&from, '\1');
	}
	us_txn_abort(txn);
	us_buf_free(&from);
	us_buf_free(&prefix);
}
