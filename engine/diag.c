/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: collecting, sorting, writing them. */
#include <stdlib.h>

#include "engine/diag.h"

static const struct {
	enum us_severity severity;
	const char *name, *help;
} rows[] = {
#define US_DIAG(id, severity, name, help) {severity, name, help},
#include "engine/diag.def"
};

const char *
us_diag_name(enum us_diag_id id)
{
	return rows[id].name;
}

const char *
us_diag_help(enum us_diag_id id)
{
	return rows[id].help;
}

enum us_severity
us_diag_severity(enum us_diag_id id)
{
	return rows[id].severity;
}

void
us_diags_free(struct us_diags *d)
{
	us_arena_free(&d->arena);
	*d = (struct us_diags){0};
}

struct us_diag *
us_diag_add(struct us_diags *d, enum us_diag_id id, struct us_loc loc,
    const char *fmt, ...)
{
	struct us_diag *diag = us_list_add(&d->arena, &d->list);
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = us_arena_vprintf(&d->arena, fmt, ap);
	va_end(ap);
	*diag = (struct us_diag){.id = id, .loc = loc, .text = text};
	if (rows[id].severity == US_ERROR)
		d->errors++;
	else
		d->warnings++;
	return diag;
}

void
us_diag_see(struct us_diags *d, struct us_diag *diag, struct us_loc see,
    const char *text)
{
	diag->see = see;
	diag->see_text = us_arena_str(&d->arena, us_str(text)).p;
}

struct rank {
	struct us_diag diag;
	uint32_t source, order;
};

static int
by_place(const void *x, const void *y)
{
	const struct rank *a = x, *b = y;

	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->diag.loc.off != b->diag.loc.off)
		return a->diag.loc.off < b->diag.loc.off ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/*
 * Sources rank by where a diagnostic first named them: they are loaded, and
 * complained about, in order. Runs of one source share their rank.
 */
static uint32_t
source_rank(const struct rank *ranks, uint32_t i, struct us_src *src)
{
	if (i && ranks[i - 1].diag.loc.src == src)
		return ranks[i - 1].source;
	for (uint32_t k = 0; k < i; k++) {
		if (ranks[k].diag.loc.src == src)
			return ranks[k].source;
	}
	return i;
}

void
us_diags_sort(struct us_diags *d)
{
	struct us_arena a = {0};
	struct rank *ranks = us_arena_alloc(&a, d->list.n * sizeof(*ranks));

	for (uint32_t i = 0; i < d->list.n; i++) {
		ranks[i].diag = d->list.v[i];
		ranks[i].order = i;
		ranks[i].source = source_rank(ranks, i, d->list.v[i].loc.src);
	}
	if (d->list.n)
		qsort(ranks, d->list.n, sizeof(*ranks), by_place);
	for (uint32_t i = 0; i < d->list.n; i++)
		d->list.v[i] = ranks[i].diag;
	us_arena_free(&a);
}

static void
put_place(struct us_loc loc, struct us_buf *out)
{
	uint32_t line, column;

	if (!loc.src)
		return;
	us_src_place(loc.src, loc.off, &line, &column);
	us_buf_printf(out, "%s:%u:%u: ", loc.src->name, line, column);
}

/* How much of a long line (one of minified JSON) is shown beside the caret. */
#define LINE_BEFORE 60
#define LINE_SHOWN 100

static bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The line of loc, or the part of it around loc; *at: where loc begins. */
static struct us_str
visible_line(struct us_loc loc, size_t *at)
{
	uint32_t line, column;
	struct us_str text;
	size_t from = 0;

	us_src_place(loc.src, loc.off, &line, &column);
	text = us_src_line(loc.src, line);
	*at = (size_t)(loc.src->text + loc.off - text.p);
	if (*at > text.n)
		*at = text.n;
	if (text.n <= LINE_SHOWN)
		return text;
	if (*at > LINE_BEFORE)
		from = *at - LINE_BEFORE;
	while (from < *at && continues(text.p[from]))
		from++;
	text.p += from;
	text.n -= from;
	*at -= from;
	return us_utf8_cut(text, LINE_SHOWN);
}

/*
 * Control characters and malformed UTF-8 would move the caret, or upset the
 * reader's terminal.
 */
static void
put_visible(struct us_str text, struct us_buf *out)
{
	size_t good = us_utf8_bad(text.p, text.n);

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool hidden = ((unsigned char)c < 0x20 && c != '\t') ||
		    c == 0x7f || (i >= good && (unsigned char)c >= 0x80);

		us_buf_putc(out, hidden ? '?' : c);
	}
}

static void
put_caret(struct us_loc loc, bool colour, struct us_buf *out)
{
	size_t at, width = 0;
	struct us_str line = visible_line(loc, &at);

	us_buf_puts(out, "    ");
	put_visible(line, out);
	us_buf_puts(out, "\n    ");
	for (size_t i = 0; i < at; i++) {
		if (line.p[i] == '\t')
			us_buf_putc(out, '\t');
		else if (!continues(line.p[i]))
			us_buf_putc(out, ' ');
	}
	us_buf_puts(out, colour ? "\033[1;32m^" : "^");
	for (size_t i = at + 1; i < at + loc.len && i < line.n; i++) {
		if (!continues(line.p[i]) && ++width)
			us_buf_putc(out, '~');
	}
	us_buf_puts(out, colour ? "\033[0m\n" : "\n");
}

void
us_diag_text(const struct us_diag *diag, bool colour, struct us_buf *out)
{
	bool error = rows[diag->id].severity == US_ERROR;
	size_t mark;

	put_place(diag->loc, out);
	us_buf_printf(out, "%s%s:%s ",
	    !colour ? "" : error ? "\033[1;31m" : "\033[1;35m",
	    error ? "error" : "warning", colour ? "\033[0m" : "");
	mark = out->n;
	if (diag->loc.src)
		us_src_path(diag->loc.src, diag->loc.off, out);
	if (out->n > mark)
		us_buf_puts(out, ": ");
	us_buf_printf(out, "%s [%s]\n", diag->text, rows[diag->id].name);
	if (diag->loc.src)
		put_caret(diag->loc, colour, out);
	if (diag->see.src) {
		put_place(diag->see, out);
		us_buf_printf(out, "note: %s\n", diag->see_text);
		put_caret(diag->see, colour, out);
	}
}

static void
put_json_place(struct us_loc loc, struct us_buf *out)
{
	uint32_t line, column;

	us_src_place(loc.src, loc.off, &line, &column);
	us_buf_puts(out, "\"file\":");
	us_buf_json(out, us_str(loc.src->name));
	us_buf_printf(out, ",\"line\":%u,\"column\":%u,", line, column);
}

void
us_diag_json(const struct us_diag *diag, struct us_buf *out)
{
	struct us_buf path = {0};

	us_buf_putc(out, '{');
	if (diag->loc.src) {
		put_json_place(diag->loc, out);
		us_src_path(diag->loc.src, diag->loc.off, &path);
	}
	us_buf_printf(out, "\"severity\":\"%s\",\"id\":\"%s\",\"text\":",
	    rows[diag->id].severity == US_ERROR ? "error" : "warning",
	    rows[diag->id].name);
	us_buf_json(out, us_str(diag->text));
	if (path.n) {
		us_buf_puts(out, ",\"path\":");
		us_buf_json(out, us_buf_str(&path));
	}
	if (diag->see.src) {
		us_buf_puts(out, ",\"see\":{");
		put_json_place(diag->see, out);
		us_buf_puts(out, "\"text\":");
		us_buf_json(out, us_str(diag->see_text));
		us_buf_putc(out, '}');
	}
	us_buf_putc(out, '}');
	us_buf_free(&path);
}

#define NEAREST_MAX 64 /* longer names are not worth guessing */

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* Edit distance with swaps of neighbours; three rows of the table. */
static unsigned
edit_distance(struct us_str a, struct us_str b)
{
	unsigned row[3][NEAREST_MAX + 1], *two = row[0], *one = row[1],
	    *now = row[2], *spare;

	for (unsigned j = 0; j <= b.n; j++)
		one[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			now[j] = least(one[j] + 1, now[j - 1] + 1,
			    one[j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] && two[j - 2] < now[j])
				now[j] = two[j - 2] + 1;
		}
		spare = two;
		two = one;
		one = now;
		now = spare;
	}
	return one[b.n];
}

void
us_nearest_offer(struct us_nearest *n, struct us_str candidate)
{
	unsigned distance;

	if (n->wanted.n > NEAREST_MAX || candidate.n > NEAREST_MAX)
		return;
	distance = edit_distance(n->wanted, candidate);
	/* A third of the letters may be wrong, or it is another word. */
	if (distance > (n->wanted.n + 2) / 3 ||
	    (n->best.p && distance >= n->distance))
		return;
	n->best = candidate;
	n->distance = distance;
}

const char *
us_nearest_hint(const struct us_nearest *n, struct us_diags *d)
{
	if (!n->best.p)
		return "";
	return us_arena_printf(
	    &d->arena, " (did you mean \"%.*s\"?)", US_ARG(n->best));
}
