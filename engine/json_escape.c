/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes of JSON strings, decoded once the scan has passed them. */
#include "engine/json_escape.h"

int
us_json_hex4(const char *p, const char *end)
{
	int c = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char d = p[i];

		if (d >= '0' && d <= '9')
			c = c << 4 | (d - '0');
		else if ((d | 0x20) >= 'a' && (d | 0x20) <= 'f')
			c = c << 4 | ((d | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return c;
}

static char *
put_escape(char *out, const char **p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int low = -1;
	uint32_t c;

	if (**p != 'u') {
		*out = to[strchr(from, *(*p)++) - from];
		return out + 1;
	}
	c = (uint32_t)us_json_hex4(*p + 1, *p + 5);
	*p += 5;
	if ((*p)[0] == '\\' && (*p)[1] == 'u')
		low = us_json_hex4(*p + 2, *p + 6);
	if (us_json_is_high((int)c) && us_json_is_low(low)) {
		c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
		*p += 6;
	} else if (us_json_is_high((int)c) || us_json_is_low((int)c)) {
		c = 0xfffd;
	}
	return out + us_utf8_put(out, c);
}

struct us_str
us_json_decode(struct us_str text, struct us_arena *a)
{
	const char *p = text.p, *end = text.p + text.n;
	char *out = us_arena_alloc(a, text.n + 4);
	struct us_str str = {out, 0};

	while (p < end) {
		if (*p != '\\') {
			*out++ = *p++;
		} else {
			p++;
			out = put_escape(out, &p);
		}
	}
	str.n = (size_t)(out - str.p);
	return str;
}
