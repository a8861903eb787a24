/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict as the JSON of SPEC 5. */
#include "engine/verdict.h"

void
us_missing_json(unsigned missing, struct us_buf *out)
{
	const char *comma = "";

	us_buf_putc(out, '[');
	for (unsigned i = 0; missing && i < us_option_count; i++) {
		if (!(missing & us_options[i].bit))
			continue;
		us_buf_puts(out, comma);
		us_buf_json(out, us_str(us_options[i].word));
		comma = ",";
	}
	us_buf_putc(out, ']');
}

static void
put_rules(const struct us_verdict *v, const char *member, const uint32_t *rules,
    uint32_t n, struct us_buf *out)
{
	us_buf_puts(out, member);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			us_buf_putc(out, ',');
		us_buf_json(out, v->prog->rules.v[rules[i]].name);
	}
	us_buf_putc(out, ']');
}

static void
put_place(const struct us_verdict *v, uint32_t rule, uint32_t index,
    struct us_buf *out)
{
	us_buf_puts(out, "{\"rule\":");
	us_buf_json(out, v->prog->rules.v[rule].name);
	us_buf_puts(out, ",\"index\":");
	us_buf_number(out, index);
}

static void
put_alternatives(const struct us_verdict *v, struct us_buf *out)
{
	static const struct us_str available[] = {
	    [US_NO] = US_STR_INIT("false"),
	    [US_YES] = US_STR_INIT("true"),
	    [US_CANNOT_TELL] = US_STR_INIT("null")};
	const struct us_verdict_alt *alt;

	us_buf_puts(out, ",\"alternatives\":[");
	US_EACH (alt, &v->alternatives) {
		if (alt != v->alternatives.v)
			us_buf_putc(out, ',');
		put_place(v, alt->rule, alt->index, out);
		us_buf_puts(out, ",\"type\":\"");
		us_buf_puts(out, us_alt_name(alt->type));
		us_buf_puts(out, "\",\"available\":");
		us_buf_str_add(out, available[alt->available]);
		us_buf_puts(out, ",\"missing\":");
		us_missing_json(alt->missing, out);
		us_buf_putc(out, '}');
	}
	us_buf_putc(out, ']');
}

static void
put_approver(const struct us_verdict *v, struct us_buf *out)
{
	const struct us_via *via;
	const char *comma = "";

	us_buf_puts(out, ",\"approver\":{\"uid\":");
	us_buf_json(out, v->approver->uid);
	us_buf_puts(out, v->allowed ? ",\"allowed\":true,\"via\":["
				    : ",\"allowed\":false,\"via\":[");
	US_EACH (via, &v->via) {
		us_buf_puts(out, comma);
		put_place(v, via->rule, via->index, out);
		us_buf_putc(out, '}');
		comma = ",";
	}
	us_buf_puts(out, "]}");
}

void
us_verdict_members(const struct us_verdict *v, struct us_buf *out)
{
	const char *by = us_by_name(v->by);

	us_buf_puts(out, "\"outcome\":\"");
	us_buf_puts(out, us_outcome_name(v->outcome));
	us_buf_puts(out, "\",\"by\":");
	if (by)
		us_buf_json(out, us_str(by));
	else
		us_buf_puts(out, "null");
	put_rules(v, ",\"rules\":[", v->rules.v, v->rules.n, out);
	put_rules(v, ",\"deniedBy\":[", v->denied_by.v, v->denied_by.n, out);
	us_buf_puts(out, ",\"missing\":");
	us_missing_json(v->missing, out);
	put_alternatives(v, out);
	if (v->undecided.n)
		put_rules(
		    v, ",\"undecided\":[", v->undecided.v, v->undecided.n, out);
	if (v->approver)
		put_approver(v, out);
}

void
us_verdict_json(const struct us_verdict *v, struct us_buf *out)
{
	us_buf_putc(out, '{');
	us_verdict_members(v, out);
	us_buf_putc(out, '}');
}
