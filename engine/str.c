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

/* 8 bytes, or the few that there are, as a number of this machine. */
static uint64_t
load_bytes(const char *p, size_t n)
{
	uint64_t v = 0;
	uint32_t low, high;

	if (n >= 8) {
		memcpy(&v, p, 8);
	} else if (n >= 4) {
		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		v = low | (uint64_t)high << 32;
	} else {
		for (size_t i = 0; i < n; i++)
			v = v << 8 | (unsigned char)p[i];
	}
	return v;
}

/* The ASCII capitals among 8 bytes as small letters, all at once. */
static uint64_t
fold_bytes(uint64_t v)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t low = v & ones * 0x7f;
	uint64_t from_a = low + ones * (0x80 - 'A');
	uint64_t past_z = low + ones * (0x80 - 'Z' - 1);
	uint64_t capital = from_a & ~past_z & ~v & ones * 0x80;

	return v | capital >> 2;
}

static uint64_t
stir(uint64_t h)
{
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

uint32_t
us_str_hash(struct us_str s, bool fold)
{
	uint64_t h = s.n, v;

	for (size_t i = 0; i < s.n; i += 8) {
		v = load_bytes(s.p + i, s.n - i);
		h = stir(h ^ (fold ? fold_bytes(v) : v));
	}
	return (uint32_t)stir(h);
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
		if (n - i >= 8 && us_ascii8(p + i)) {
			i += 8;
			continue;
		}
		len = utf8_length((const unsigned char *)p + i, n - i);
		if (!len)
			return i;
		i += len;
	}
	return n;
}

struct us_str
us_utf8_cut(struct us_str s, size_t most)
{
	if (s.n <= most)
		return s;
	s.n = most;
	while (s.n && (s.p[s.n] & 0xc0) == 0x80)
		s.n--;
	return s;
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
