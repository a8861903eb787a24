/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of conf.def, their values, and the help that they make. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/conf_row.h"
#include "engine/diag.h"

#define ANYWHERE (US_SCOPE_FLAG | US_SCOPE_LINE)

const struct us_conf_row us_conf_rows[] = {
#define US_OPTION(name, kind, field, argument, help) \
	{name, US_KIND_##kind, ANYWHERE, offsetof(struct us_conf, field), \
	    argument, help, NULL, NULL, NULL},
#define US_ORG_OPTION(name, kind, field, argument, help) \
	{name, US_KIND_##kind, ANYWHERE | US_SCOPE_ORG | US_SCOPE_OF_ORG, \
	    offsetof(struct us_conf_org, field), argument, help, NULL, NULL, \
	    NULL},
#define US_ORG_LINE(name, kind, field, argument, help) \
	{name, US_KIND_##kind, US_SCOPE_ORG | US_SCOPE_OF_ORG, \
	    offsetof(struct us_conf_org, field), argument, help, NULL, NULL, \
	    NULL},
#define US_LIMIT(name, kind, field, value, least, most, help) \
	{name, US_KIND_##kind, US_SCOPE_LINE, offsetof(struct us_conf, field), \
	    "N", help, value, least, most},
#define US_PROVISIONER_LINE(name, kind, field, value, least, most, help) \
	{name, US_KIND_##kind, US_SCOPE_PROVISIONER, \
	    offsetof(struct us_conf_provisioner, field), NULL, help, value, \
	    least, most},
#define US_NOTIFIER_LINE(name, kind, field, value, least, most, help) \
	{name, US_KIND_##kind, US_SCOPE_NOTIFIER, \
	    offsetof(struct us_conf_notifier, field), NULL, help, value, \
	    least, most},
#include "daemon/conf.def"
};
const unsigned us_conf_row_count =
    sizeof(us_conf_rows) / sizeof(us_conf_rows[0]);

bool
us_conf_complain(const char *fmt, ...)
{
	va_list ap;

	fputs("usherd: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return false;
}

/* But for the row of the section's title, which its lines cannot say. */
bool
us_conf_row_stands(const struct us_conf_row *row, unsigned scope)
{
	if (scope == US_SCOPE_ORG && strcmp(row->name, "org") == 0)
		return false;
	return row->scope & scope;
}

const struct us_conf_row *
us_conf_row_find(const char *name, unsigned scope)
{
	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];

		if (us_conf_row_stands(row, scope) &&
		    strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

const char *
us_conf_row_hint(const char *name, unsigned scope, struct us_arena *a)
{
	struct us_nearest nearest = {.wanted = us_str(name)};

	for (unsigned i = 0; i < us_conf_row_count; i++) {
		if (us_conf_row_stands(&us_conf_rows[i], scope))
			us_nearest_offer(
			    &nearest, us_str(us_conf_rows[i].name));
	}
	if (!nearest.best.p)
		return "";
	return us_arena_printf(
	    a, " (did you mean \"%.*s\"?)", US_ARG(nearest.best));
}

/* A number, with the unit of a size behind it. */
static bool
read_number(const char *text, bool size, uint64_t *number)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9')
		return false;
	if (!*end)
		return true;
	unit = strchr(units, *end);
	if (!size || !unit || end[1])
		return false;
	for (; unit >= units; unit--) {
		if (*number > UINT64_MAX / 1024)
			return false;
		*number *= 1024;
	}
	return true;
}

static bool
set_number(const struct us_conf_row *row, void *at, const char *text,
    struct us_buf *wrong)
{
	const char *least = row->least ? row->least : "0";
	const char *most = row->most ? row->most : "1024";
	bool size = row->kind == US_KIND_SIZE;
	uint64_t number, low, high;

	read_number(least, size, &low);
	read_number(most, size, &high);
	if (!read_number(text, size, &number) || number < low ||
	    number > high) {
		us_buf_printf(wrong, "\"%s\" is not a %s from %s to %s", text,
		    size ? "size" : "number", least, most);
		return false;
	}
	if (size)
		*(size_t *)at = (size_t)number;
	else
		*(unsigned *)at = (unsigned)number;
	return true;
}

/* The place of text in a list of words that ends in NULL; -1: not there. */
static int
find_word(const char *text, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}
	return -1;
}

static bool
set_word(const struct us_conf_row *row, void *at, const char *text,
    struct us_buf *wrong)
{
	static const char *const bools[] = {
	    "false", "true", "no", "yes", "off", "on", NULL};
	static const char *const levels[] = {
	    "error", "warning", "info", "debug", NULL};
	static const char *const formats[] = {"text", "json", NULL};
	const char *const *words = row->kind == US_KIND_BOOL	? bools
				   : row->kind == US_KIND_LEVEL ? levels
								: formats;
	int i = find_word(text, words);

	if (i < 0) {
		us_buf_printf(wrong, "\"%s\" is none of %s", text, words[0]);
		for (i = 1; words[i]; i++)
			us_buf_printf(wrong, ", %s", words[i]);
		return false;
	}
	if (row->kind == US_KIND_LEVEL)
		*(enum us_log_level *)at = (enum us_log_level)i;
	else
		*(bool *)at = i % 2;
	return true;
}

/* A list and the number of its texts, as every struct has them. */
struct texts {
	const char **v;
	unsigned n;
};
static_assert(
    offsetof(struct us_conf, listen_count) - offsetof(struct us_conf, listen) ==
	offsetof(struct texts, n),
    "the number is behind the texts");
static_assert(offsetof(struct us_conf_provisioner, service_count) -
		      offsetof(struct us_conf_provisioner, services) ==
		  offsetof(struct texts, n),
    "the number is behind the texts");

static void
add_text(void *at, const char *text, struct us_arena *a)
{
	struct texts texts;
	US_LIST(const char *) list;

	memcpy(&texts, at, sizeof(texts));
	list.v = texts.v;
	list.n = list.cap = texts.n;
	*us_list_add(a, &list) = text;
	texts.v = list.v;
	texts.n = list.n;
	memcpy(at, &texts, sizeof(texts));
}

bool
us_conf_row_set(const struct us_conf_row *row, void *base, const char *text,
    struct us_arena *a, struct us_buf *wrong)
{
	void *at = (char *)base + row->offset;

	switch (row->kind) {
	case US_KIND_TEXT:
	case US_KIND_LIST:
		if (!*text) {
			us_buf_puts(wrong, "the value is empty");
			return false;
		}
		text = us_arena_str(a, us_str(text)).p;
		if (row->kind == US_KIND_LIST)
			add_text(at, text, a);
		else
			*(const char **)at = text;
		return true;
	case US_KIND_COUNT:
	case US_KIND_SIZE:
	case US_KIND_LOOPS:
		return set_number(row, at, text, wrong);
	case US_KIND_BOOL:
	case US_KIND_LEVEL:
	case US_KIND_FORMAT:
		break;
	}
	return set_word(row, at, text, wrong);
}

void
us_conf_defaults(unsigned scope, void *base, struct us_arena *a)
{
	struct us_buf wrong = {0};

	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];

		if (row->value && us_conf_row_stands(row, scope))
			us_conf_row_set(row, base, row->value, a, &wrong);
	}
	us_buf_free(&wrong);
}

void
us_conf_help(struct us_buf *out)
{
	us_buf_puts(out,
	    "usage: usherd [-n] [-f FILE] [OPTION...]\n"
	    "       usherd token --data DIR --org NAME --user EMAIL ...\n\n"
	    "Serves the rules of organisations, and decisions under them,\n"
	    "over HTTP. 'usherd token --help' says how tokens are made.\n\n"
	    "options:\n"
	    "  -f, --config FILE         read FILE, see usherd.conf(5); flags "
	    "win over it\n"
	    "  -n, --check               check configuration, directory and "
	    "rules, and exit\n"
	    "  -h, --help                print this\n"
	    "  -V, --version             print the version\n");
	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];
		char left[64];

		if (!(row->scope & US_SCOPE_FLAG))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", row->name,
		    row->argument ? " " : "",
		    row->argument ? row->argument : "");
		us_buf_printf(out, "      %-21s %s\n", left, row->help);
	}
}
