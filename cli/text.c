/* SPDX-License-Identifier: Apache-2.0 */
/* Making texts harmless, and measuring them. */
#include <locale.h>
#include <wchar.h>

#include "cli/text.h"

#define REPLACEMENT 0xFFFD

/* The character that p begins with; its length. Malformed: REPLACEMENT. */
static size_t
next_char(const char *p, size_t n, uint32_t *c)
{
	unsigned char first = (unsigned char)*p;
	size_t length = first < 0xC0   ? 1
			: first < 0xE0 ? 2
			: first < 0xF0 ? 3
				       : 4;

	*c = REPLACEMENT;
	if (length > n || us_utf8_bad(p, length) != length)
		return 1;
	*c = length == 1 ? first : first & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++)
		*c = *c << 6 | ((unsigned char)p[i] & 0x3F);
	return length;
}

/* Control characters, and those that change the direction of text. */
static bool
is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C ||
	       c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void
us_text_clean(struct us_str text, bool lines, struct us_buf *out)
{
	char utf8[4];
	uint32_t c;

	for (size_t i = 0; i < text.n;) {
		i += next_char(text.p + i, text.n - i, &c);
		if (c == '\n' && lines)
			us_buf_putc(out, '\n');
		else if (c == '\n' || c == '\r' || c == '\t')
			us_buf_putc(out, ' ');
		else
			us_buf_add(out, utf8,
			    us_utf8_put(utf8, is_harmful(c) ? REPLACEMENT : c));
	}
}

/* Whatever the locale of the user is: our texts are UTF-8. */
static unsigned
char_width(uint32_t c)
{
	static locale_t utf8;
	locale_t before;
	int width = 1;

	if (c < 0x300)
		return 1;
	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (utf8) {
		before = uselocale(utf8);
		width = wcwidth((wchar_t)c);
		uselocale(before);
	}
	return width < 0 ? 1 : (unsigned)width;
}

struct us_str
us_text_cut(struct us_str text, unsigned width)
{
	unsigned used = 0;
	size_t i = 0, length;
	uint32_t c;

	while (i < text.n) {
		length = next_char(text.p + i, text.n - i, &c);
		used += char_width(c);
		if (used > width)
			break;
		i += length;
	}
	return (struct us_str){text.p, i};
}

unsigned
us_text_width(struct us_str text)
{
	unsigned width = 0;
	uint32_t c;

	for (size_t i = 0; i < text.n;) {
		i += next_char(text.p + i, text.n - i, &c);
		width += char_width(c);
	}
	return width;
}
