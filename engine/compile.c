/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler: one straight line of tests per rule, cheap tests first. The
 * order is part of the meaning of "too many undecidable patterns", so it is
 * the same whoever runs the program.
 */
#include <stdlib.h>

#include "engine/compile.h"
#include "engine/err.h"
#include "engine/verify.h"

struct compiler {
	const struct us_ruleset *rs;
	struct us_prog *prog;
	struct us_arena scratch; /* of one pattern */
	struct us_origin origin; /* of what is being compiled */
	bool failed;
};

static const struct us_str none = {NULL, 0};

static struct us_str
keep_str(struct compiler *c, struct us_str s)
{
	return us_arena_str(&c->prog->arena, s);
}

/*
 * Interning keeps a copy of what is new: a program stands alone. The first of
 * two parts is one that is kept already: it is shared by many symbols.
 */
static uint32_t
intern(struct compiler *c, struct us_symtab *t, struct us_str a,
    struct us_str b)
{
	uint32_t id = us_symtab_find(t, a, b);

	if (id != US_NO_SYMBOL)
		return id;
	if (b.n)
		b = keep_str(c, b);
	else
		a = keep_str(c, a);
	return us_symtab_add(&c->prog->arena, t, a, b);
}

static uint32_t
name_id(struct compiler *c, struct us_str s)
{
	return intern(c, &c->prog->names, s, none);
}

static uint32_t
email_id(struct compiler *c, struct us_str s)
{
	return intern(c, &c->prog->emails, s, none);
}

static uint32_t
filter_id(struct compiler *c, struct us_str s)
{
	return intern(c, &c->prog->filters, s, none);
}

static uint32_t
slot_id(struct compiler *c, const struct us_filter *f)
{
	struct us_prog *p = c->prog;
	uint32_t filter = filter_id(c, f->name.s);
	uint32_t id = intern(
	    c, &p->slots, p->filters.symbols.v[filter].a, f->key.s);

	if (id == p->slot_filters.n)
		*us_list_add(&p->arena, &p->slot_filters) = filter;
	return id;
}

static const struct us_literal *
keep_literals(struct compiler *c, const struct us_literal *found, unsigned count)
{
	struct us_literal *kept;
	size_t n = 0;
	char *bytes;

	for (unsigned i = 0; i < count; i++)
		n += sizeof(*kept) + found[i].text.n;
	kept = us_arena_alloc(&c->prog->arena, n);
	bytes = (char *)(kept + count);
	for (unsigned i = 0; i < count; i++) {
		n = found[i].text.n;
		kept[i] = (struct us_literal){found[i].kind, {bytes, n}};
		if (n)
			memcpy(bytes, found[i].text.p, n);
		bytes += n;
	}
	return kept;
}

/* The literals that the pattern comes down to, or what it begins with. */
static void
reduce(struct compiler *c, struct us_str text, struct us_pattern_entry *entry)
{
	const struct us_pattern *p = us_pattern_parse(&c->scratch, text);
	const struct us_literal *found =
	    us_pattern_literals(p, &c->scratch, &entry->literal_count);
	struct us_literal head = {US_LITERAL_PREFIX, {NULL, 0}};

	if (entry->literal_count) {
		entry->literals =
		    keep_literals(c, found, entry->literal_count);
	} else {
		head.text = us_pattern_head(p, &c->scratch);
		if (head.text.n)
			entry->literals = keep_literals(c, &head, 1);
	}
	us_arena_reset(&c->scratch);
}

static uint32_t
pattern_id(struct compiler *c, struct us_str text)
{
	struct us_prog *p = c->prog;
	uint32_t id = intern(c, &p->texts, text, none);
	struct us_re_error error;
	struct us_pattern_entry *entry;

	if (id < p->patterns.n)
		return id;
	entry = us_list_add(&p->arena, &p->patterns);
	reduce(c, text, entry);
	if (!entry->literal_count)
		entry->re = us_re_compile(text, &error);
	if (!entry->literal_count && !entry->re)
		c->failed = true;
	return id;
}

static void
name_group(struct compiler *c, const struct us_group *g)
{
	struct us_prog *p = c->prog;
	struct us_str name = g->name.s, label = g->label.s;

	if (!label.n)
		label = name.n ? name : g->id.s;
	if (!name.n)
		name = label;
	*us_list_add(&p->arena, &p->group_names) = keep_str(c, name);
	*us_list_add(&p->arena, &p->group_labels) = keep_str(c, label);
}

/* A group's number; the first to mention it names it. */
static uint32_t
group_id(struct compiler *c, const struct us_group *g)
{
	struct us_prog *p = c->prog;
	const char *canonical = us_directory_canonical(g->directory.s);
	struct us_str directory = canonical
	    ? us_str(canonical)
	    : p->names.symbols.v[name_id(c, g->directory.s)].a;
	uint32_t id = intern(c, &p->groups, directory, g->id.s);

	if (id == p->group_names.n)
		name_group(c, g);
	return id;
}

static uint32_t
set_id(struct compiler *c, const struct us_members *members)
{
	struct us_prog *p = c->prog;
	struct us_set *set = us_list_add(&p->arena, &p->sets);
	const struct us_groupref *ref;

	set->outside = members->outside;
	set->first = p->set_groups.n;
	set->n = members->refs.n;
	US_EACH (ref, &members->refs)
		*us_list_add(&p->arena, &p->set_groups) =
		    group_id(c, ref->group);
	return p->sets.n - 1;
}

static uint32_t
emit(struct compiler *c, enum us_op op, uint32_t a, uint32_t b)
{
	struct us_prog *p = c->prog;

	*us_list_add(&p->arena, &p->code) = (struct us_insn){op, a, b};
	*us_list_add(&p->arena, &p->lines) = c->origin;
	return p->code.n - 1;
}

/* What is emitted next comes from loc. */
static void
at(struct compiler *c, struct us_loc loc)
{
	if (loc.src)
		c->origin.off = loc.off;
}

static void
emit_members(struct compiler *c, const struct us_members *members,
    enum us_op in, enum us_op outside)
{
	emit(c, members->outside ? outside : in, set_id(c, members), 0);
}

static void
emit_agent(struct compiler *c, const struct us_who *who)
{
	emit(c, US_OP_AGENT, 0, 0);
	switch (who->agent) {
	case US_AGENT_ANY:
		break;
	case US_AGENT_CLIENT:
		emit(c, US_OP_AGENT_CLIENT, name_id(c, who->agent_id.s), 0);
		break;
	case US_AGENT_OWNER:
		emit(c, US_OP_AGENT_OWNER, email_id(c, who->agent_id.s), 0);
		break;
	case US_AGENT_OWNER_MEMBERS:
		emit_members(c, &who->owners, US_OP_AGENT_OWNER_GROUP,
		    US_OP_AGENT_OWNER_OUTSIDE);
		break;
	case US_AGENT_PROVIDER:
		emit(c, US_OP_AGENT_PROVIDER, name_id(c, who->agent_id.s), 0);
		break;
	}
}

static void
emit_behalf(struct compiler *c, const struct us_who *who)
{
	switch (who->behalf) {
	case US_BEHALF_ANY:
		break;
	case US_BEHALF_NONE:
		emit(c, US_OP_HEADLESS, 0, 0);
		break;
	case US_BEHALF_USER:
		emit(c, US_OP_USER, email_id(c, who->uid.s), 0);
		break;
	case US_BEHALF_MEMBERS:
		emit_members(c, &who->members, US_OP_GROUP, US_OP_OUTSIDE);
		break;
	}
}

static void
emit_who(struct compiler *c, const struct us_who *who)
{
	at(c, who->loc);
	switch (who->kind) {
	case US_WHO_NONE:
		c->failed = true;
		break;
	case US_WHO_ANY:
	case US_WHO_SOME:
		break;
	case US_WHO_USER:
		emit(c, US_OP_HUMAN, 0, 0);
		emit(c, US_OP_USER, email_id(c, who->uid.s), 0);
		break;
	case US_WHO_MEMBERS:
		emit(c, US_OP_HUMAN, 0, 0);
		emit_members(c, &who->members, US_OP_GROUP, US_OP_OUTSIDE);
		break;
	case US_WHO_AGENT:
		emit_agent(c, who);
		emit_behalf(c, who);
		break;
	}
}

static void
emit_filter(struct compiler *c, const struct us_filter *f)
{
	at(c, f->loc);
	if (f->effect == US_REMOVE_ALL && f->has_key)
		emit(c, US_OP_ABSENT_KEY, slot_id(c, f), 0);
	else if (f->effect == US_REMOVE_ALL)
		emit(c, US_OP_ABSENT, filter_id(c, f->name.s), 0);
	else if (f->boolean)
		emit(c, US_OP_IS, filter_id(c, f->name.s),
		    f->value == (f->effect == US_KEEP));
	else
		emit(c, f->effect == US_KEEP ? US_OP_KEEP : US_OP_REMOVE,
		    slot_id(c, f), pattern_id(c, f->pattern.s));
}

/* In which order tests stand: what may be undecidable comes last. */
enum cost { NO_PATTERN, LITERALS, SEARCH };

static enum cost
filter_cost(struct compiler *c, const struct us_filter *f)
{
	uint32_t pattern;

	if (f->effect == US_REMOVE_ALL || f->boolean)
		return NO_PATTERN;
	pattern = pattern_id(c, f->pattern.s);
	return c->prog->patterns.v[pattern].literal_count ? LITERALS : SEARCH;
}

static void
emit_filters(struct compiler *c, const struct us_to *to, enum cost cost)
{
	const struct us_filter *f;

	US_EACH (f, &to->filters) {
		if (filter_cost(c, f) == cost)
			emit_filter(c, f);
	}
}

static void
emit_subject(struct compiler *c, const struct us_who *who)
{
	if (who->kind != US_WHO_AGENT || who->agent != US_AGENT_PROVIDER ||
	    !who->has_subject)
		return;
	at(c, who->loc);
	emit(c, US_OP_AGENT_SUBJECT, pattern_id(c, who->subject.s), 0);
}

static bool
names_service(const struct us_to *to)
{
	return !to->any;
}

/* An access type `any`, in the JSON form, is none. */
static bool
names_access(const struct us_to *to)
{
	return names_service(to) && to->has_access &&
	    !us_str_is(to->access.s, "any");
}

/*
 * Where from and to. The index looks at no test behind the first that may be
 * undecidable, and so keeps out no line that would count one (index.h).
 */
static void
emit_conditions(
    struct compiler *c, const struct us_who *who, const struct us_to *to)
{
	at(c, to->loc);
	if (names_service(to))
		emit(c, US_OP_SERVICE, name_id(c, to->service.s), 0);
	if (names_access(to))
		emit(c, US_OP_ACCESS, name_id(c, to->access.s), 0);
	emit_who(c, who);
	emit_filters(c, to, NO_PATTERN);
	emit_filters(c, to, LITERALS);
	emit_subject(c, who);
	emit_filters(c, to, SEARCH);
}

static const struct us_str *
keep_services(struct compiler *c, const struct us_alt *alt)
{
	struct us_str *v = us_arena_alloc(
	    &c->prog->arena, alt->services.n * sizeof(*v));

	for (uint32_t i = 0; i < alt->services.n; i++)
		v[i] = keep_str(c, alt->services.v[i].s);
	return v;
}

static const struct us_prog_named *
keep_named(struct compiler *c, const struct us_alt *alt)
{
	static const struct us_prog_named nothing;
	const char *directory = us_directory_canonical(alt->directory.s);
	struct us_prog_named *named;

	if (!alt->integration.s.n && !alt->services.n && !alt->directory.s.n)
		return &nothing;
	named = us_arena_alloc(&c->prog->arena, sizeof(*named));
	named->integration = keep_str(c, alt->integration.s);
	named->services = keep_services(c, alt);
	named->service_count = alt->services.n;
	named->directory =
	    directory ? us_str(directory) : keep_str(c, alt->directory.s);
	named->property = keep_str(c, alt->property.s);
	return named;
}

static void
compile_alts(struct compiler *c, const struct us_rule *rule,
    struct us_rule_route *out)
{
	const struct us_alt *alt;
	struct us_prog_alt *to;

	out->alt = c->prog->alts.n;
	out->alt_count = rule->alts.n;
	US_EACH (alt, &rule->alts) {
		to = us_list_add(&c->prog->arena, &c->prog->alts);
		to->type = (uint16_t)alt->type;
		to->options = (uint16_t)alt->options;
		to->named = keep_named(c, alt);
		if (alt->type == US_ALT_GROUP)
			to->set = set_id(c, &alt->members);
		out->denies |= alt->type == US_ALT_DENY;
	}
}

static struct us_origin
origin_of(const struct compiler *c, struct us_loc loc)
{
	uint32_t i = c->origin.source;

	/* Rules of one source stand together: look on from the last. */
	for (uint32_t k = 0; k < c->rs->sources.n; k++, i++) {
		i = i < c->rs->sources.n ? i : 0;
		if (c->rs->sources.v[i] == loc.src)
			return (struct us_origin){i, loc.off};
	}
	return (struct us_origin){0, 0};
}

static void
compile_rule(struct compiler *c, const struct us_rule *rule)
{
	struct us_prog *p = c->prog;
	uint32_t number = p->rules.n;
	struct us_prog_rule *out = us_list_add(&p->arena, &p->rules);
	struct us_rule_route *route = us_list_add(&p->arena, &p->routes);

	c->origin = origin_of(c, rule->loc);
	out->name = keep_str(c, rule->name.s);
	out->origin = c->origin;
	out->disabled = rule->disabled;
	route->some = rule->who.kind == US_WHO_SOME;
	route->names_all = names_access(&rule->to) &&
	    us_str_is(rule->to.service.s, "ssh") &&
	    us_str_is(rule->to.access.s, "all");
	compile_alts(c, rule, route);
	if (rule->disabled)
		return;
	out->code = emit(c, US_OP_RULE, number, 0);
	emit_conditions(c, &rule->who, &rule->to);
	emit(c, route->denies ? US_OP_DENY : US_OP_ROUTE, number, 0);
	p->code.v[out->code].b = p->code.n;
}

static void
compile_preapproval(struct compiler *c, const struct us_preapproval *pre)
{
	struct us_prog *p = c->prog;
	uint32_t number = p->preapprovals.n;
	struct us_prog_preapproval *out =
	    us_list_add(&p->arena, &p->preapprovals);

	c->origin = origin_of(c, pre->loc);
	*out = (struct us_prog_preapproval){
	    .name = keep_str(c, pre->name.s),
	    .origin = c->origin,
	    .from = pre->has_from ? pre->from : INT64_MIN,
	    .until = pre->until,
	    .duration = pre->has_duration ? pre->duration : 0,
	    .disabled = pre->disabled,
	};
	if (pre->disabled)
		return;
	out->code = emit(c, US_OP_PREAPPROVE, number, 0);
	at(c, pre->valid_loc);
	emit(c, US_OP_VALID, number, 0);
	emit_conditions(c, &pre->who, &pre->to);
	emit(c, US_OP_COVER, number, 0);
	p->code.v[out->code].b = p->code.n;
}

/* How many tests emit_conditions emits. */
static uint32_t
count_tests(const struct us_who *who, const struct us_to *to)
{
	uint32_t n = (uint32_t)names_service(to) + names_access(to) +
	    to->filters.n;

	if (who->kind == US_WHO_USER || who->kind == US_WHO_MEMBERS)
		return n + 2;
	if (who->kind == US_WHO_AGENT)
		n += 1u + (who->agent != US_AGENT_ANY) + who->has_subject +
		    (who->behalf != US_BEHALF_ANY);
	return n;
}

/* Lists that grew by and by would leave their old copies in the arena. */
static void
make_room(struct us_prog *p, const struct us_ruleset *rs)
{
	const struct us_preapproval *pre;
	const struct us_rule *rule;
	uint32_t code = 1, alts = 0;

	US_EACH (pre, &rs->preapprovals)
		code += count_tests(&pre->who, &pre->to) + 3;
	US_EACH (rule, &rs->rules) {
		code += count_tests(&rule->who, &rule->to) + 2;
		alts += rule->alts.n;
	}
	us_list_reserve(&p->arena, &p->preapprovals, rs->preapprovals.n);
	us_list_reserve(&p->arena, &p->rules, rs->rules.n);
	us_list_reserve(&p->arena, &p->routes, rs->rules.n);
	us_list_reserve(&p->arena, &p->alts, alts);
	us_list_reserve(&p->arena, &p->code, code);
	us_list_reserve(&p->arena, &p->lines, code);
}

struct us_prog *
us_compile(const struct us_ruleset *rs)
{
	struct compiler c = {.rs = rs, .prog = us_calloc(1, sizeof(*c.prog))};
	const struct us_preapproval *pre;
	const struct us_rule *rule;
	uint32_t where;

	atomic_init(&c.prog->users, 1);
	c.prog->emails.fold = true;
	make_room(c.prog, rs);
	US_EACH (pre, &rs->preapprovals)
		compile_preapproval(&c, pre);
	US_EACH (rule, &rs->rules)
		compile_rule(&c, rule);
	emit(&c, US_OP_END, 0, 0);
	us_arena_free(&c.scratch);
	if (!c.failed && !us_verify(c.prog, &where)) {
		us_index_build(c.prog);
		if (!us_index_verify(c.prog, &where))
			return c.prog;
	}
	us_prog_unref(c.prog);
	return NULL;
}
