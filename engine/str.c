/* SPDX-License-Identifier: Apache-2.0 */
/* Strings with a length: comparing, hashing, UTF-8. */
#include "engine/str.h"

static unsigned char
fold_byte(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

bool
us_str_eq_nocase(struct us_str a, struct us_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (fold_byte(a.p[i]) != fold_byte(b.p[i]))
			return false;
	}
	return true;
}

int
us_str_cmp(struct us_str a, struct us_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

uint32_t
us_str_hash(struct us_str s, bool fold)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++) {
		h ^= fold ? fold_byte(s.p[i]) : (unsigned char)s.p[i];
		h *= 16777619u;
	}
	h ^= h >> 15;
	h *= 0x2c1b3c6du;
	return h ^ h >> 12;
}

/*
 * Length of the well-formed sequence at p, 0 if it is none (the table of
 * RFC 3629, section 4).
 */
static size_t
utf8_length(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

size_t
us_utf8_bad(const char *p, size_t n)
{
	size_t i = 0, len;

	while (i < n) {
		len = utf8_length((const unsigned char *)p + i, n - i);
		if (!len)
			return i;
		i += len;
	}
	return n;
}

size_t
us_utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static bool
is_name_byte(char c, bool first)
{
	unsigned char u = fold_byte(c);

	if ((u >= 'a' && u <= 'z') || u == '_')
		return true;
	return !first && ((u >= '0' && u <= '9') || u == '-');
}

bool
us_str_is_name(struct us_str s)
{
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_name_byte(s.p[i], i == 0))
			return false;
	}
	return true;
}

bool
us_str_is_blank(struct us_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != ' ' && (s.p[i] < '\t' || s.p[i] > '\r'))
			return false;
	}
	return true;
}
