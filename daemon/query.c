/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of requests. */
#include "daemon/http.h"
#include "daemon/http_head.h"
#include "daemon/query.h"

/* Up to the next `stop`, which is taken off too. */
static struct us_str
take_until(struct us_str *rest, char stop)
{
	const char *at = rest->n ? memchr(rest->p, stop, rest->n) : NULL;
	struct us_str part = {rest->p, at ? (size_t)(at - rest->p) : rest->n};

	rest->p += part.n + (at != NULL);
	rest->n -= part.n + (at != NULL);
	return part;
}

bool
us_query_next(struct us_str *rest, struct us_str *name, struct us_str *value)
{
	while (rest->n) {
		*value = take_until(rest, '&');
		if (!value->n)
			continue;
		*name = take_until(value, '=');
		return true;
	}
	return false;
}

const char *
us_query_decode(struct us_str sent, struct us_arena *a, struct us_str *out)
{
	char *p = us_arena_alloc(a, sent.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < sent.n; i++) {
		char c = sent.p[i];

		if (c == '%') {
			int high =
			    i + 2 < sent.n ? us_hex_value(sent.p[i + 1]) : -1;
			int low = high >= 0 ? us_hex_value(sent.p[i + 2]) : -1;

			if (low < 0)
				return "has a % that two hex digits do not "
				       "follow";
			c = (char)(high << 4 | low);
			i += 2;
		}
		if ((unsigned char)c < ' ' || c == 0x7f)
			return "has a control character";
		p[n++] = c;
	}
	*out = (struct us_str){p, n};
	return us_utf8_bad(p, n) < n ? "is not UTF-8" : NULL;
}

/* Text of a client for a message: what no message can show is left out. */
static struct us_str
shown(struct us_str text)
{
	if (text.n > 100 || us_utf8_bad(text.p, text.n) != text.n)
		return US_STR("...");
	return text;
}

void
us_query_refuse(struct us_call *call, struct us_str name, struct us_str value,
    const char *wanted)
{
	us_call_error(call, 400, "\"%.*s=%.*s\": expected %s",
	    US_ARG(shown(name)), US_ARG(shown(value)), wanted);
}

bool
us_query_number(struct us_str text, uint64_t max, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(text.p[i] - '0');
		if (*number > max)
			return false;
	}
	return text.n > 0;
}
