/* SPDX-License-Identifier: Apache-2.0 */
/* Members of JSON objects, written. */
#include "daemon/member.h"
#include "engine/when.h"

void
us_member_name(struct us_buf *out, const char *name)
{
	us_buf_puts(out, out->n && out->p[out->n - 1] == '{' ? "\"" : ",\"");
	us_buf_puts(out, name);
	us_buf_puts(out, "\":");
}

void
us_member_str(struct us_buf *out, const char *name, struct us_str s)
{
	us_member_name(out, name);
	if (s.n)
		us_buf_json(out, s);
	else
		us_buf_puts(out, "null");
}

void
us_member_number(struct us_buf *out, const char *name, int64_t n)
{
	us_member_name(out, name);
	us_buf_number(out, n);
}

void
us_member_bool(struct us_buf *out, const char *name, bool b)
{
	us_member_name(out, name);
	us_buf_puts(out, b ? "true" : "false");
}

void
us_member_time(struct us_buf *out, const char *name, int64_t ms)
{
	us_member_name(out, name);
	if (!ms) {
		us_buf_puts(out, "null");
		return;
	}
	us_buf_putc(out, '"');
	us_when_print(ms, out);
	us_buf_putc(out, '"');
}

void
us_member_json(struct us_buf *out, const char *name, struct us_str json,
    const char *otherwise)
{
	us_member_name(out, name);
	us_buf_str_add(out, json.n ? json : us_str(otherwise));
}
