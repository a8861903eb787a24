/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier: every way in which a program can be unsound is found. */
#include "engine/verify.h"
#include "tests/unit/load.h"

static const char rules[] =
    "{\"rules\":[{\"name\":\"a\",\"requestor\":{\"type\":\"group\","
    "\"groups\":[{\"directory\":\"okta\",\"id\":\"g\",\"label\":\"\"}]},"
    "\"resource\":{\"type\":\"integration\",\"service\":\"aws\","
    "\"filters\":{\"tag\":{\"effect\":\"keep\",\"key\":\"env\","
    "\"pattern\":\"^dev$\"}}},\"approval\":[{\"type\":\"group\","
    "\"groups\":[{\"directory\":\"okta\",\"id\":\"h\",\"label\":\"\"}]}]},"
    "{\"name\":\"b\",\"requestor\":{\"type\":\"any\"},"
    "\"resource\":{\"type\":\"any\"},\"approval\":[{\"type\":\"deny\"}]}],"
    "\"preapprovals\":[{\"name\":\"p\",\"requestor\":{\"type\":\"any\"},"
    "\"resource\":{\"type\":\"any\"},\"until\":\"2027-01-01T00:00:00Z\"}]}";

/* The first instruction of a kind. */
static struct us_insn *
find(struct us_prog *prog, enum us_op op)
{
	struct us_insn *insn;

	US_EACH (insn, &prog->code) {
		if (insn->op == op)
			return insn;
	}
	return NULL;
}

/* Every operand of every instruction, one past what it may be. */
static void
test_operands(struct us_prog *prog)
{
	uint32_t at, kept, found = 0, tried = 0;
	struct us_insn *insn;

	US_EACH (insn, &prog->code) {
		uint32_t *operands[] = {&insn->a, &insn->b};

		for (int i = 0; i < 2; i++) {
			kept = *operands[i];
			*operands[i] = 1000;
			tried++;
			found += us_verify(prog, &at) != NULL;
			*operands[i] = kept;
		}
	}
	is_int(found, tried, "no operand may be out of range");
	is_str(us_verify(prog, &at), NULL, "the program itself is sound");
}

static void
test_shape(struct us_prog *prog)
{
	static const struct {
		enum us_op op, becomes;
		const char *wrong;
	} rows[] = {
	    {US_OP_END, US_OP_HUMAN, "no end"},
	    {US_OP_ROUTE, US_OP_HUMAN, "line without its end"},
	    {US_OP_ROUTE, US_OP_COVER, "line without its end"},
	    {US_OP_COVER, US_OP_ROUTE, "line without its end"},
	    {US_OP_HUMAN, US_OP_END, "line inside a line"},
	    {US_OP_HUMAN, US_OP_COUNT, "no such instruction"},
	    {US_OP_PREAPPROVE, US_OP_HUMAN, "operand out of range"},
	    {US_OP_VALID, US_OP_HUMAN, "pre-approval without its window"},
	};
	struct us_insn *insn, kept;
	uint32_t at;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		insn = find(prog, rows[i].op);
		kept = *insn;
		insn->op = rows[i].becomes;
		is_str(us_verify(prog, &at), rows[i].wrong, "row %zu", i);
		*insn = kept;
	}
}

static void
test_jumps(struct us_prog *prog)
{
	struct us_insn *insn = find(prog, US_OP_RULE);
	uint32_t at, here = (uint32_t)(insn - prog->code.v), kept = insn->b;

	insn->b = here;
	is_str(us_verify(prog, &at), "jump does not go forward",
	    "a jump to itself");
	is_int(at, here, "and where it is");
	insn->b = here + 1;
	is_str(us_verify(prog, &at), "jump does not go forward",
	    "a line of no tests and no end");
	insn->b = kept - 1;
	is_str(us_verify(prog, &at), "line without its end", "a short jump");
	insn->b = kept + 1;
	is_str(us_verify(prog, &at), "line without its end", "a long jump");
	insn->b = kept;
}

/* Each rule in force has one line, its own. */
static void
test_owners(struct us_prog *prog)
{
	struct us_insn *first = find(prog, US_OP_RULE);
	struct us_insn *second = &prog->code.v[first->b];
	uint32_t at, end = second->b - 1;

	second->a = prog->code.v[end].a = first->a;
	is_str(us_verify(prog, &at), "line of another rule",
	    "two lines of one rule");
	second->a = prog->code.v[end].a = 1;
	prog->rules.v[0].code++;
	is_str(us_verify(prog, &at), "line of another rule",
	    "a rule that says it is elsewhere");
	prog->rules.v[0].code--;
	prog->rules.v[0].disabled = true;
	is_str(us_verify(prog, &at), "line of another rule", "a disabled rule");
	prog->rules.v[0].disabled = false;
	prog->code.v[end].op = US_OP_ROUTE;
	is_str(us_verify(prog, &at), "line of another rule",
	    "a rule that refuses, and a line that does not");
	prog->code.v[end].op = US_OP_DENY;
	prog->preapprovals.n++;
	is_str(us_verify(prog, &at), "rule without its line",
	    "a pre-approval without a line");
	prog->preapprovals.n--;
}

/* All lines under every bucket, so that each is where it belongs as well. */
static void
file_everywhere(struct us_prog *prog)
{
	struct us_index *index = prog->index;
	uint32_t lines = index->plain.n, buckets = index->buckets.n - 1;
	struct us_posting *all =
	    us_arena_alloc(&prog->arena, buckets * lines * sizeof(*all));

	for (uint32_t i = 0; i < lines; i++) {
		for (uint32_t k = 0; k < buckets; k++)
			all[k * lines + index->plain.v[i].line] =
			    index->plain.v[i];
	}
	for (uint32_t k = 0; k <= buckets; k++)
		index->buckets.v[k].first = k * lines;
	index->plain.v = all;
	index->plain.n = buckets * lines;
}

static void
test_index(struct us_prog *prog)
{
	struct us_index *index = prog->index;
	struct us_bucket *bucket = &index->buckets.v[1], other = *bucket;
	struct us_posting *posting = index->plain.v, kept = *posting;
	uint32_t at;

	is_str(us_index_verify(prog, &at), NULL, "the index is sound");
	*posting = index->plain.v[1];
	is_str(us_index_verify(prog, &at), "line not in the index",
	    "a line that is nowhere");
	*posting = kept;
	bucket->first = index->plain.n + 1;
	is_str(us_index_verify(prog, &at), "index out of range",
	    "lines that do not exist");
	*bucket = other;
	posting->line = index->lines.n;
	is_str(us_index_verify(prog, &at), "index out of range",
	    "a line that does not exist");
	*posting = kept;
	for (uint32_t i = 0; i < index->plain.n; i++)
		index->plain.v[i].text ^= 1;
	is_str(us_index_verify(prog, &at), "index out of range",
	    "gates that are not what the lines ask for");
	for (uint32_t i = 0; i < index->plain.n; i++)
		index->plain.v[i].text ^= 1;
	index->lines.v[0].proven ^= true;
	is_str(us_index_verify(prog, &at), "index of other lines",
	    "a line that is not run");
	index->lines.v[0].proven ^= true;
	index->hash[0] = index->texts.n + 1;
	is_str(us_index_verify(prog, &at), "index out of range",
	    "a text that does not exist");
	index->hash[0] = 0;
	file_everywhere(prog);
	is_str(us_index_verify(prog, &at), "line where it does not belong",
	    "lines that are elsewhere too");
}

static void
test_tables(struct us_prog *prog)
{
	uint32_t at, kept;

	kept = prog->sets.v[0].n;
	prog->sets.v[0].n = 1000;
	is_str(us_verify(prog, &at), "table out of range", "a set too long");
	prog->sets.v[0].n = kept;
	kept = prog->set_groups.v[0];
	prog->set_groups.v[0] = 1000;
	is_str(us_verify(prog, &at), "table out of range", "no such group");
	prog->set_groups.v[0] = kept;
	kept = prog->slot_filters.v[0];
	prog->slot_filters.v[0] = 1000;
	is_str(us_verify(prog, &at), "table out of range", "no such filter");
	prog->slot_filters.v[0] = kept;
	prog->lines.n--;
	is_str(us_verify(prog, &at), "table out of range", "a line lost");
	prog->lines.n++;
	kept = prog->code.n;
	prog->code.n = 0;
	prog->lines.n = 0;
	is_str(us_verify(prog, &at), "no end", "no code at all");
	prog->code.n = prog->lines.n = kept;
}

int
main(void)
{
	struct us_prog *prog = test_program(rules);

	test_operands(prog);
	test_shape(prog);
	test_jumps(prog);
	test_owners(prog);
	test_tables(prog);
	test_index(prog);
	us_prog_unref(prog);
	return plan_done();
}
