/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of names: what may stand in one, and the one form that names have
 * where those that differ only in the case of letters mean the same thing.
 */
#include <ctype.h>

#include "daemon/item_parts.h"

/* --- What may stand there ----------------------------------------------- */

/* Unicode's Cf, Zl and Zp: they are not seen, and change what is. */
static const struct {
	uint32_t first, last;
} unseen[] = {{0xad, 0xad}, {0x600, 0x605}, {0x61c, 0x61c}, {0x6dd, 0x6dd},
    {0x70f, 0x70f}, {0x890, 0x891}, {0x8e2, 0x8e2}, {0x180e, 0x180e},
    {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff},
    {0xfff9, 0xfffb}, {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0001, 0xe007f}};

/* The next character of well-formed UTF-8. */
static uint32_t
next_char(struct us_str text, size_t *i)
{
	unsigned char lead = (unsigned char)text.p[(*i)++];
	uint32_t c = lead < 0x80   ? lead
		     : lead < 0xe0 ? lead & 0x1f
		     : lead < 0xf0 ? lead & 0x0f
				   : lead & 0x07;

	while (lead >= 0x80 && *i < text.n && (text.p[*i] & 0xc0) == 0x80)
		c = c << 6 | (text.p[(*i)++] & 0x3f);
	return c;
}

static bool
is_control(uint32_t c, bool lines)
{
	if (lines && (c == '\n' || c == '\t' || c == '\r'))
		return false;
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

uint32_t
us_text_control(struct us_str text, bool lines)
{
	uint32_t c;

	for (size_t i = 0; i < text.n;) {
		c = next_char(text, &i);
		if (is_control(c, lines))
			return c ? c : US_TEXT_NUL;
	}
	return 0;
}

uint32_t
us_text_unseen(struct us_str text)
{
	uint32_t c;

	for (size_t i = 0; i < text.n;) {
		c = next_char(text, &i);
		for (size_t k = 0; k < sizeof(unseen) / sizeof(*unseen); k++) {
			if (c >= unseen[k].first && c <= unseen[k].last)
				return c;
		}
	}
	return 0;
}

/* U+0300 to U+036F: a letter and its accent apart. */
static bool
is_decomposed(struct us_str text)
{
	uint32_t c;

	for (size_t i = 0; i < text.n;) {
		c = next_char(text, &i);
		if (c >= 0x300 && c <= 0x36f)
			return true;
	}
	return false;
}

const char *
us_text_bad_name(struct us_str text, struct us_arena *a)
{
	uint32_t c = us_text_unseen(text);

	if (us_text_control(text, false))
		return "a name has no line ends, no tabs and no other control "
		       "characters";
	if (c)
		return us_arena_printf(a,
		    "the name \"%.*s\" has the character U+%04X, which is "
		    "not seen; take it out",
		    (int)(text.n < 40 ? text.n : 0), text.p, (unsigned)c);
	if (text.n && (text.p[0] == ' ' || text.p[text.n - 1] == ' '))
		return us_arena_printf(a,
		    "the name \"%.*s\" begins or ends with a blank; take it "
		    "out",
		    US_ARG(text));
	if (is_decomposed(text))
		return us_arena_printf(a,
		    "the name \"%.*s\" has a letter and its accent as two "
		    "characters; write them as one (Unicode's form NFC)",
		    US_ARG(text));
	return NULL;
}

/* --- One form ----------------------------------------------------------- */

struct us_str
us_text_lower(struct us_arena *a, struct us_str text)
{
	struct us_str copy = us_arena_str(a, text);

	for (size_t i = 0; i < copy.n; i++)
		((char *)copy.p)[i] = (char)tolower((unsigned char)copy.p[i]);
	return copy;
}

struct us_str
us_text_title(struct us_arena *a, struct us_str text)
{
	struct us_str copy = us_text_lower(a, text);
	bool inside = false;

	for (size_t i = 0; i < copy.n; i++) {
		unsigned char c = (unsigned char)copy.p[i];

		if (!inside)
			((char *)copy.p)[i] = (char)toupper(c);
		inside = isalnum(c);
	}
	return copy;
}

/*
 * Which letters outside of ASCII are the same, this table does not know; so
 * that names with them are for the inventory to say.
 */
bool
us_spelling_folds(struct us_spelling *s, struct us_str text)
{
	s->nocase = true;
	for (size_t i = 0; !s->listed && i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			return us_spelling_error(s,
			    "\"%.*s\" has letters outside of ASCII, in a name "
			    "whose case does not count; have it listed in the "
			    "inventory, and say it as it is there",
			    US_ARG(text));
	}
	return true;
}
