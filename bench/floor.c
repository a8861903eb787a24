/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what a decision costs when somebody tells which rules match, and
 * they are only verified. Strings are interned as the matcher interns them,
 * each looked up once, every pattern is searched by PCRE2's JIT, and the answer
 * is the list of the rules that hold, with their alternatives as bits. It does
 * not look whether somebody is outside of groups, and asks nothing of agents.
 *
 * Where many rules match, a matcher can be below it: one that compares literal
 * text where this one searches, and sends for memory before it is needed.
 *
 *	floor RULES REQUESTS.jsonl [SECONDS [REPEATS]]
 *
 * Prints {"decisions_per_s", "cpu_ns", "p50_ns", "p99_ns", "told", "rules"},
 * and with REPEATS "spread_p50" and "spread_max"; all but "told", the rules
 * that a request was told, as usher bench does.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>

#include "cli/timing.h"
#include "engine/compile.h"
#include "engine/json.h"
#include "engine/json_request.h"
#include "engine/re.h"
#include "engine/symtab.h"
#include "engine/verdict.h"
#include "grammar/load.h"

#define SLOTS_MAX 256

static const struct us_str none = {NULL, 0};

/* A filter with a pattern. */
struct check {
	uint32_t slot;
	pcre2_code *code;
	bool keep;
};

struct rule {
	uint32_t service, access, uid; /* US_NO_SYMBOL: any */
	US_LIST(uint32_t) groups;
	US_LIST(struct check) checks;
	unsigned best; /* of its alternatives */
};

struct told {
	const struct us_request *req;
	US_LIST(uint32_t) rules;
};

struct floor {
	struct us_arena arena;
	struct us_symtab names, emails, groups, slots, texts;
	US_LIST(pcre2_code *) codes; /* by text */
	US_LIST(struct rule) rules;
	US_LIST(struct told) requests;
	uint8_t *member;
	const struct us_attr_key *values[SLOTS_MAX];
	US_LIST(uint32_t) groups_noted, slots_noted; /* to be forgotten */
	US_LIST(uint32_t) held;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

static _Noreturn void
fail(const char *why)
{
	fprintf(stderr, "floor: %s\n", why);
	exit(2);
}

static uint32_t
intern(struct floor *f, struct us_symtab *t, struct us_str a, struct us_str b)
{
	return us_symtab_add(&f->arena, t, a, b);
}

static pcre2_code *
code_of(struct floor *f, struct us_str text)
{
	uint32_t id = intern(f, &f->texts, text, none);
	struct us_re_error error;
	pcre2_code *code;

	if (id < f->codes.n)
		return f->codes.v[id];
	code = us_re_code(text, &error);
	if (!code || pcre2_jit_compile(code, PCRE2_JIT_COMPLETE))
		fail("a pattern has no code of the JIT");
	*us_list_add(&f->arena, &f->codes) = code;
	return code;
}

static void
add_rule(struct floor *f, const struct us_rule *from)
{
	struct rule *to = us_list_add(&f->arena, &f->rules);
	const struct us_groupref *ref;
	const struct us_filter *filter;
	const struct us_alt *alt;

	to->service = to->access = to->uid = US_NO_SYMBOL;
	if (!from->to.any)
		to->service = intern(f, &f->names, from->to.service.s, none);
	if (from->to.has_access)
		to->access = intern(f, &f->names, from->to.access.s, none);
	if (from->who.kind == US_WHO_USER)
		to->uid = intern(f, &f->emails, from->who.uid.s, none);
	if (from->who.kind == US_WHO_MEMBERS && !from->who.members.outside)
		US_EACH (ref, &from->who.members.refs)
			*us_list_add(&f->arena, &to->groups) =
			    intern(f, &f->groups,
				us_str(us_directory_known(
				    ref->group->directory.s)),
				ref->group->id.s);
	US_EACH (filter, &from->to.filters) {
		if (filter->boolean || filter->effect == US_REMOVE_ALL)
			continue;
		*us_list_add(&f->arena, &to->checks) = (struct check){
		    intern(f, &f->slots, filter->name.s, filter->key.s),
		    code_of(f, filter->pattern.s), filter->effect == US_KEEP};
	}
	US_EACH (alt, &from->alts)
		to->best |= 1u << alt->type;
}

/* --- Deciding ----------------------------------------------------------- */

static bool
matches(struct floor *f, const struct check *check)
{
	const struct us_attr_key *key = f->values[check->slot];
	const struct us_str *value;

	if (!key)
		return false;
	US_EACH (value, &key->values) {
		if (pcre2_jit_match(check->code, (PCRE2_SPTR)value->p, value->n,
			0, 0, f->match, f->context) >= 0)
			return true;
	}
	return false;
}

static bool
is_member(const struct floor *f, const struct rule *rule)
{
	for (uint32_t i = 0; i < rule->groups.n; i++) {
		if (f->member[rule->groups.v[i]])
			return true;
	}
	return rule->groups.n == 0;
}

static bool
holds(struct floor *f, const struct rule *rule, uint32_t service,
    uint32_t access, uint32_t uid)
{
	const struct check *check;

	if ((rule->service != US_NO_SYMBOL && rule->service != service) ||
	    (rule->access != US_NO_SYMBOL && rule->access != access) ||
	    (rule->uid != US_NO_SYMBOL && rule->uid != uid) ||
	    !is_member(f, rule))
		return false;
	US_EACH (check, &rule->checks) {
		if (matches(f, check) != check->keep)
			return false;
	}
	return true;
}

/* Notes groups and values. */
static void
prepare(struct floor *f, const struct us_request *req)
{
	const struct us_attr_key *key;
	const struct us_group_id *g;
	const struct us_attr *attr;
	uint32_t id;

	if (req->principal)
		US_EACH (g, &req->principal->groups) {
			id = us_symtab_find(&f->groups, g->directory, g->id);
			if (id == US_NO_SYMBOL || f->member[id])
				continue;
			f->member[id] = true;
			f->groups_noted.v[f->groups_noted.n++] = id;
		}
	US_EACH (attr, &req->attrs)
		US_EACH (key, &attr->keys) {
			id = us_symtab_find(&f->slots, attr->filter, key->key);
			if (id == US_NO_SYMBOL || f->values[id])
				continue;
			f->values[id] = key;
			f->slots_noted.v[f->slots_noted.n++] = id;
		}
}

static void
forget(struct floor *f)
{
	const uint32_t *id;

	US_EACH (id, &f->groups_noted)
		f->member[*id] = false;
	US_EACH (id, &f->slots_noted)
		f->values[*id] = NULL;
	f->groups_noted.n = f->slots_noted.n = f->held.n = 0;
}

/* The alternatives of the rules that hold, as bits; the rules are in held. */
static unsigned
decide(struct floor *f, const struct told *told)
{
	const struct us_request *req = told->req;
	uint32_t service = us_symtab_find(&f->names, req->service, none);
	uint32_t access = us_symtab_find(&f->names, req->access, none);
	uint32_t uid = US_NO_SYMBOL;
	unsigned answer = 0;

	if (req->principal)
		uid = us_symtab_find(&f->emails, req->principal->uid, none);
	forget(f);
	prepare(f, req);
	for (uint32_t i = 0; i < told->rules.n; i++) {
		const struct rule *rule = &f->rules.v[told->rules.v[i]];

		if (!holds(f, rule, service, access, uid))
			continue;
		answer |= rule->best;
		f->held.v[f->held.n++] = told->rules.v[i];
	}
	return answer;
}

/* --- Loading ------------------------------------------------------------ */

static void
add_request(struct floor *f, struct us_matcher *m, const char *line)
{
	struct us_src *src =
	    us_src_new("request", us_str(line), US_FORMAT_JSON);
	struct us_diags diags = {0};
	struct told *told = us_list_add(&f->arena, &f->requests);
	const struct us_verdict *v;
	const uint32_t *rule;

	told->req = us_request_from_json(src, &f->arena, &diags);
	if (!told->req)
		fail("a request is not right");
	v = us_decide(m, told->req);
	US_EACH (rule, &v->rules)
		*us_list_add(&f->arena, &told->rules) = *rule;
	us_src_free(src);
	us_diags_free(&diags);
}

static void
load(struct floor *f, char *rules, const char *requests)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	FILE *in = fopen(requests, "r");
	const struct us_rule *rule;
	struct us_matcher *m;
	struct us_prog *prog;
	char *line = NULL;
	size_t n = 0;

	if (!in || us_load(rs, &rules, 1, &diags))
		fail("cannot read its input");
	f->emails.fold = true;
	US_EACH (rule, &rs->rules)
		add_rule(f, rule);
	prog = us_compile(rs);
	m = us_matcher_new(prog);
	while (getline(&line, &n, in) > 0)
		add_request(f, m, line);
	if (!f->requests.n)
		fail("there are no requests");
	if (f->slots.symbols.n > SLOTS_MAX)
		fail("the rules look at too many keys");
	f->member = us_arena_alloc(&f->arena, f->groups.symbols.n + 1);
	us_list_reserve(&f->arena, &f->groups_noted, f->groups.symbols.n);
	us_list_reserve(&f->arena, &f->slots_noted, SLOTS_MAX);
	us_list_reserve(&f->arena, &f->held, f->rules.n);
	f->match = pcre2_match_data_create(1, NULL);
	f->context = pcre2_match_context_create(NULL);
	us_matcher_free(m);
	us_prog_unref(prog);
	free(line);
	fclose(in);
}

/* --- Measuring ---------------------------------------------------------- */

static volatile unsigned sink;

static void
decide_one(void *floor, uint32_t request)
{
	struct floor *f = floor;

	sink ^= decide(f, &f->requests.v[request]);
}

/* As usher bench does. */
static void
measure(struct floor *f, double seconds, uint64_t repeats)
{
	uint64_t half = (uint64_t)(seconds * 5e8), told = 0;
	static struct us_histogram all, spread;
	struct us_pace pace;

	us_time_all(decide_one, f, f->requests.n, 0); /* to warm up */
	pace = us_time_all(decide_one, f, f->requests.n, half);
	us_time_each(decide_one, f, f->requests.n, half, &all);
	if (repeats)
		us_time_repeats(decide_one, f, f->requests.n, repeats, &spread);
	for (uint32_t i = 0; i < f->requests.n; i++)
		told += f->requests.v[i].rules.n;
	printf("{\"decisions_per_s\":%.0f,\"cpu_ns\":%.1f,\"p50_ns\":%llu,"
	       "\"p99_ns\":%llu,\"told\":%.2f,\"rules\":%u",
	    pace.per_s, pace.cpu_ns,
	    (unsigned long long)us_histogram_part(&all, 0.50),
	    (unsigned long long)us_histogram_part(&all, 0.99),
	    (double)told / f->requests.n, f->rules.n);
	if (repeats)
		printf(",\"spread_p50\":%.3f,\"spread_max\":%.3f",
		    (double)us_histogram_part(&spread, 0.50) / 1000,
		    (double)spread.max / 1000);
	puts("}");
}

int
main(int argc, char **argv)
{
	static struct floor f;

	if (argc < 3) {
		fputs("usage: floor RULES REQUESTS.jsonl [SECONDS [REPEATS]]\n",
		    stderr);
		return 2;
	}
	load(&f, argv[1], argv[2]);
	measure(&f, argc > 3 ? strtod(argv[3], NULL) : 2,
	    argc > 4 ? strtoull(argv[4], NULL, 10) : 0);
	return 0;
}
