/* SPDX-License-Identifier: Apache-2.0 */
/* The checker: names, what exists instead of an unknown one, patterns. */
#include "engine/check_parts.h"

/* Each hint costs a look at all that exists: enough is enough. */
#define HINTS_MAX 100
#define CHOICES_MAX 1000
#define LISTED_MAX 12

uint32_t
us_check_define(struct us_checker *c, struct us_check_index *index,
    struct us_str name, uint32_t i)
{
	uint32_t symbol =
	    us_symtab_add(&c->arena, &index->names, name, US_STR(""));

	if (symbol == index->first.n)
		*us_list_add(&c->arena, &index->first) = i;
	return index->first.v[symbol];
}

uint32_t
us_check_find(const struct us_check_index *index, struct us_str name)
{
	uint32_t symbol = us_symtab_find(&index->names, name, US_STR(""));

	return symbol == US_NO_SYMBOL ? symbol : index->first.v[symbol];
}

bool
us_check_is_language(struct us_loc loc)
{
	return !loc.src || loc.src->format == US_FORMAT_RULES ||
	       loc.src->format == US_FORMAT_TEST;
}

void
us_check_length(
    struct us_checker *c, const struct us_word *word, const char *what)
{
	if (word->s.n > US_NAME_MAX)
		us_diag_add(c->diags, US_DIAG_LIMIT, word->loc,
		    "%s of %zu bytes is too long: at most %d are allowed", what,
		    word->s.n, US_NAME_MAX);
}

void
us_check_name(
    struct us_checker *c, const struct us_word *word, const char *what)
{
	if (word->s.p && !word->s.n)
		us_diag_add(c->diags, US_DIAG_BAD_VALUE, word->loc,
		    "%s may not be empty", what);
	us_check_length(c, word, what);
}

/* "; THOSE a, b, ..." */
static const char *
list_choices(struct us_checker *c, const char *those, const us_choices *choices)
{
	struct us_buf out = {0};
	const char *text;

	if (!choices->n)
		return "";
	us_buf_printf(&out, "; %s ", those);
	for (uint32_t i = 0; i < choices->n && i < LISTED_MAX; i++)
		us_buf_printf(
		    &out, "%s%.*s", i ? ", " : "", US_ARG(choices->v[i]));
	if (choices->n > LISTED_MAX)
		us_buf_puts(&out, ", ...");
	text = us_arena_str(&c->diags->arena, us_buf_str(&out)).p;
	us_buf_free(&out);
	return text;
}

void
us_check_unknown(struct us_checker *c, const struct us_word *word,
    const char *sentence, const char *those, const us_choices *choices)
{
	struct us_nearest nearest = {.wanted = word->s};
	const char *more = "";

	if (c->hints++ < HINTS_MAX) {
		for (uint32_t i = 0; i < choices->n && i < CHOICES_MAX; i++)
			us_nearest_offer(&nearest, choices->v[i]);
		more = us_nearest_hint(&nearest, c->diags);
		if (!*more)
			more = list_choices(c, those, choices);
	}
	us_diag_add(
	    c->diags, US_DIAG_UNKNOWN_NAME, word->loc, "%s%s", sentence, more);
}

void
us_check_directory(struct us_checker *c, const struct us_word *word)
{
	us_choices choices = {0};
	const char *name;

	if (!word->s.p || us_directory_known(word->s))
		return;
	for (unsigned i = 0; (name = us_directory_name(i)); i++)
		*us_list_add(&c->arena, &choices) = us_str(name);
	us_check_unknown(c, word,
	    us_arena_printf(
		&c->arena, "there is no directory \"%.*s\"", US_ARG(word->s)),
	    "known directories:", &choices);
}

void
us_check_integration(struct us_checker *c, const struct us_word *word)
{
	us_choices choices = {0};
	const char *name;

	if (!word->s.p || us_integration_known(word->s))
		return;
	for (unsigned i = 0; (name = us_integration_name(i)); i++)
		*us_list_add(&c->arena, &choices) = us_str(name);
	us_check_unknown(c, word,
	    us_arena_printf(&c->arena,
		"there is no on-call integration \"%.*s\"", US_ARG(word->s)),
	    "known ones:", &choices);
}

/*
 * What is wrong with a pattern, or NULL. It is compiled once however often it
 * stands there.
 */
static const struct us_re_error *
try_pattern(struct us_checker *c, struct us_str pattern)
{
	uint32_t i = us_names_add(&c->patterns, pattern, c->checked.n);
	const struct us_re_error **result;
	struct us_re_error error;

	if (i != US_NAMES_NEW)
		return c->checked.v[i];
	result = us_list_add(&c->arena, &c->checked);
	if (!us_re_accepts(pattern, &error))
		*result = us_arena_copy(&c->arena, &error, sizeof(error));
	return *result;
}

void
us_check_pattern(struct us_checker *c, const struct us_word *word)
{
	const struct us_re_error *error;

	if (!word->s.p)
		return;
	if (word->s.n > US_PATTERN_MAX) {
		us_diag_add(c->diags, US_DIAG_LIMIT, word->loc,
		    "a pattern of %zu bytes is too long: at most %d are "
		    "allowed",
		    word->s.n, US_PATTERN_MAX);
		return;
	}
	error = try_pattern(c, word->s);
	if (error)
		us_diag_add(c->diags, US_DIAG_BAD_PATTERN,
		    us_src_inside(word->loc, error->offset),
		    "bad pattern, at byte %zu: %s", error->offset,
		    error->text);
}
