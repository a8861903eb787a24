/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the life of a request, drawn for the manual. */
#include "daemon/life.h"

#define WIDTH_EVENT 22
#define WIDTH_STATUS 29

static void
pad(struct us_buf *out, size_t from, size_t width)
{
	do
		us_buf_putc(out, ' ');
	while (out->n < from + width);
}

static void
draw_effects(unsigned effects, struct us_buf *out)
{
	static const char *const names[] = {
	    "ask", "page", "provide", "clock", "remove"};
	const char *space = "";

	for (unsigned i = 0; effects >> i; i++) {
		if (!(effects >> i & 1))
			continue;
		us_buf_puts(out, space);
		us_buf_puts(out, names[i]);
		space = " ";
	}
}

static void
draw_row(const struct us_life *row, struct us_buf *out)
{
	size_t start = out->n;

	us_buf_puts(out, "    ");
	us_buf_puts(out, us_event_word(row->event));
	pad(out, start, 4 + WIDTH_EVENT);
	us_buf_puts(out, us_status_name(row->to));
	if (row->effects)
		pad(out, start, 4 + WIDTH_EVENT + WIDTH_STATUS);
	draw_effects(row->effects, out);
	us_buf_putc(out, '\n');
}

void
us_life_draw(struct us_buf *out)
{
	enum us_status status = US_STATUS_COUNT;
	const struct us_life *row;

	for (unsigned i = 0; (row = us_life_row(i)); i++) {
		if (row->from != status) {
			status = row->from;
			us_buf_printf(out, "%s (%s)\n", us_status_name(status),
			    us_status_label(status));
		}
		draw_row(row, out);
	}
	for (unsigned i = 0; i < US_STATUS_COUNT; i++) {
		if (us_status_is_final(i) && i != US_STATUS_ERRORED)
			us_buf_printf(out, "%s (%s): final\n",
			    us_status_name(i), us_status_label(i));
	}
}
