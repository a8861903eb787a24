/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of requests. */
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
