/* SPDX-License-Identifier: Apache-2.0 */
/* Counting what was reached, and saying it. */
#include "engine/err.h"
#include "engine/index_parts.h"
#include "tests/agree/agree.h"
#include "tests/tap.h"

#define MANY 1000
#define FAR (64 * 64) /* the index marks words of 64 words of 64 lines */

/* --- Where the index has a rule ---------------------------------------- */

struct place {
	enum us_entry_kind kind;
	unsigned ways; /* bits of enum reach_way */
	bool big;      /* it is filed under very many groups */
};

struct reach {
	const struct us_prog *prog;
	struct place *places; /* by rule */
	struct place none;    /* of what is not a rule */
};

/* The rule of a line; a pre-approval has none. */
static struct place *
place_of(struct reach *r, uint32_t line)
{
	const struct us_insn *insn =
	    &r->prog->code.v[r->prog->index->lines.v[line].at];

	return insn->op == US_OP_RULE ? &r->places[insn->a] : &r->none;
}

static void
note_postings(
    struct reach *r, const struct us_posting *v, uint32_t n, enum reach_way way)
{
	for (uint32_t i = 0; i < n; i++)
		place_of(r, v[i].line)->ways |= 1u << way;
}

struct reach *
reach_new(const struct us_prog *prog)
{
	struct reach *r = us_calloc(1, sizeof(*r));
	const struct us_index *index = prog->index;
	const struct us_index_text *text;

	r->prog = prog;
	r->places = us_calloc(prog->rules.n + 1, sizeof(*r->places));
	for (uint32_t i = 0; i < index->lines.n; i++) {
		struct us_filing f = us_filing_of(prog, index->lines.v[i].at);

		place_of(r, i)->kind = f.kind;
		place_of(r, i)->big = f.symbol_count > MANY;
	}
	note_postings(r, index->plain.v, index->plain.n, REACH_PLAIN);
	US_EACH (text, &index->texts)
		note_postings(r, index->postings.v + text->lines.first,
		    text->lines.n, text->prefix ? REACH_PREFIX : REACH_EXACT);
	return r;
}

void
reach_free(struct reach *r)
{
	free(r->places);
	free(r);
}

/* --- Counting ---------------------------------------------------------- */

static void
count_places(
    struct figures *f, const struct reach *r, const struct us_verdict *v)
{
	bool found[US_ENTRY_COUNT][REACH_WAYS] = {{false}};
	bool unsure[US_ENTRY_COUNT] = {false}, shelf = false, big = false;
	bool far = false;
	const struct place *place;
	const uint32_t *i;

	US_EACH (i, &v->rules) {
		place = &r->places[*i];
		big |= place->big;
		far |= *i >= FAR;
		for (unsigned way = 0; way < REACH_WAYS; way++)
			found[place->kind][way] |= place->ways >> way & 1;
	}
	US_EACH (i, &v->undecided) {
		place = &r->places[*i];
		unsure[place->kind] = true;
		shelf |= place->ways > 1u << REACH_PLAIN;
	}
	for (unsigned kind = 0; kind < US_ENTRY_COUNT; kind++) {
		f->unsure[kind] += unsure[kind];
		for (unsigned way = 0; way < REACH_WAYS; way++)
			f->found[kind][way] += found[kind][way];
	}
	f->unsure_shelf += shelf;
	f->big_sets += big;
	f->far_off += far;
	f->on_shelves += r->prog->index->shelves.n > 0;
}

static bool
has_auto(const struct us_verdict *v)
{
	const struct us_verdict_alt *alt;

	US_EACH (alt, &v->alternatives)
		if (alt->type == US_ALT_AUTO)
			return true;
	return false;
}

static void
count_values(struct figures *f, const struct us_request *req)
{
	const struct us_attr *attr;
	const struct us_attr_key *key;
	const struct us_str *value;
	bool many = false, longest = false;

	US_EACH (attr, &req->attrs)
		US_EACH (key, &attr->keys) {
			many |= key->values.n > 100;
			US_EACH (value, &key->values)
				longest |= value->n == US_VALUE_MAX;
		}
	f->many_values += many;
	f->long_values += longest;
}

void
reach_count(struct figures *f, const struct reach *r,
    const struct us_request *req, const struct us_verdict *v)
{
	bool denied = v->outcome == US_OUTCOME_DENIED;
	bool unknown = v->outcome == US_OUTCOME_UNKNOWN;
	bool glass = us_str_is(req->service, "ssh") && req->access.p &&
		     us_str_is(req->access, "all");
	bool given = v->outcome <= US_OUTCOME_PENDING;

	f->cases++;
	f->outcome[v->outcome]++;
	f->by[v->by]++;
	f->missing[__builtin_popcount(v->missing)]++;
	f->agents += req->agent != NULL;
	f->crowds += req->principal && req->principal->groups.n > MANY;
	f->undecided += v->undecided.n > 0 && !unknown;
	f->unknown_call += unknown && v->undecided.n == 0 && has_auto(v);
	f->perhaps += unknown && v->undecided.n == 0 && !has_auto(v);
	f->windows += v->by == US_BY_PREAPPROVAL && !req->preapproved;
	f->glass += glass && given;
	f->glass_refused += glass && !given && v->rules.n > 0;
	f->nothing_left += denied && v->denied_by.n == 0;
	f->empty += denied && v->denied_by.n > 0 && v->alternatives.n == 0;
	f->allowed += v->approver && v->allowed;
	f->refused += v->approver && !v->allowed;
	count_places(f, r, v);
	count_values(f, req);
}

/* --- Saying it --------------------------------------------------------- */

static void
reached(unsigned long n, const char *what)
{
	ok(n > 0, "reached %lu times: %s", n, what);
}

static void
report_index(const struct figures *f)
{
	static const char *const kinds[] = {"everyone", "humans", "user",
	    "group", "agents", "client", "owner", "owner group", "provider",
	    "behalf", "behalf group"};
	static const char *const ways[] = {
	    "in the bucket", "by a whole text", "by a prefix"};

	for (unsigned kind = 0; kind < US_ENTRY_COUNT; kind++) {
		for (unsigned way = 0; way < REACH_WAYS; way++)
			ok(f->found[kind][way] > 0,
			    "reached %lu times: entry %s, %s",
			    f->found[kind][way], kinds[kind], ways[way]);
		ok(f->unsure[kind] > 0,
		    "reached %lu times: entry %s, undecided", f->unsure[kind],
		    kinds[kind]);
	}
	reached(f->unsure_shelf, "an undecided rule of a shelf");
	reached(f->on_shelves, "a workflow with shelves");
	reached(f->big_sets, "a rule with thousands of groups");
	reached(f->far_off, "a rule behind thousands of others");
}

static void
report_outcomes(const struct figures *f)
{
	static const char *const by[] = {
	    "by nothing", "by persistent", "by auto", "by preapproval"};

	for (unsigned i = 0; i < US_OUTCOME_COUNT; i++)
		reached(f->outcome[i], us_outcome_name((enum us_outcome)i));
	for (unsigned i = 0; i < 4; i++)
		reached(f->by[i], by[i]);
	reached(f->missing[1], "incomplete for one requirement");
	reached(f->missing[2], "incomplete for two");
	reached(f->undecided, "undecided rules that change nothing");
	reached(f->unknown_call, "unknown for who is on call");
	reached(f->perhaps, "unknown for an undecided pre-approval");
	reached(f->windows, "granted by a block of the rules");
	reached(f->glass, "break-glass that is possible");
	reached(f->glass_refused, "break-glass that is not");
	reached(f->nothing_left, "denied by no rule");
	reached(f->empty, "denied by empty lists");
	reached(f->agents, "agents");
	reached(f->crowds, "a person with thousands of groups");
	reached(f->many_values, "a list of many values");
	reached(f->long_values, "a value as long as one may be");
	reached(f->allowed, "an approver who may");
	reached(f->refused, "an approver who may not");
	reached(f->kind[NAIVE_EXHAUSTED], "too much undecidable");
}

int
reach_report(const struct figures *f)
{
	unsigned long twins = 0, all;

	for (unsigned i = 0; i < AGREE_CHANGES; i++)
		twins += f->twins[i];
	ok(f->naive_differs == 0, "%lu of %lu are not what the naive one says",
	    f->naive_differs, f->naive);
	ok(f->loop_differs == 0, "%lu of %lu differ without the index",
	    f->loop_differs, f->loop);
	ok(f->batch_differs == 0, "%lu of %lu differ in a batch",
	    f->batch_differs, f->batch);
	ok(f->again_differs == 0, "%lu of %lu differ after another approver",
	    f->again_differs, f->again);
	ok(f->why_differs == 0, "%lu of %lu explanations differ",
	    f->why_differs, f->why);
	ok(f->twin_differs == 0, "%lu of %lu differ after a change",
	    f->twin_differs, twins);
	for (unsigned i = 0; i < AGREE_CHANGES; i++)
		reached(f->twins[i], agree_change_name(i));
	report_outcomes(f);
	report_index(f);
	all = f->naive + f->loop + f->batch + f->again + f->why + twins;
	printf("# %lu requests, %lu comparisons\n", f->cases, all);
	printf("# either answer is right: %lu; too many subsets to tell: %lu\n",
	    f->kind[NAIVE_MAYBE], f->kind[NAIVE_SUBSETS]);
	return plan_done();
}
