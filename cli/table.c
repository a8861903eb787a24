/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people. */
#include "cli/table.h"
#include "cli/text.h"

#define GAP 2 /* columns of the terminal between two of ours */

static void
add_cell(struct us_table *table, struct us_str text)
{
	*us_list_add(&table->arena, &table->cells) =
	    us_arena_str(&table->arena, text);
}

void
us_table_begin(struct us_table *table, const char *const *heads)
{
	*table = (struct us_table){0};
	for (; heads[table->columns]; table->columns++)
		add_cell(table, us_str(heads[table->columns]));
}

void
us_table_free(struct us_table *table)
{
	us_arena_free(&table->arena);
}

void
us_table_add(struct us_table *table, struct us_str text)
{
	struct us_buf clean = {0};

	us_text_clean(text, false, &clean);
	add_cell(table, clean.n ? us_buf_str(&clean) : US_STR("-"));
	us_buf_free(&clean);
}

static unsigned
column_width(const struct us_table *table, uint32_t column)
{
	unsigned widest = 0, width;

	for (uint32_t i = column; i < table->cells.n; i += table->columns) {
		width = us_text_width(table->cells.v[i]);
		if (width > widest)
			widest = width;
	}
	return widest;
}

/* The last column is not filled up. */
void
us_table_put(const struct us_table *table, struct us_buf *out)
{
	struct us_arena a = {0};
	unsigned *widths = us_arena_alloc(&a, table->columns * sizeof(*widths));
	uint32_t column;

	for (column = 0; column < table->columns; column++)
		widths[column] = column_width(table, column);
	for (uint32_t i = 0; i < table->cells.n; i++) {
		column = i % table->columns;
		us_buf_str_add(out, table->cells.v[i]);
		if (column + 1 == table->columns)
			us_buf_putc(out, '\n');
		else
			us_buf_printf(out, "%*s",
			    (int)(widths[column] + GAP -
				  us_text_width(table->cells.v[i])),
			    "");
	}
	us_arena_free(&a);
}
