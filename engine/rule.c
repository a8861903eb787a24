/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: its beginning and end, and the names of its kinds. */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/rule.h"

static const struct {
	const char *name;
	bool human;
} alt_rows[] = {
#define US_ALT_TYPE(id, name, human, help) {name, human},
#include "engine/vocab.def"
};

const char *
us_alt_name(enum us_alt_type type)
{
	return alt_rows[type].name;
}

bool
us_alt_is_human(enum us_alt_type type)
{
	return alt_rows[type].human;
}

struct us_ruleset *
us_ruleset_new(void)
{
	struct us_ruleset *rs = us_calloc(1, sizeof(*rs));

	rs->services.v = us_vocab_services(&rs->arena, &rs->services.n);
	rs->services.cap = rs->services.n;
	rs->builtin_services = rs->services.n;
	return rs;
}

void
us_ruleset_free(struct us_ruleset *rs)
{
	struct us_src **src;

	if (!rs)
		return;
	US_EACH (src, &rs->sources)
		us_src_free(*src);
	us_arena_free(&rs->arena);
	free(rs);
}

const struct us_service *
us_ruleset_service(const struct us_ruleset *rs, struct us_str name)
{
	const struct us_service *service;

	US_EACH (service, &rs->services) {
		if (us_str_eq(service->name.s, name))
			return service;
	}
	return NULL;
}
