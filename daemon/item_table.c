/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of item.def. */
#include "daemon/item_parts.h"

static const struct us_item_row rows[] = {
#define US_ITEM(services, access, argument, form, sets, rule, context, unsaid, \
    inventory, example) \
	{services, access, argument, us_form_##form, sets, US_ITEM_##rule, \
	    context, unsaid, inventory, example},
#include "daemon/item.def"
};

const struct us_item_option us_item_options[] = {
#define US_ITEM_OPTION(services, access, name, value, form, sets, need, help) \
	{services, access, name, value, us_form_##form, sets, US_ITEM_##need, \
	    help},
#include "daemon/item.def"
};
const unsigned us_item_option_count =
    sizeof(us_item_options) / sizeof(*us_item_options);
_Static_assert(
    sizeof(us_item_options) / sizeof(*us_item_options) <= US_ITEM_OPTIONS_MAX,
    "US_ITEM_OPTIONS_MAX");

/* A company's own: a name, of which only the inventory knows anything. */
static const struct us_item_row own_row = {
    "", "", "NAME", us_form_PLAIN, "", US_ITEM_MANY, "", "", "", "NAME"};

bool
us_item_word(const char **list, struct us_str *word)
{
	const char *p = *list;

	while (*p == ' ')
		p++;
	word->p = p;
	while (*p && *p != ' ')
		p++;
	word->n = (size_t)(p - word->p);
	*list = p;
	return word->n > 0;
}

void
us_item_split(struct us_str word, struct us_str *filter, struct us_str *key)
{
	const char *dot = word.n ? memchr(word.p, '.', word.n) : NULL;
	size_t n = dot ? (size_t)(dot - word.p) : word.n;

	*filter = (struct us_str){word.p, n};
	*key =
	    dot ? (struct us_str){dot + 1, word.n - n - 1} : (struct us_str){0};
}

static bool
has_word(const char *list, struct us_str wanted)
{
	struct us_str word;

	while (us_item_word(&list, &word)) {
		if (us_str_eq(word, wanted))
			return true;
	}
	return false;
}

const struct us_item_row *
us_item_row(struct us_str service, struct us_str access)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (has_word(rows[i].services, service) &&
		    has_word(rows[i].access, access))
			return &rows[i];
	}
	return &own_row;
}

bool
us_item_option_fits(const struct us_item_option *option, struct us_str service,
    struct us_str access)
{
	return has_word(option->services, service) &&
	       has_word(option->access, access);
}
