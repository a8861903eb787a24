/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A formatter moves little: after lines that differ, the texts meet again
 * nearby. So the nearest pair of equal lines ends a difference; a search
 * without bound for the shortest script is not worth its size here.
 */
#include "cli/diff.h"
#include "engine/arena.h"

#define CONTEXT 3
#define NEARBY 200 /* lines that are searched for where the texts meet */

typedef US_LIST(struct us_str) text_lines;

/* One line of the script: ' ' both have it, '-' only from, '+' only to. */
struct step {
	char sign;
	struct us_str line;
	uint32_t from, to; /* lines of each text before this one */
};

struct diff {
	struct us_arena arena;
	text_lines from, to;
	US_LIST(struct step) steps;
	bool colour;
	struct us_buf *out;
};

/* Lines with their ends, so that a last one without end differs. */
static void
split(struct us_arena *a, struct us_str text, text_lines *lines)
{
	const char *p = text.p, *end = text.p + text.n, *stop;

	for (; p < end; p = stop) {
		stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop ? stop + 1 : end;
		*us_list_add(a, lines) = (struct us_str){p, (size_t)(stop - p)};
	}
}

/* The offsets from i and j of the nearest equal lines; false: none near. */
static bool
meet(const struct diff *d, uint32_t i, uint32_t j, uint32_t *x, uint32_t *y)
{
	for (uint32_t sum = 1; sum < NEARBY; sum++) {
		for (*x = 0; *x <= sum; ++*x) {
			*y = sum - *x;
			if (i + *x < d->from.n && j + *y < d->to.n &&
			    us_str_eq(d->from.v[i + *x], d->to.v[j + *y]))
				return true;
		}
	}
	return false;
}

static void
add_step(struct diff *d, char sign, uint32_t i, uint32_t j)
{
	struct step *step = us_list_add(&d->arena, &d->steps);

	step->sign = sign;
	step->line = sign == '+' ? d->to.v[j] : d->from.v[i];
	step->from = i;
	step->to = j;
}

static void
find_steps(struct diff *d)
{
	uint32_t i = 0, j = 0, x, y;

	while (i < d->from.n || j < d->to.n) {
		if (i < d->from.n && j < d->to.n &&
		    us_str_eq(d->from.v[i], d->to.v[j])) {
			add_step(d, ' ', i++, j++);
			continue;
		}
		if (!meet(d, i, j, &x, &y)) {
			x = d->from.n - i;
			y = d->to.n - j;
		}
		for (; x; x--)
			add_step(d, '-', i++, j);
		for (; y; y--)
			add_step(d, '+', i, j++);
	}
}

static void
put_line(struct diff *d, const struct step *step)
{
	const char *on = step->sign == '-'   ? "\033[31m"
			 : step->sign == '+' ? "\033[32m"
					     : "";
	bool whole = step->line.p[step->line.n - 1] == '\n';

	us_buf_puts(d->out, d->colour ? on : "");
	us_buf_putc(d->out, step->sign);
	us_buf_add(d->out, step->line.p, step->line.n - whole);
	us_buf_puts(d->out, d->colour && *on ? "\033[0m\n" : "\n");
	if (!whole)
		us_buf_puts(d->out, "\\ No newline at end of file\n");
}

/* A range as diff(1) writes it: an empty one names the line before. */
static void
put_range(struct us_buf *out, char sign, uint32_t first, uint32_t n)
{
	us_buf_printf(out, "%c%u,%u ", sign, n ? first + 1 : first, n);
}

static void
put_hunk(struct diff *d, uint32_t begin, uint32_t end)
{
	uint32_t from = 0, to = 0;

	for (uint32_t i = begin; i < end; i++) {
		from += d->steps.v[i].sign != '+';
		to += d->steps.v[i].sign != '-';
	}
	us_buf_puts(d->out, d->colour ? "\033[36m@@ " : "@@ ");
	put_range(d->out, '-', d->steps.v[begin].from, from);
	put_range(d->out, '+', d->steps.v[begin].to, to);
	us_buf_puts(d->out, d->colour ? "@@\033[0m\n" : "@@\n");
	for (uint32_t i = begin; i < end; i++)
		put_line(d, &d->steps.v[i]);
}

/* The first step from i on that changes something, or the end. */
static uint32_t
next_change(const struct diff *d, uint32_t i)
{
	while (i < d->steps.n && d->steps.v[i].sign == ' ')
		i++;
	return i;
}

/* Changes with their context; two whose contexts touch are one hunk. */
static void
put_hunks(struct diff *d)
{
	uint32_t change = next_change(d, 0), begin, end, next;

	while (change < d->steps.n) {
		begin = change > CONTEXT ? change - CONTEXT : 0;
		next = change;
		do {
			end = next + 1;
			next = next_change(d, end);
		} while (next < d->steps.n && next - end <= 2 * CONTEXT);
		end = d->steps.n - end > CONTEXT ? end + CONTEXT : d->steps.n;
		put_hunk(d, begin, end);
		change = next;
	}
}

void
us_diff(const char *name, const char *now, struct us_str from, struct us_str to,
    bool colour, struct us_buf *out)
{
	struct diff d = {.colour = colour, .out = out};

	if (us_str_eq(from, to))
		return;
	split(&d.arena, from, &d.from);
	split(&d.arena, to, &d.to);
	find_steps(&d);
	us_buf_printf(out, "--- %s\n+++ %s\t%s\n", name, name, now);
	put_hunks(&d);
	us_arena_free(&d.arena);
}
