/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON: members sorted, the fewest escapes, no white space. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/json_canon.h"
#include "engine/err.h"

#define INTEGER_MAX (INT64_C(1) << 53)

/* What stands for c inside quotes; NULL: c itself. */
static const char *
escape(unsigned char c, char room[8])
{
	static const char letters[] = "\bb\tt\nn\ff\rr\"\"\\\\";

	if (c >= 0x20 && c != '"' && c != '\\')
		return NULL;
	for (const char *p = letters; *p; p += 2) {
		if (c != (unsigned char)*p)
			continue;
		snprintf(room, 8, "\\%c", p[1]);
		return room;
	}
	snprintf(room, 8, "\\u%04x", c);
	return room;
}

void
us_canon_str(struct us_str s, struct us_buf *out)
{
	const char *e;
	char room[8];
	size_t from = 0;

	us_buf_putc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		while (s.n - i > 8 && us_plain8(s.p + i) == 8)
			i += 8;
		e = escape((unsigned char)s.p[i], room);
		if (!e)
			continue;
		us_buf_add(out, s.p + from, i - from);
		us_buf_puts(out, e);
		from = i + 1;
	}
	us_buf_add(out, s.p + from, s.n - from);
	us_buf_putc(out, '"');
}

/*
 * Names sort by their UTF-16 units. The order of UTF-8 bytes differs from it
 * in one place: what needs two units (lead bytes F0 and up; units D800 to
 * DFFF) comes before U+E000 to U+FFFF (lead bytes EE and EF).
 */
static int
unit_rank(char c)
{
	unsigned char u = (unsigned char)c;

	return u == 0xee || u == 0xef ? u + 0x10 : u;
}

static int
compare_names(const void *a, const void *b)
{
	const char *x = lh_entry_k(*(struct lh_entry *const *)a);
	const char *y = lh_entry_k(*(struct lh_entry *const *)b);

	while (*x && *x == *y)
		x++, y++;
	return unit_rank(*x) - unit_rank(*y);
}

static bool
put_object(struct json_object *value, struct us_buf *out)
{
	struct lh_table *table = json_object_get_object(value);
	size_t n = (size_t)lh_table_length(table), i = 0;
	struct lh_entry **members = us_malloc(n * sizeof(struct lh_entry *));
	bool good = true;

	for (struct lh_entry *e = table->head; e; e = e->next)
		members[i++] = e;
	qsort(members, n, sizeof(struct lh_entry *), compare_names);
	us_buf_putc(out, '{');
	for (i = 0; i < n && good; i++) {
		us_buf_puts(out, i ? "," : "");
		us_canon_str(us_str(lh_entry_k(members[i])), out);
		us_buf_putc(out, ':');
		good = us_canon(lh_entry_v(members[i]), out);
	}
	us_buf_putc(out, '}');
	free(members);
	return good;
}

static bool
put_array(struct json_object *value, struct us_buf *out)
{
	size_t n = json_object_array_length(value);

	us_buf_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		us_buf_puts(out, i ? "," : "");
		if (!us_canon(json_object_array_get_idx(value, i), out))
			return false;
	}
	us_buf_putc(out, ']');
	return true;
}

static bool
put_integer(int64_t i, struct us_buf *out)
{
	us_buf_printf(out, "%" PRId64, i);
	return i >= -INTEGER_MAX && i <= INTEGER_MAX;
}

bool
us_canon(struct json_object *value, struct us_buf *out)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		us_buf_puts(out, "null");
		return true;
	case json_type_boolean:
		us_buf_puts(
		    out, json_object_get_boolean(value) ? "true" : "false");
		return true;
	case json_type_int:
		return put_integer(json_object_get_int64(value), out);
	case json_type_string:
		us_canon_str((struct us_str){json_object_get_string(value),
				 (size_t)json_object_get_string_len(value)},
		    out);
		return true;
	case json_type_array:
		return put_array(value, out);
	case json_type_object:
		return put_object(value, out);
	case json_type_double:
		break;
	}
	return false;
}
