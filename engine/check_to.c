/* SPDX-License-Identifier: Apache-2.0 */
/* The checker: what a rule applies to: service, access type, filters. */
#include "engine/check_parts.h"

const struct us_service *
us_check_service(struct us_checker *c, const struct us_word *word)
{
	uint32_t i = us_check_find(&c->services, word->s);
	us_choices choices = {0};

	if (i != US_NO_SYMBOL)
		return &c->rs->services.v[i];
	if (c->rs->services_broken || !word->s.p)
		return NULL;
	us_check_offer(c, &choices, &c->rs->services, name.s);
	us_check_unknown(c, word,
	    us_arena_printf(
		&c->arena, "there is no service \"%.*s\"", US_ARG(word->s)),
	    "known services:", &choices);
	return NULL;
}

static void
check_access(struct us_checker *c, const struct us_service *service,
    const struct us_word *word)
{
	us_choices choices = {0};

	if (us_service_access(service, word->s) >= 0)
		return;
	us_check_offer(c, &choices, &service->access, s);
	us_check_unknown(c, word,
	    us_arena_printf(&c->arena, "%.*s has no access type \"%.*s\"",
		US_ARG(service->name.s), US_ARG(word->s)),
	    "it has", &choices);
}

static const struct us_service_filter *
find_filter(struct us_checker *c, const struct us_service *service,
    const struct us_word *word)
{
	const struct us_service_filter *found =
	    us_service_find_filter(service, word->s);
	us_choices choices = {0};

	if (found)
		return found;
	us_check_offer(c, &choices, &service->filters, name.s);
	us_check_unknown(c, word,
	    us_arena_printf(&c->arena, "%.*s has no filter \"%.*s\"",
		US_ARG(service->name.s), US_ARG(word->s)),
	    "it has", &choices);
	return NULL;
}

/* A filter that is true or false has no key and no pattern. */
static void
explain_boolean(struct us_checker *c, const struct us_filter *f)
{
	static const char *const effects[] = {"keep", "remove", "remove-all"};
	const char *effect = effects[f->effect];
	struct us_str name = f->name.s;

	if (!us_check_is_language(f->name.loc))
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, f->name.loc,
		    "%.*s is true or false: give %s", US_ARG(name),
		    f->effect == US_REMOVE_ALL
			? "no \"key\""
			: "\"value\", and no \"key\" or \"pattern\"");
	else if (f->effect == US_REMOVE_ALL)
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, f->name.loc,
		    "%.*s is true or false: write %s %.*s without a key",
		    US_ARG(name), effect, US_ARG(name));
	else
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, f->name.loc,
		    "%.*s is true or false: write %s %.*s is true",
		    US_ARG(name), effect, US_ARG(name));
}

static void
explain_keyed(struct us_checker *c, const struct us_filter *f,
    const struct us_service_filter *filter)
{
	const char *effect = f->effect == US_KEEP ? "keep" : "remove";
	struct us_str name = f->name.s;
	struct us_str key =
	    filter->keys.n ? filter->keys.v[0].s : US_STR("KEY");

	if (us_check_is_language(f->name.loc))
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, f->name.loc,
		    "%.*s has values under keys: write %s %.*s %.*s ~ "
		    "\"PATTERN\"",
		    US_ARG(name), effect, US_ARG(name), US_ARG(key));
	else
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, f->name.loc,
		    "%.*s has values under keys: give \"key\" and \"pattern\", "
		    "and no \"value\"",
		    US_ARG(name));
}

static void
check_key(struct us_checker *c, const struct us_service *service,
    const struct us_service_filter *filter, const struct us_word *key)
{
	us_choices choices = {0};

	us_check_name(c, key, "a key");
	if (!key->s.n || us_filter_has_key(filter, key->s))
		return;
	us_check_offer(c, &choices, &filter->keys, s);
	us_check_unknown(c, key,
	    us_arena_printf(&c->arena, "%.*s %.*s has no key \"%.*s\"",
		US_ARG(service->name.s), US_ARG(filter->name.s),
		US_ARG(key->s)),
	    "it has", &choices);
}

static void
check_filter(struct us_checker *c, const struct us_service *service,
    const struct us_filter *f)
{
	const struct us_service_filter *filter = NULL;

	if (service && !service->broken)
		filter = find_filter(c, service, &f->name);
	if (!f->boolean && f->effect != US_REMOVE_ALL)
		us_check_pattern(c, &f->pattern);
	if (!filter)
		return;
	if (filter->kind == US_BOOLEAN) {
		if (f->has_key || f->pattern.s.p)
			explain_boolean(c, f);
	} else if (f->boolean)
		explain_keyed(c, f, filter);
	else if (f->has_key)
		check_key(c, service, filter, &f->key);
}

/* The JSON form has one filter of a name, so the language has too. */
static void
check_twice(
    struct us_checker *c, const struct us_to *to, const struct us_filter *f)
{
	uint32_t i = (uint32_t)(f - to->filters.v);
	uint32_t first = us_names_add(&c->filters, f->name.s, i);
	struct us_diag *d;

	if (first == US_NAMES_NEW)
		return;
	d = us_diag_add(c->diags, US_DIAG_DUPLICATE, f->name.loc,
	    "a second filter on %.*s: a rule may have one of each name; join "
	    "the patterns, or write two rules",
	    US_ARG(f->name.s));
	us_diag_see(c->diags, d, to->filters.v[first].name.loc, "first here");
}

void
us_check_to(struct us_checker *c, const struct us_to *to)
{
	const struct us_service *service;
	const struct us_filter *f;

	if (!to->given || to->any)
		return;
	service = us_check_service(c, &to->service);
	if (service && to->has_access && !service->broken)
		check_access(c, service, &to->access);
	us_names_reset(&c->filters);
	US_EACH (f, &to->filters) {
		check_twice(c, to, f);
		check_filter(c, service, f);
	}
}
