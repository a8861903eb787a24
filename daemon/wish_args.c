/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of a command, taken apart: words and options. Which options
 * there may be depends on words that may stand behind them, so that options
 * are first read by name, and looked at again when the words are known.
 */
#include "daemon/wish_parts.h"

/* Of one argument (SPEC 18), but for the reason, which may be longer. */
#define REASON_MAX 4096
#define KEY_MAX 8192

const struct us_wish_option_row us_wish_options[] = {
#define US_WISH_OPTION(id, name, other, value, verbs, services, help) \
	{name, other, value, verbs, services, help},
#include "daemon/wish.def"
};

/* An option as it was written. */
struct written {
	struct us_str name, value; /* value p NULL: none */
};

struct reading {
	struct us_args *args;
	const struct us_str *argv;
	uint32_t argc, i;
	US_LIST(struct written) options;
};

bool
us_args_error(struct us_args *args, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = us_arena_vprintf(args->a, fmt, ap);
	va_end(ap);
	us_buf_puts(args->error, text);
	return false;
}

static bool
has_word(const char *list, struct us_str wanted)
{
	struct us_str word;

	while (us_item_word(&list, &word)) {
		if (us_str_eq(word, wanted) || us_str_is(word, "*"))
			return true;
	}
	return false;
}

bool
us_wish_option_fits(const struct us_wish_option_row *row, struct us_str verb,
    struct us_str service)
{
	return has_word(row->verbs, verb) && has_word(row->services, service);
}

static const struct us_wish_option_row *
find_common(struct us_str name)
{
	for (unsigned i = 0; i < US_WISH_OPTION_COUNT; i++) {
		const struct us_wish_option_row *row = &us_wish_options[i];

		if (us_str_is(name, row->name) ||
		    (*row->other && us_str_is(name, row->other)))
			return row;
	}
	return NULL;
}

/* Has an option of that name a value, whatever it is an option of? */
static bool
has_value(struct us_str name)
{
	const struct us_wish_option_row *common = find_common(name);

	if (common)
		return *common->value;
	for (unsigned i = 0; i < us_item_option_count; i++) {
		if (us_str_is(name, us_item_options[i].name))
			return *us_item_options[i].value;
	}
	return false;
}

/* --- Words and options -------------------------------------------------- */

/* Control characters have no place in names, and would in terminals. */
static bool
check_text(struct us_args *args, struct us_str text)
{
	uint32_t c = us_text_control(text, true);

	return !c ||
	       us_args_error(args,
		   "an argument has the control character U+%04X; take it out",
		   c == US_TEXT_NUL ? 0 : (unsigned)c);
}

static bool
read_option(struct reading *r, struct us_str arg)
{
	struct us_str name = {arg.p + 1, arg.n - 1};
	const char *equals;
	struct written *option;

	if (name.p[0] == '-') {
		name.p++;
		name.n--;
	}
	equals = name.n ? memchr(name.p, '=', name.n) : NULL;
	option = us_list_add(r->args->a, &r->options);
	option->name = name;
	if (equals) {
		option->name.n = (size_t)(equals - name.p);
		option->value =
		    (struct us_str){equals + 1, name.n - option->name.n - 1};
	}
	if (us_str_is(name, "help") || us_str_is(name, "h")) {
		r->args->help = true;
		r->options.n--;
	} else if (has_value(option->name) && !equals) {
		if (r->i + 1 >= r->argc ||
		    (r->argv[r->i + 1].n > 1 && r->argv[r->i + 1].p[0] == '-' &&
			r->argv[r->i + 1].p[1] == '-'))
			return true; /* told when it is known what it is */
		option->value = r->argv[++r->i];
	}
	return true;
}

static bool
take_apart(struct reading *r)
{
	struct us_str arg;
	bool options = true;

	for (uint32_t i = 0; i < r->argc; i++) {
		if (!check_text(r->args, r->argv[i]))
			return false;
	}
	for (; r->i < r->argc; r->i++) {
		arg = r->argv[r->i];
		if (options && us_str_is(arg, "--"))
			options = false;
		else if (options && arg.n > 1 && arg.p[0] == '-')
			read_option(r, arg);
		else
			*us_list_add(r->args->a, &r->args->words) = arg;
	}
	return true;
}

/* --- Service and access type -------------------------------------------- */

static void
offer(struct us_args *args, const char *what, struct us_str wanted,
    const struct us_nearest *nearest)
{
	us_args_error(args, "there is no %s \"%.*s\"", what, US_ARG(wanted));
	if (nearest->best.p)
		us_args_error(
		    args, " (did you mean \"%.*s\"?)", US_ARG(nearest->best));
}

static bool
find_service(struct us_args *args, struct us_str name)
{
	struct us_nearest nearest = {name, {0}, 0};
	const struct us_service *service;

	US_EACH (service, args->services) {
		if (us_str_eq(service->name.s, name)) {
			args->ask.service = service;
			return true;
		}
	}
	US_EACH (service, args->services)
		us_nearest_offer(&nearest, service->name.s);
	offer(args, "service", name, &nearest);
	return us_args_error(
	    args, "; \"%.*s --help\" lists them", US_ARG(args->verb));
}

static bool
find_access(struct us_args *args, struct us_str name)
{
	const struct us_service *service = args->ask.service;
	struct us_nearest nearest = {name, {0}, 0};
	const struct us_word *word;

	if (us_service_access(service, name) >= 0) {
		args->ask.access = name;
		args->ask.row = us_item_row(service->name.s, name);
		return true;
	}
	US_EACH (word, &service->access)
		us_nearest_offer(&nearest, word->s);
	offer(args, "access type", name, &nearest);
	us_args_error(args, " of \"%.*s\"; it has", US_ARG(service->name.s));
	US_EACH (word, &service->access)
		us_args_error(args, "%s %.*s",
		    word == service->access.v ? "" : ",", US_ARG(word->s));
	return false;
}

static bool
find_what(struct us_args *args)
{
	if (!args->words.n)
		return us_args_error(args,
		    "say what: %.*s SERVICE ACCESS-TYPE ...; \"%.*s --help\" "
		    "tells more",
		    US_ARG(args->verb), US_ARG(args->verb));
	if (!find_service(args, args->words.v[0]))
		return false;
	if (args->words.n == 1)
		return us_args_error(args,
		    "say what: %.*s %.*s ACCESS-TYPE ...; \"%.*s %.*s --help\" "
		    "tells more",
		    US_ARG(args->verb), US_ARG(args->words.v[0]),
		    US_ARG(args->verb), US_ARG(args->words.v[0]));
	return find_access(args, args->words.v[1]);
}

/* As much of it as there is, for the help. */
static void
give_help(struct us_args *args)
{
	struct us_str none = {0};

	us_wish_help(args->verb, args->words.n > 0 ? args->words.v[0] : none,
	    args->words.n > 1 ? args->words.v[1] : none, args->services,
	    args->error);
}

/* --- Options, now that it is known of what ------------------------------ */

/* Clients send these empty when there is no reason, or no word to look for. */
static bool
may_be_empty(struct us_str name)
{
	return us_str_is(name, "reason") || us_str_is(name, "like");
}

static bool
check_value(
    struct us_args *args, const struct written *option, const char *value)
{
	size_t most = us_str_is(option->name, "reason")	      ? REASON_MAX
		      : us_str_is(option->name, "public-key") ? KEY_MAX
							      : US_VALUE_MAX;
	const char *bad;

	if (!*value) {
		return !option->value.p ||
		       us_args_error(
			   args, "--%.*s has no value", US_ARG(option->name));
	}
	if (!option->value.p ||
	    (us_str_is_blank(option->value) && !may_be_empty(option->name)))
		return us_args_error(args, "--%.*s needs a value: %s",
		    US_ARG(option->name), value);
	bad = may_be_empty(option->name)
		  ? NULL
		  : us_text_bad_name(option->value, args->a);
	if (bad)
		return us_args_error(
		    args, "--%.*s: %s", US_ARG(option->name), bad);
	if (option->value.n > most)
		return us_args_error(args,
		    "the value of --%.*s has %zu bytes; %zu are the most",
		    US_ARG(option->name), option->value.n, most);
	return true;
}

static bool
twice(struct us_args *args, const struct written *option)
{
	return us_args_error(args, "--%.*s is given twice; once is enough",
	    US_ARG(option->name));
}

static bool
take_common(struct us_args *args, const struct us_wish_option_row *row,
    const struct written *option)
{
	size_t i = (size_t)(row - us_wish_options);

	if (args->given[i])
		return twice(args, option);
	if (!check_value(args, option, row->value))
		return false;
	args->given[i] = true;
	args->value[i] = option->value;
	return true;
}

static bool
take_own(struct us_args *args, const struct us_item_option *row,
    const struct written *option)
{
	struct us_item_given *given;

	US_EACH (given, &args->ask.given) {
		if (given->option == row)
			return twice(args, option);
	}
	if (!check_value(args, option, row->value))
		return false;
	given = us_list_add(args->a, &args->ask.given);
	given->option = row;
	given->value = option->value;
	return true;
}

static bool
fits_own(const struct us_args *args, const struct us_item_option *row)
{
	return us_item_option_fits(
	    row, args->ask.service->name.s, args->ask.access);
}

static bool
fits_common(const struct us_args *args, const struct us_wish_option_row *row)
{
	return us_wish_option_fits(row, args->verb, args->ask.service->name.s);
}

static const struct us_item_option *
find_own(const struct us_args *args, struct us_str name)
{
	for (unsigned i = 0; i < us_item_option_count; i++) {
		if (us_str_is(name, us_item_options[i].name) &&
		    fits_own(args, &us_item_options[i]))
			return &us_item_options[i];
	}
	return NULL;
}

static bool
refuse_option(struct us_args *args, const struct written *option)
{
	struct us_nearest nearest = {option->name, {0}, 0};

	for (unsigned i = 0; i < us_item_option_count; i++) {
		if (fits_own(args, &us_item_options[i]))
			us_nearest_offer(
			    &nearest, us_str(us_item_options[i].name));
	}
	for (unsigned i = 0; i < US_WISH_OPTION_COUNT; i++) {
		if (fits_common(args, &us_wish_options[i]))
			us_nearest_offer(
			    &nearest, us_str(us_wish_options[i].name));
	}
	us_args_error(args, "%.*s %.*s %.*s has no option --%.*s",
	    US_ARG(args->verb), US_ARG(args->ask.service->name.s),
	    US_ARG(args->ask.access), US_ARG(option->name));
	if (nearest.best.p)
		us_args_error(
		    args, " (did you mean \"--%.*s\"?)", US_ARG(nearest.best));
	return false;
}

static bool
take_option(struct us_args *args, const struct written *option)
{
	const struct us_item_option *own = find_own(args, option->name);
	const struct us_wish_option_row *common = find_common(option->name);

	if (own)
		return take_own(args, own, option);
	if (common && fits_common(args, common))
		return take_common(args, common, option);
	return refuse_option(args, option);
}

bool
us_args_read(struct us_args *args, const struct us_str *argv, uint32_t argc)
{
	struct reading r = {.args = args, .argv = argv, .argc = argc};
	const struct written *option;

	if (!take_apart(&r))
		return false;
	if (args->help) {
		give_help(args);
		return false;
	}
	if (!find_what(args))
		return false;
	US_EACH (option, &r.options) {
		if (!take_option(args, option))
			return false;
	}
	args->ask.a = args->a;
	return true;
}
