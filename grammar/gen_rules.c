/* SPDX-License-Identifier: Apache-2.0 */
/* Actions of the grammar for the items of a rule file. */
#include "engine/when.h"
#include "grammar/gen.h"

static void
add_item(struct us_gen *g, enum us_item_kind kind, uint32_t index)
{
	*us_list_add(g->arena, &g->rs->items) = (struct us_item){kind, index};
}

void
gen_mark_last(struct us_gen *g)
{
	struct us_ruleset *rs = g->rs;
	struct us_item last = rs->items.v[rs->items.n - 1];

	if (last.kind == US_ITEM_SERVICE)
		rs->services.v[last.index].broken = true;
	else if (last.kind == US_ITEM_RULE)
		rs->rules.v[last.index].broken = true;
	else if (last.kind == US_ITEM_PREAPPROVAL)
		rs->preapprovals.v[last.index].broken = true;
}

/* --- Groups and services --- */

void
gen_group(struct us_gen *g, struct us_loc loc, struct us_word name,
    struct us_word directory, struct us_word id, struct us_word label)
{
	gen_finish(g);
	g->said = g->diags->list.n;
	add_item(g, US_ITEM_GROUP, g->rs->groups.n);
	*us_list_add(g->arena, &g->rs->groups) = (struct us_group){
	    .name = name,
	    .directory = directory,
	    .id = id,
	    .label = label,
	    .loc = loc,
	};
}

void
gen_service_access(
    struct us_gen *g, struct us_loc loc, const struct gen_words *access)
{
	struct us_service *s = &g->service;
	const struct us_word *word;

	US_EACH (word, &access->list)
		*us_list_add(g->arena, &s->access) = *word;
	s->access_loc =
	    s->access_loc.src ? us_loc_span(s->access_loc, loc) : loc;
}

void
gen_service_filter(struct us_gen *g, struct us_word name,
    enum us_filter_kind kind, const struct gen_words *keys)
{
	struct us_service_filter *f =
	    us_list_add(g->arena, &g->service.filters);

	f->name = name;
	f->kind = kind;
	f->carried = UINT64_MAX; /* the language has no word for less */
	if (keys)
		gen_take(g, &f->keys, keys);
}

void
gen_service(struct us_gen *g, struct us_loc loc)
{
	g->service.loc = loc;
	g->service.close = g->close;
	g->service.broken = g->broken;
	if (g->broken)
		g->rs->services_broken = true;
	g->said = g->diags->list.n;
	if (g->service.access.n == 0)
		gen_error(g, MISSING, g->name.loc,
		    "service \"%.*s\" has no access type; add a line like "
		    "\"access read;\"",
		    US_ARG(g->name.s));
	add_item(g, US_ITEM_SERVICE, g->rs->services.n);
	*us_list_add(g->arena, &g->rs->services) = g->service;
	gen_finish(g);
}

/* --- Approval --- */

struct us_alt *
gen_alt(struct us_gen *g, enum us_alt_type type)
{
	struct us_alt *alt = us_arena_alloc(&g->scratch, sizeof(*alt));

	alt->type = type;
	return alt;
}

struct us_alt *
gen_alt_oncall(struct us_gen *g, struct us_word integration)
{
	struct us_alt *alt = gen_alt(g, US_ALT_AUTO);

	alt->integration = integration;
	return alt;
}

struct us_alt *
gen_alt_members(struct us_gen *g, struct us_members *members)
{
	struct us_alt *alt = gen_alt(g, US_ALT_GROUP);

	alt->members = *members;
	return alt;
}

struct us_alt *
gen_alt_escalation(struct us_gen *g, struct us_word integration,
    const struct gen_words *services)
{
	struct us_alt *alt = gen_alt(g, US_ALT_ESCALATION);

	alt->integration = integration;
	gen_take(g, &alt->services, services);
	return alt;
}

struct us_alt *
gen_alt_manager(
    struct us_gen *g, struct us_word directory, struct us_word property)
{
	struct us_alt *alt = gen_alt(g, US_ALT_PROFILE);

	alt->directory = directory;
	alt->property = property;
	return alt;
}

static void
wrong_option(struct us_gen *g, const char *verb, const struct us_word *name)
{
	struct us_nearest near = {.wanted = name->s};
	const struct us_option_row *row;

	for (row = us_options; row < us_options + us_option_count; row++) {
		if (us_str_is(name->s, row->word)) {
			gen_error(g, UNKNOWN_NAME, name->loc,
			    "\"%s\" cannot be %sd; write \"%s %s\"", row->word,
			    verb[0] == 'a' ? "allowe" : "require", row->verb,
			    row->word);
			return;
		}
		if (strcmp(row->verb, verb) == 0)
			us_nearest_offer(&near, us_str(row->word));
	}
	gen_error(g, UNKNOWN_NAME, name->loc, "unknown option \"%s %.*s\"%s",
	    verb, US_ARG(name->s), us_nearest_hint(&near, g->diags));
}

/* The option that verb and name say; NULL, with an error, if there is none. */
static const struct us_option_row *
find_option(struct us_gen *g, const char *verb, const struct us_word *name)
{
	const struct us_option_row *row;

	for (row = us_options; row < us_options + us_option_count; row++) {
		if (strcmp(row->verb, verb) == 0 &&
		    us_str_is(name->s, row->word))
			return row;
	}
	wrong_option(g, verb, name);
	return NULL;
}

struct us_alt *
gen_options(struct us_gen *g, struct us_alt *alt, const char *verb,
    const struct gen_words *names)
{
	const struct us_option_row *row;
	const struct us_word *name;

	US_EACH (name, &names->list) {
		row = find_option(g, verb, name);
		if (!row)
			continue;
		if (alt->options & row->bit)
			gen_error(g, DUPLICATE, name->loc,
			    "\"%s %s\" is said twice; delete one", verb,
			    row->word);
		alt->options |= row->bit;
	}
	return alt;
}

void
gen_approve(struct us_gen *g, struct us_loc loc, const struct us_alt *alt)
{
	struct us_alt *added = us_list_add(&g->scratch, &g->rule.alts);

	*added = *alt;
	added->loc = loc;
	added->has_options = alt->options != 0;
}

void
gen_deny(struct us_gen *g, struct us_loc loc)
{
	gen_approve(g, loc, gen_alt(g, US_ALT_DENY));
}

void
gen_nobody(struct us_gen *g, struct us_loc loc)
{
	if (!gen_twice(g, g->rule.nobody_loc.src, g->rule.nobody_loc, loc,
		"approve nobody"))
		g->rule.nobody_loc = loc;
}

/* --- Rules and pre-approvals --- */

static void
missing(
    struct us_gen *g, const char *item, const char *what, const char *example)
{
	gen_error(g, MISSING, g->name.loc,
	    "%s \"%.*s\" has no \"%s\" statement; add one like \"%s\"", item,
	    US_ARG(g->name.s), what, example);
}

static void
check_who_and_to(struct us_gen *g, const char *item)
{
	if (g->who.kind == US_WHO_NONE)
		missing(g, item, "from", "from any;");
	if (!g->to.given)
		missing(g, item, "to", "to any;");
}

static void
check_approval(struct us_gen *g)
{
	const struct us_alt *first = g->rule.alts.v;
	struct us_diag *diag;

	if (!first && !g->rule.nobody_loc.src) {
		gen_error(g, MISSING, g->name.loc,
		    "rule \"%.*s\" does not say who approves; add \"approve\" "
		    "or \"deny\" statements, or \"approve nobody;\"",
		    US_ARG(g->name.s));
	} else if (first && g->rule.nobody_loc.src) {
		diag = gen_error(g, FORBIDDEN, g->rule.nobody_loc,
		    "\"approve nobody\" must be the only \"approve\" or "
		    "\"deny\" of its rule");
		if (diag)
			us_diag_see(g->diags, diag, first->loc,
			    "the other one is here");
	}
}

void
gen_rule(struct us_gen *g, struct us_loc loc)
{
	struct us_rule *r = &g->rule;

	g->said = g->diags->list.n;
	check_who_and_to(g, "rule");
	check_approval(g);
	r->disabled = g->disabled;
	r->disabled_loc = g->disabled_loc;
	r->who = g->who;
	r->to = g->to;
	r->loc = loc;
	r->close = g->close;
	r->broken = g->broken;
	us_list_copy(g->arena, &r->alts, &g->rule.alts);
	add_item(g, US_ITEM_RULE, g->rs->rules.n);
	*us_list_add(g->arena, &g->rs->rules) = *r;
	gen_finish(g);
}

bool
gen_length(struct us_gen *g, struct us_word length, int64_t *seconds)
{
	if (us_length_parse(length.s, seconds))
		return true;
	gen_error(g, BAD_VALUE, length.loc,
	    "\"%.*s\" is not a length; expected more than zero and at most 100 "
	    "years, like 30m, 2h, 5d or 1w",
	    US_ARG(length.s));
	return false;
}

bool
gen_time(struct us_gen *g, struct us_word text, int64_t *ms)
{
	if (us_when_parse(text.s, ms))
		return true;
	gen_error(g, BAD_VALUE, text.loc,
	    "\"%.*s\" is not a time; expected one like "
	    "\"2026-12-24T18:00:00Z\"",
	    US_ARG(text.s));
	return false;
}

void
gen_valid(struct us_gen *g, struct us_loc loc, struct us_word from,
    struct us_word until)
{
	struct us_preapproval *p = &g->pre;

	if (gen_twice(g, p->valid_loc.src, p->valid_loc, loc, "valid"))
		return;
	p->valid_loc = loc;
	p->from_text = from;
	p->until_text = until;
	p->has_from = from.s.p && gen_time(g, from, &p->from);
	if (!gen_time(g, until, &p->until))
		p->until = INT64_MAX; /* one message is enough */
}

void
gen_duration(struct us_gen *g, struct us_loc loc, struct us_word length)
{
	struct us_preapproval *p = &g->pre;

	if (gen_twice(g, p->has_duration, p->duration_loc, loc, "duration"))
		return;
	p->has_duration = true;
	p->duration_loc = loc;
	p->duration_text = length;
	gen_length(g, length, &p->duration);
}

void
gen_reason(struct us_gen *g, struct us_loc loc, struct us_word reason)
{
	if (gen_twice(
		g, g->pre.reason_loc.src, g->pre.reason_loc, loc, "reason"))
		return;
	g->pre.reason_loc = loc;
	g->pre.reason = reason;
}

void
gen_preapproval(struct us_gen *g, struct us_loc loc)
{
	struct us_preapproval *p = &g->pre;

	g->said = g->diags->list.n;
	check_who_and_to(g, "pre-approval");
	if (!p->valid_loc.src)
		missing(g, "pre-approval", "valid",
		    "valid until \"2027-01-31T00:00:00Z\";");
	p->disabled = g->disabled;
	p->disabled_loc = g->disabled_loc;
	p->who = g->who;
	p->to = g->to;
	p->loc = loc;
	p->close = g->close;
	p->broken = g->broken;
	add_item(g, US_ITEM_PREAPPROVAL, g->rs->preapprovals.n);
	*us_list_add(g->arena, &g->rs->preapprovals) = *p;
	gen_finish(g);
}
