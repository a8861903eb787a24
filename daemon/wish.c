/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for, and how, from the arguments of a command. */
#include "daemon/wish_parts.h"
#include "engine/when.h"

static const char *const verbs[] = {"request", "grant", "allow"};

/* --- Lengths ------------------------------------------------------------ */

#define DAY INT64_C(86400)
#define LENGTH_MAX (INT64_C(36525) * DAY)

static const struct {
	const char *name;
	int64_t seconds;
} units[] = {
    {"m", 60},
    {"min", 60},
    {"minute", 60},
    {"h", 3600},
    {"hour", 3600},
    {"d", DAY},
    {"day", DAY},
    {"w", 7 * DAY},
    {"week", 7 * DAY},
    {"month", 30 * DAY},
};

/* "Hours" and "hour" are one; so are "h" and "H". */
static int64_t
unit_seconds(struct us_str unit)
{
	if (unit.n > 1 && (unit.p[unit.n - 1] | 0x20) == 's')
		unit.n--;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (us_str_eq_nocase(unit, us_str(units[i].name)))
			return units[i].seconds;
	}
	return 0;
}

bool
us_wish_length(struct us_str text, int64_t *seconds)
{
	int64_t n = 0, unit;
	size_t i = 0;

	while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9') {
		if (n > LENGTH_MAX)
			return false;
		n = n * 10 + (text.p[i++] - '0');
	}
	while (i && i < text.n && text.p[i] == ' ')
		i++;
	unit = unit_seconds((struct us_str){text.p + i, text.n - i});
	if (!unit || !n || n > LENGTH_MAX / unit)
		return false;
	*seconds = n * unit;
	return true;
}

/* --- Options ------------------------------------------------------------ */

static bool
take_length(struct us_args *args, enum us_wish_option id, int64_t *seconds)
{
	if (!args->given[id] || us_wish_length(args->value[id], seconds))
		return true;
	return us_args_error(args,
	    "\"%.*s\" of --%s is no length; expected a number and minutes, "
	    "hours, days, weeks or months, like 30m, 2h or \"5 days\"",
	    US_ARG(args->value[id]), us_wish_options[id].name);
}

static bool
needs(struct us_args *args, enum us_wish_option id)
{
	return args->given[id] ||
	       us_args_error(args, "%.*s needs --%s: %s", US_ARG(args->verb),
		   us_wish_options[id].name, us_wish_options[id].help);
}

static bool
is_type(struct us_str type)
{
	return !type.n || us_str_is(type, "user");
}

static bool
read_options(struct us_args *args, enum us_wish_verb verb, struct us_wish *wish)
{
	wish->reason = args->value[US_WISH_REASON_OPTION];
	wish->to = args->value[US_WISH_TO_OPTION];
	wish->principal_type = args->value[US_WISH_TYPE_OPTION];
	wish->public_key = args->value[US_WISH_KEY_OPTION];
	wish->start = args->value[US_WISH_START_OPTION];
	if (!is_type(wish->principal_type))
		return us_args_error(args,
		    "\"%.*s\" of --principal-type is no type; there is user",
		    US_ARG(wish->principal_type));
	if (!take_length(args, US_WISH_DURATION_OPTION, &wish->duration) ||
	    !take_length(args, US_WISH_LENGTH_OPTION, &wish->length))
		return false;
	if (verb != US_WISH_REQUEST && !needs(args, US_WISH_TO_OPTION))
		return false;
	return verb != US_WISH_ALLOW || needs(args, US_WISH_LENGTH_OPTION);
}

/* --- Items -------------------------------------------------------------- */

static bool
is_wanted(const struct us_wish *wish, struct us_str item)
{
	const struct us_wanted *w;

	US_EACH (w, &wish->items) {
		if (us_str_eq(w->item, item))
			return true;
	}
	return false;
}

/* A newline or a tab belongs into a text of SQL, and into no name. */
static bool
check_item(struct us_args *args, struct us_str text, const char **error)
{
	bool sql = args->ask.row->form == us_form_TEXT;

	*error = NULL;
	if (us_str_is_blank(text))
		*error = "an empty name";
	else if (text.n > US_VALUE_MAX)
		*error = us_arena_printf(args->a,
		    "\"%.*s...\" has %zu bytes; %d are the most", 40, text.p,
		    text.n, US_VALUE_MAX);
	else if (!sql)
		*error = us_text_bad_name(text, args->a);
	else if (us_text_unseen(text))
		*error = us_arena_printf(args->a,
		    "the text has the character U+%04X, which is not seen; "
		    "take it out",
		    (unsigned)us_text_unseen(text));
	return !*error;
}

/* Every item that is refused is named, and then none is asked for. */
static void
read_item(struct us_args *args, struct us_str text, struct us_wish *wish)
{
	struct us_wanted wanted;
	const char *error;

	if (!check_item(args, text, &error) ||
	    !us_item_read(&args->ask, text, &wanted, &error))
		us_args_error(args, "%s%s", args->error->n ? "; " : "", error);
	else if (!is_wanted(wish, wanted.item))
		*us_list_add(args->a, &wish->items) = wanted;
}

static bool
read_all(struct us_args *args, struct us_wish *wish)
{
	const char *error;
	struct us_wanted *wanted;

	if (args->words.n > 2)
		return us_args_error(args,
		    "%.*s %.*s is all there is, and takes no name; take "
		    "\"%.*s\" out",
		    US_ARG(args->ask.service->name.s), US_ARG(args->ask.access),
		    US_ARG(args->words.v[2]));
	wanted = us_list_add(args->a, &wish->items);
	return us_item_read(&args->ask, (struct us_str){0}, wanted, &error) ||
	       us_args_error(args, "%s", error);
}

static bool
read_items(struct us_args *args, struct us_wish *wish)
{
	const struct us_item_row *row = args->ask.row;
	uint32_t n = args->words.n - 2;

	if (row->form == us_form_NONE)
		return read_all(args, wish);
	if (!n)
		return us_args_error(args,
		    "say which: %.*s %.*s %.*s %s, like \"%s\"",
		    US_ARG(args->verb), US_ARG(args->ask.service->name.s),
		    US_ARG(args->ask.access), row->argument, row->example);
	if (n > 1 && row->rule == US_ITEM_ONE)
		return us_args_error(args,
		    "one %s at a time, and here are %u; put quotes around it",
		    row->argument, n);
	if (n > US_ITEMS_MAX)
		return us_args_error(args,
		    "%u items; %d are the most that can be asked for at once",
		    n, US_ITEMS_MAX);
	for (uint32_t i = 0; i < n; i++)
		read_item(args, args->words.v[2 + i], wish);
	return args->error->n == 0;
}

bool
us_wish_read(enum us_wish_verb verb, const struct us_str *argv, uint32_t argc,
    const struct us_service_list *services, const struct us_shelf *shelf,
    struct us_arena *a, struct us_wish *wish, struct us_buf *error)
{
	struct us_args args = {.verb = us_str(verbs[verb]),
	    .services = services,
	    .a = a,
	    .ask = {.shelf = shelf},
	    .error = error};
	bool good;

	*wish = (struct us_wish){0};
	good = us_args_read(&args, argv, argc) &&
	       read_options(&args, verb, wish) && read_items(&args, wish);
	wish->help = args.help;
	return good;
}
