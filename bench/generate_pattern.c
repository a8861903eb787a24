/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns, made from a value that they match. Most are as people write them:
 * 85 of 100 are a whole value, its beginning, its end, or a choice of a few.
 */
#include <string.h>

#include "bench/generate.h"

enum form {
	FORM_EXACT,
	FORM_PREFIX,
	FORM_SUFFIX,
	FORM_CHOICE,
	FORM_PART,
	FORM_CLASS,
	FORM_NOT,
	FORM_SHAPE,
	FORM_COUNT
};

/* Of 100. */
static const uint8_t usual[FORM_COUNT] = {
    [FORM_EXACT] = 38,
    [FORM_PREFIX] = 22,
    [FORM_SUFFIX] = 12,
    [FORM_CHOICE] = 13,
    [FORM_PART] = 5,
    [FORM_CLASS] = 5,
    [FORM_NOT] = 5,
};
static const uint8_t unbound[FORM_COUNT] = {
    [FORM_PART] = 15,
    [FORM_CLASS] = 35,
    [FORM_NOT] = 15,
    [FORM_SHAPE] = 35,
};

static const uint8_t classes[FORM_COUNT] = {
    [FORM_CLASS] = 50,
    [FORM_SHAPE] = 50,
};

static enum form
choose(const struct generate *g, uint64_t *state)
{
	const uint8_t *share = g->kind == KIND_CONTAINS	 ? unbound
			       : g->kind == KIND_CLASSES ? classes
							 : usual;
	uint32_t at = random_below(state, 100);
	unsigned form = 0;

	for (; at >= share[form]; form++)
		at -= share[form];
	return (enum form)form;
}

static void
put_literal(struct us_buf *out, struct us_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr(".+*?()[]{}|^$\\", s.p[i]))
			us_buf_putc(out, '\\');
		us_buf_putc(out, s.p[i]);
	}
}

static struct us_str
part(struct us_str s, size_t from, size_t n)
{
	return (struct us_str){s.p + from, n};
}

/* A length of a piece of s: not less than three, if it has so many. */
static size_t
length(uint64_t *state, struct us_str s, uint32_t most)
{
	size_t n = 3 + random_below(state, most);

	return n < s.n ? n : s.n;
}

#define EDGES "-./:_ "

static bool
is_edge(struct us_str s, size_t at)
{
	return strchr(EDGES, s.p[at - 1]) || strchr(EDGES, s.p[at]);
}

/* Where a word of s begins or ends, mostly; people rarely cut words. */
static size_t
cut(uint64_t *state, struct us_str s)
{
	size_t at = s.n;

	if (s.n > 2 && generate_chance(state, 90))
		do
			at = 2 + random_below(state, (uint32_t)s.n - 1);
		while (
		    at < s.n && !is_edge(s, at) && generate_chance(state, 95));
	return at;
}

static void
put_prefix(uint64_t *state, struct us_str value, struct us_buf *out)
{
	us_buf_putc(out, '^');
	put_literal(out, part(value, 0, cut(state, value)));
	if (generate_chance(state, 20))
		us_buf_puts(out, ".*$");
}

static void
put_choice(uint64_t *state, struct us_str value, struct us_buf *out)
{
	us_buf_puts(out, "^(");
	put_literal(out, value);
	us_buf_printf(out, "|%s", generate_env(state));
	if (generate_chance(state, 50))
		us_buf_printf(out, "|%s-old", generate_env(state));
	us_buf_puts(out, ")$");
}

/* The class that one character of a value is of. */
static const char *
class_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return "[a-z]";
	if (c >= 'A' && c <= 'Z')
		return "[A-Z]";
	return c >= '0' && c <= '9' ? "[0-9]" : "[^a-zA-Z0-9]";
}

/* The value as runs of classes. */
static void
put_shape(struct us_str value, struct us_buf *out)
{
	const char *class, *last = NULL;

	us_buf_putc(out, '^');
	for (size_t i = 0; i < value.n; i++, last = class) {
		class = class_of(value.p[i]);
		if (class != last)
			us_buf_printf(out, "%s+", class);
	}
	us_buf_putc(out, '$');
}

/* Three characters or more, each of which may be its neighbour too. */
static void
put_neighbours(uint64_t *state, struct us_str value, struct us_buf *out)
{
	size_t n = length(state, value, 8), from;

	from = random_below(state, (uint32_t)(value.n - n + 1));
	for (size_t i = from; i < from + n; i++) {
		char c = value.p[i];

		if ((c >= 'a' && c < 'z') || (c >= '0' && c < '9'))
			us_buf_printf(out, "[%c%c]", c, c + 1);
		else
			us_buf_puts(out, class_of(c));
	}
}

static void
put_class(const struct generate *g, uint64_t *state, struct us_str value,
    struct us_buf *out)
{
	if (g->kind == KIND_CONTAINS || g->kind == KIND_CLASSES) {
		put_neighbours(state, value, out);
		return;
	}
	us_buf_putc(out, '^');
	put_literal(out, part(value, 0, length(state, value, 6)));
	us_buf_puts(out, "[A-Za-z0-9_./: *-]*$");
}

static void
put_not(uint64_t *state, struct us_str value, struct us_buf *out)
{
	const char *env = generate_env(state);

	while (value.n >= strlen(env) && !memcmp(value.p, env, strlen(env)))
		env = generate_env(state);
	us_buf_printf(out, "^(?!%s-)", env);
}

void
generate_pattern(const struct generate *g, uint64_t *state, struct us_str value,
    struct us_buf *out)
{
	size_t n;

	switch (choose(g, state)) {
	case FORM_EXACT:
		us_buf_putc(out, '^');
		put_literal(out, value);
		us_buf_putc(out, '$');
		break;
	case FORM_PREFIX:
		put_prefix(state, value, out);
		break;
	case FORM_SUFFIX:
		n = cut(state, value);
		n = n < value.n ? n : 0;
		put_literal(out, part(value, n, value.n - n));
		us_buf_putc(out, '$');
		break;
	case FORM_CHOICE:
		put_choice(state, value, out);
		break;
	case FORM_PART:
		n = length(state, value, 8);
		put_literal(out,
		    part(value,
			random_below(state, (uint32_t)(value.n - n + 1)), n));
		break;
	case FORM_CLASS:
		put_class(g, state, value, out);
		break;
	case FORM_NOT:
		put_not(state, value, out);
		break;
	case FORM_SHAPE:
		put_shape(value, out);
		break;
	case FORM_COUNT:
		break;
	}
}
