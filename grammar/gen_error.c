/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser says when something is wrong. */
#include "grammar/gen.h"

/* More than this is not a help. */
#define EXPECTED_SHOWN 8
#define TOKEN_SHOWN 40

void
gen_expect_also(struct gen_unexpected *what, const char *text)
{
	if (!text || what->n == 64)
		return;
	for (unsigned i = 0; i < what->n; i++) {
		if (strcmp(what->expected[i], text) == 0)
			return;
	}
	what->expected[what->n++] = text;
}

/* "a, b or c", the punctuation last: it closes what the words would go on. */
static void
put_expected(const struct gen_unexpected *what, struct us_buf *out)
{
	const char *sorted[EXPECTED_SHOWN];
	unsigned i, n = 0;

	for (i = 0; i < what->n; i++) {
		if (what->expected[i][0] != '"' ||
		    us_str_is_name((struct us_str){what->expected[i] + 1, 1}))
			sorted[n++] = what->expected[i];
	}
	for (i = 0; i < what->n; i++) {
		if (what->expected[i][0] == '"' &&
		    !us_str_is_name((struct us_str){what->expected[i] + 1, 1}))
			sorted[n++] = what->expected[i];
	}
	for (i = 0; i < n; i++)
		us_buf_printf(out, "%s%s",
		    i == 0	 ? ", expected "
		    : i + 1 == n ? " or "
				 : ", ",
		    sorted[i]);
}

/* A word that is nearly one of the keywords that were expected. */
static const char *
hint(struct us_gen *g, const struct gen_unexpected *what, struct us_str text)
{
	struct us_nearest near = {.wanted = text};

	if (!us_str_is_name(text))
		return "";
	for (unsigned i = 0; i < what->n; i++) {
		const char *word = what->expected[i];

		if (word[0] == '"')
			us_nearest_offer(
			    &near, (struct us_str){word + 1, strlen(word) - 2});
	}
	return us_nearest_hint(&near, g->diags);
}

/* What is no token at all. */
const char *
gen_stray(struct us_gen *g, struct us_loc loc)
{
	struct us_str text = {loc.src->text + loc.off, loc.len};
	struct us_str shown = us_utf8_cut(text, TOKEN_SHOWN);

	return us_arena_printf(g->arena,
	    "unexpected \"%.*s%s\"; text with other characters than letters, "
	    "digits, \"_\" and \"-\" must be in quotes",
	    US_ARG(shown), shown.n < text.n ? "..." : "");
}

/* The token as it is written, not longer than a message can bear. */
static void
put_token(
    const struct gen_unexpected *what, struct us_str text, struct us_buf *out)
{
	bool string = text.n && text.p[0] == '"';
	struct us_str shown = us_utf8_cut(text, TOKEN_SHOWN);

	if (what->end) {
		us_buf_puts(out, "unexpected end of the file");
		return;
	}
	us_buf_puts(out, string ? "unexpected string " : "unexpected \"");
	us_buf_str_add(out, shown);
	if (shown.n < text.n)
		us_buf_puts(out, "...");
	if (!string || shown.n < text.n) /* a string has its own quotes */
		us_buf_putc(out, '"');
}

static void
put_message(struct us_gen *g, const struct gen_unexpected *what,
    struct us_str text, struct us_buf *out)
{
	put_token(what, text, out);
	if (what->n <= EXPECTED_SHOWN)
		put_expected(what, out);
	us_buf_puts(out, hint(g, what, text));
}

/*
 * Between items, after an error: what is left of the broken item is passed
 * over. Only a word at the start of a line is the next thing that somebody
 * meant to write.
 */
static bool
is_remains(const struct us_gen *g, struct us_str text)
{
	bool starts_line = text.p == g->src->text || text.p[-1] == '\n';

	return g->lost && !(starts_line && text.n &&
			      us_str_is_name((struct us_str){text.p, 1}));
}

/* Something stands behind an item: its last brace was too early. */
static void
forget_end(struct us_gen *g)
{
	struct us_diags *d = g->diags;

	if (!g->rs || g->rs->items.n == 0 || d->list.n <= g->said)
		return;
	d->errors -= d->list.n - g->said;
	d->list.n = g->said;
	gen_mark_last(g);
}

/*
 * One mistake, one message: not while the braces of a broken statement are
 * passed over, and not because a broken item then fails to end.
 */
static bool
is_known(const struct us_gen *g, const struct gen_unexpected *what,
    struct us_str text)
{
	return g->quiet || (g->broken && (what->item || what->end)) ||
	       is_remains(g, text);
}

void
gen_syntax_error(struct us_gen *g, const struct gen_unexpected *what)
{
	struct us_str text = {g->src->text + what->loc.off, what->loc.len};
	struct us_buf out = {0};
	struct us_diag *diag;

	if (is_known(g, what, text))
		return;
	if (!g->open)
		forget_end(g);
	if (what->broken)
		us_buf_puts(&out, what->broken);
	else
		put_message(g, what, text, &out);
	diag = us_diag_add(g->diags, US_DIAG_SYNTAX, what->loc, "%s", out.p);
	g->said = g->diags->list.n;
	if (g->open && (what->item || what->end))
		us_diag_see(
		    g->diags, diag, g->head, "the block that is still open");
	us_buf_free(&out);
}

void
gen_too_deep(struct us_gen *g, struct us_loc loc)
{
	us_diag_add(
	    g->diags, US_DIAG_LIMIT, loc, "blocks are nested too deeply here");
}

bool
gen_check_text(struct us_gen *g)
{
	const char *text = g->src->text, *nul;
	size_t n = g->src->size, bad = us_utf8_bad(text, n);
	struct us_loc loc = {g->src, 0, 1};

	nul = memchr(text, '\0', bad);
	if (nul) {
		loc.off = (uint32_t)(nul - text);
		us_diag_add(g->diags, US_DIAG_ENCODING, loc,
		    "a NUL byte; is this a text file?");
	} else if (bad < n) {
		loc.off = (uint32_t)bad;
		us_diag_add(g->diags, US_DIAG_ENCODING, loc,
		    "byte 0x%02X is not part of well-formed UTF-8; save the "
		    "file as UTF-8",
		    (unsigned)(unsigned char)text[bad]);
	}
	return !nul && bad == n;
}

bool
gen_twice(struct us_gen *g, bool first, struct us_loc first_loc,
    struct us_loc loc, const char *what)
{
	struct us_diag *diag;

	if (!first)
		return false;
	diag = gen_error(
	    g, DUPLICATE, loc, "\"%s\" is said twice here; delete one", what);
	if (diag)
		us_diag_see(g->diags, diag, first_loc, "the first is here");
	return true;
}
