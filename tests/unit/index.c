/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a program: each of its fields, changed, is found by the
 * verifier; and it is built as it should be where that is a matter of size.
 */
#include "engine/index.h"
#include "engine/match.h"
#include "tests/unit/load.h"

#define RULES 48

/* Rules of one group, told apart by what they keep, and some for others. */
static char *
write_rules(struct us_buf *out)
{
	us_buf_puts(out, "[");
	for (int i = 0; i < RULES; i++)
		us_buf_printf(out,
		    "{\"name\":\"r%d\",\"requestor\":{\"type\":\"group\","
		    "\"groups\":[{\"directory\":\"okta\",\"id\":\"g\"},"
		    "{\"directory\":\"okta\",\"id\":\"h\"}]},"
		    "\"resource\":{\"type\":\"integration\",\"service\":"
		    "\"aws\",\"accessType\":\"role\",\"filters\":{\"tag\":"
		    "{\"effect\":\"keep\",\"key\":\"env\",\"pattern\":"
		    "\"^%s%d%s\"}}},\"approval\":[{\"type\":\"p0\"}]},",
		    i, i % 4 ? "a" : "longer", i, i % 2 ? "$" : "");
	us_buf_puts(out,
	    "{\"name\":\"user\",\"requestor\":{\"type\":\"user\",\"uid\":"
	    "\"ana@example.com\"},\"resource\":{\"type\":\"integration\","
	    "\"service\":\"ssh\"},\"approval\":[{\"type\":\"deny\"}]},"
	    "{\"name\":\"all\",\"requestor\":{\"type\":\"any\"},"
	    "\"resource\":{\"type\":\"any\"},\"approval\":[]}]");
	return out->p;
}

static const struct us_prog *prog;

static bool
is_refused(void)
{
	uint32_t at;

	return us_index_verify(prog, &at) != NULL;
}

/* One more, one less, none, all, and out of all bounds. */
static bool
word_is_guarded(uint32_t *word)
{
	const uint32_t kept = *word;
	const uint32_t tries[] = {kept + 1, kept - 1, kept ? 0 : 1, kept + 5000,
	    UINT32_MAX - 1, kept ^ 0x80000000u};
	bool all = true;

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		*word = tries[i];
		all = is_refused() && all;
	}
	*word = kept;
	return all;
}

/* How many fields of a posting may change and nobody sees it. */
static unsigned
count_unguarded(struct us_posting *p)
{
	struct us_posting kept = *p;
	unsigned n = !word_is_guarded(&p->line);

	p->face++;
	n += !is_refused();
	*p = kept;
	p->word++;
	n += !is_refused();
	*p = kept;
	p->bytes++;
	n += !is_refused();
	*p = kept;
	p->text++;
	n += !is_refused();
	*p = kept;
	return n;
}

#define GUARDED(word) ok(word_is_guarded(&(word)), "%s", #word)

static void
test_buckets(struct us_index *index)
{
	unsigned wrong = 0;

	for (uint32_t i = 0; i < index->buckets.n; i++) {
		if (i + 1 < index->buckets.n)
			wrong += !word_is_guarded(&index->buckets.v[i].pair);
		wrong += !word_is_guarded(&index->buckets.v[i].first);
		wrong += !word_is_guarded(&index->shelved.v[i]);
	}
	is_int(wrong, 0, "buckets");
	GUARDED(index->shelved.n);
}

static void
test_tables(struct us_index *index)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i <= US_ENTRY_COUNT; i++)
		wrong += !word_is_guarded(&index->base[i]);
	is_int(wrong, 0, "where kinds begin");
	for (uint32_t i = 0; i <= index->base[US_ENTRY_COUNT]; i++)
		wrong += !word_is_guarded(&index->entries[i]);
	is_int(wrong, 0, "where entries begin");
	for (uint32_t i = 0; i <= prog->names.symbols.n; i++)
		wrong += !word_is_guarded(&index->wide[i]);
	is_int(wrong, 0, "pairs of a service and every access type");
	for (uint32_t i = 0; i < index->lines.n; i++) {
		wrong += !word_is_guarded(&index->lines.v[i].at);
		wrong += !word_is_guarded(&index->lines.v[i].start);
		wrong += !word_is_guarded(&index->lines.v[i].number);
		index->lines.v[i].covers = !index->lines.v[i].covers;
		wrong += !is_refused();
		index->lines.v[i].covers = !index->lines.v[i].covers;
		index->lines.v[i].proven = !index->lines.v[i].proven;
		wrong += !is_refused();
		index->lines.v[i].proven = !index->lines.v[i].proven;
	}
	is_int(wrong, 0, "lines");
	GUARDED(index->lines.n);
	GUARDED(index->buckets.n);
	for (uint32_t i = 0; i < index->postings.n; i++)
		wrong += count_unguarded(&index->postings.v[i]);
	for (uint32_t i = 0; i < index->plain.n; i++)
		wrong += count_unguarded(&index->plain.v[i]);
	is_int(wrong, 0, "postings");
}

static void
test_shelves(struct us_index *index)
{
	struct us_index_shelf *shelf = &index->shelves.v[0];
	struct us_index_text *text;
	unsigned wrong = 0;

	GUARDED(shelf->slot);
	GUARDED(shelf->all.first);
	GUARDED(shelf->all.n);
	GUARDED(shelf->length);
	GUARDED(shelf->length_count);
	for (uint32_t i = 0; i < index->lengths.n; i++)
		wrong += !word_is_guarded(&index->lengths.v[i]);
	is_int(wrong, 0, "lengths");
	/* lines.first may be moved to where the same lines stand. */
	US_EACH (text, &index->texts) {
		wrong += !word_is_guarded(&text->shelf);
		wrong += !word_is_guarded(&text->hash);
		wrong += !word_is_guarded(&text->lines.n);
		text->prefix = !text->prefix;
		wrong += !is_refused();
		text->prefix = !text->prefix;
		text->text.n--;
		wrong += !is_refused();
		text->text.n++;
	}
	is_int(wrong, 0, "texts");
}

static void
test_hash(struct us_index *index)
{
	unsigned wrong = 0;

	GUARDED(index->mask);
	for (uint32_t i = 0; i <= index->mask; i++)
		wrong += !word_is_guarded(&index->hash[i]);
	is_int(wrong, 0, "the hash table");
	GUARDED(index->texts.n);
}

/* More services than are run through, each with two rules for everyone. */
#define SERVICES (US_FEW_BUCKETS * 2)

static struct us_prog *
load_services(void)
{
	struct us_buf text = {0};
	struct us_prog *program;

	us_buf_puts(&text, "{\"services\":[");
	for (int i = 0; i < SERVICES; i++)
		us_buf_printf(&text,
		    "%s{\"name\":\"s%d\",\"accessTypes\":[\"read\"]}",
		    i ? "," : "", i);
	us_buf_puts(&text, "],\"rules\":[");
	for (int i = 0; i < 2 * SERVICES; i++)
		us_buf_printf(&text,
		    "{\"name\":\"r%d\",\"requestor\":{\"type\":\"any\"},"
		    "\"resource\":{\"type\":\"integration\",\"service\":"
		    "\"s%d\"%s},\"approval\":[{\"type\":\"p0\"}]},",
		    i, i / 2, i % 2 ? ",\"accessType\":\"read\"" : "");
	us_buf_puts(&text,
	    "{\"name\":\"all\",\"requestor\":{\"type\":\"any\"},"
	    "\"resource\":{\"type\":\"any\"},\"approval\":[]}]}");
	program = test_program(text.p);
	us_buf_free(&text);
	return program;
}

static void
test_services(void)
{
	struct us_prog *program = load_services();
	struct us_matcher *m = us_matcher_new(program);
	struct us_arena a = {0};
	const char *access;
	uint32_t offered;
	unsigned wrong = 0;

	prog = program;
	ok(!is_refused(), "many services: the index is sound");
	for (int i = 0; i < SERVICES * 3; i++) {
		access = i % 3 == 0   ? ",\"accessType\":\"read\""
			 : i % 3 == 1 ? ",\"accessType\":\"write\""
				      : "";
		offered = us_match_offered(m,
		    test_request(us_arena_printf(&a,
				     "{\"requestor\":{\"uid\":\"ana@example."
				     "com\"},\"resource\":{\"service\":\"s%d\""
				     "%s}}",
				     i / 3, access),
			&a));
		wrong += offered != (i % 3 == 0 ? 3 : 2);
	}
	is_int(wrong, 0, "and offers each its rules, once");
	us_arena_free(&a);
	us_matcher_free(m);
	us_prog_unref(program);
}

int
main(void)
{
	struct us_buf text = {0};
	struct us_prog *program = test_program(write_rules(&text));
	struct us_index *index = program->index;

	prog = program;
	ok(index->shelves.n >= 1 && index->lengths.n >= 2 &&
		index->texts.n > 40,
	    "a long bucket has shelves");
	ok(!is_refused(), "the index itself is sound");
	test_tables(index);
	test_buckets(index);
	test_shelves(index);
	test_hash(index);
	ok(!is_refused(), "and is again what it was");
	us_prog_unref(program);
	us_buf_free(&text);
	test_services();
	return plan_done();
}
