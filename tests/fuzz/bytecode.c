/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of programs. An input changes a sound program, number by number: its
 * code, its tables, then its index. What the verifier lets pass runs, reads
 * nothing that is not its own, and says the same with the index and without.
 *
 * A change is six bytes: which array, where in it, what to write.
 */
#include <stdlib.h>

#include "engine/compile.h"
#include "engine/disasm.h"
#include "engine/err.h"
#include "engine/explain.h"
#include "engine/match.h"
#include "engine/verdict.h"
#include "engine/verify.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "bytecode";

#define CHANGE 6 /* bytes */
#define RULES_ASKED 13
#define REQUESTS (2u * RULES_ASKED)

/* --- A program of one's own --------------------------------------------- */

/* Arrays that are each at the end of their memory, so that a sanitizer sees. */
struct copies {
	void *v[24];
	unsigned n;
};

static void *
copy(struct copies *c, const void *from, size_t n)
{
	void *to = us_malloc(n ? n : 1);

	if (n)
		memcpy(to, from, n);
	return c->v[c->n++] = to;
}

#define COPY(c, list) \
	((list)->v = copy((c), (list)->v, (list)->n * sizeof(*(list)->v)))

static void
copies_free(struct copies *c)
{
	while (c->n)
		free(c->v[--c->n]);
}

static void
copy_index(struct us_prog *p, struct copies *c)
{
	struct us_index *index = copy(c, p->index, sizeof(*p->index));

	COPY(c, &index->lines);
	index->entries = copy(c, index->entries,
	    (index->base[US_ENTRY_COUNT] + 1) * sizeof(*index->entries));
	COPY(c, &index->buckets);
	COPY(c, &index->shelved);
	COPY(c, &index->plain);
	COPY(c, &index->shelves);
	COPY(c, &index->lengths);
	COPY(c, &index->texts);
	index->hash =
	    copy(c, index->hash, (index->mask + 1) * sizeof(*index->hash));
	COPY(c, &index->postings);
	p->index = index;
}

static void
copy_program(struct us_prog *p, struct copies *c)
{
	COPY(c, &p->code);
	COPY(c, &p->lines);
	COPY(c, &p->rules);
	COPY(c, &p->routes);
	COPY(c, &p->alts);
	COPY(c, &p->preapprovals);
	COPY(c, &p->slot_filters);
	COPY(c, &p->set_groups);
	COPY(c, &p->sets);
	p->arena = (struct us_arena){0};
}

/* --- Changes ------------------------------------------------------------ */

/* An array as numbers of 32 bits, all of which an input may change. */
struct target {
	uint32_t *v;
	uint32_t n;
};

#define TARGET(list) \
	{(uint32_t *)(list)->v, \
	    (uint32_t)((list)->n * (sizeof(*(list)->v) / sizeof(uint32_t)))}

/* Words are numbers, but for the highest, so that all can be reached. */
static uint32_t
number(const uint8_t *p)
{
	uint32_t n = (uint32_t)p[0] | (uint32_t)p[1] << 8;

	return n >= 0xfff0 ? UINT32_MAX - (0xffff - n) : n;
}

static void
change(const struct target *targets, unsigned n, const uint8_t *p)
{
	const struct target *t = &targets[*p / 16 % n];
	uint32_t at = (uint32_t)p[1] | (uint32_t)p[2] << 8;

	if (t->n)
		t->v[at % t->n] = number(p + 3);
}

/* The low half of the first byte: 0 the program, 1 its index. */
static bool
is_of_index(const uint8_t *p)
{
	return *p % 2;
}

/* Tables whose members are not all numbers. */
static void
change_table(struct us_prog *p, const uint8_t *data)
{
	uint32_t at = (uint32_t)data[1] | (uint32_t)data[2] << 8;
	uint32_t n = number(data + 3);
	struct us_set *set = &p->sets.v[at % p->sets.n];
	struct us_rule_route *route = &p->routes.v[at % p->routes.n];

	switch (data[5] % 5) {
	case 0:
		set->first = n;
		break;
	case 1:
		set->n = n;
		break;
	case 2:
		route->alt = n;
		break;
	case 3:
		route->alt_count = n;
		break;
	case 4:
		p->alts.v[at % p->alts.n].set = n;
		break;
	}
}

static void
change_program(struct us_prog *p, const uint8_t *data, size_t size)
{
	struct target targets[] = {TARGET(&p->code), TARGET(&p->code),
	    TARGET(&p->set_groups), TARGET(&p->slot_filters)};
	unsigned n = sizeof(targets) / sizeof(*targets);

	for (; size >= CHANGE; data += CHANGE, size -= CHANGE) {
		if (is_of_index(data))
			continue;
		if (*data / 16 % (n + 1) == n)
			change_table(p, data);
		else
			change(targets, n, data);
	}
}

static void
change_index(struct us_index *index, const uint8_t *data, size_t size)
{
	struct target targets[] = {TARGET(&index->lines),
	    {index->entries, index->base[US_ENTRY_COUNT] + 1},
	    TARGET(&index->buckets), TARGET(&index->shelves),
	    TARGET(&index->lengths), TARGET(&index->postings),
	    {index->hash, index->mask + 1}, TARGET(&index->shelved),
	    TARGET(&index->plain)};
	unsigned n = sizeof(targets) / sizeof(*targets);
	struct us_line *line;

	for (; size >= CHANGE; data += CHANGE, size -= CHANGE) {
		if (is_of_index(data))
			change(targets, n, data);
	}
	US_EACH (line, &index->lines) { /* true or false */
		*(unsigned char *)&line->covers &= 1;
		*(unsigned char *)&line->proven &= 1;
	}
}

/* --- Running ------------------------------------------------------------ */

static void
compare(struct fuzz_decider *d, const struct us_request *req)
{
	const struct us_matches *loop = us_match(d->loop, req);
	const struct us_matches *index = us_match(d->index, req);

	if (loop->exhausted != index->exhausted || loop->n != index->n ||
	    loop->preapproved != index->preapproved ||
	    loop->preapproval != index->preapproval)
		fuzz_broken(
		    "the loop finds %u rules, the index %u", loop->n, index->n);
	for (uint32_t i = 0; i < loop->n; i++) {
		if (loop->hits[i].rule != index->hits[i].rule ||
		    loop->hits[i].state != index->hits[i].state)
			fuzz_broken("the loop finds rule %u, the index %u",
			    loop->hits[i].rule, index->hits[i].rule);
	}
}

/* The whole answer, which takes long. */
static void
ask(struct fuzz_decider *d, const struct us_request *req)
{
	struct us_arena a = {0};
	struct us_buf text = {0};

	us_verdict_json(us_decide(d->index, req), &text);
	us_why_json(us_explain(d->index, req, &a), &text);
	us_buf_free(&text);
	us_arena_free(&a);
}

static const struct us_request *
request(uint32_t i)
{
	static struct us_request *requests[REQUESTS];
	static struct us_arena a;

	if (!requests[i]) {
		requests[i] =
		    fuzz_request_for(fuzz_standing()->rs, i % RULES_ASKED, &a);
		requests[i]->attrs_unknown = i >= RULES_ASKED;
		if (requests[i]->attrs_unknown)
			requests[i]->attrs.n = 0;
	}
	return requests[i];
}

static void
run(struct us_prog *p, uint32_t which)
{
	struct fuzz_decider d = fuzz_decider(p);
	struct us_buf text = {0};

	us_disasm(p, NULL, &text);
	for (uint32_t i = 0; i < REQUESTS; i++)
		compare(&d, request(i));
	ask(&d, request(which % REQUESTS));
	us_buf_free(&text);
	fuzz_decider_free(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct copies c = {0};
	struct us_prog *p;
	uint32_t at;

	if (size > FUZZ_MAX)
		return 0;
	p = us_malloc(sizeof(*p));
	memcpy(p, fuzz_standing_decider()->prog, sizeof(*p));
	atomic_init(&p->users, 1);
	copy_program(p, &c);
	change_program(p, data, size);
	if (!us_verify(p, &at)) {
		us_index_build(p);
		if (us_index_verify(p, &at))
			fuzz_broken("the index of a sound program is not");
		copy_index(p, &c);
		change_index(p->index, data, size);
		if (!us_index_verify(p, &at))
			run(p, size ? data[size - 1] : 0);
	}
	copies_free(&c);
	us_arena_free(&p->arena);
	free(p);
	return 0;
}
