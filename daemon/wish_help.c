/* SPDX-License-Identifier: Apache-2.0 */
/* Help for commands, written from the tables. */
#include <stdio.h>

#include "daemon/wish_parts.h"

struct help {
	struct us_str verb;
	const struct us_service *service;
	struct us_str access;
	const struct us_item_row *row;
	struct us_buf *out;
};

static bool
is_list(const struct help *h)
{
	return us_str_is(h->verb, "ls");
}

/* "request aws role ROLE..." */
static void
put_usage(const struct help *h)
{
	us_buf_printf(h->out, "usage: usher %.*s ", US_ARG(h->verb));
	if (!h->service)
		us_buf_puts(h->out, "SERVICE ACCESS-TYPE");
	else if (!h->row)
		us_buf_printf(
		    h->out, "%.*s ACCESS-TYPE", US_ARG(h->service->name.s));
	else
		us_buf_printf(h->out, "%.*s %.*s", US_ARG(h->service->name.s),
		    US_ARG(h->access));
	if (is_list(h)) {
		us_buf_puts(h->out, " [OPTION]...\n");
		return;
	}
	if (!h->row)
		us_buf_puts(h->out, " ITEM...");
	else if (*h->row->argument)
		us_buf_printf(h->out, " %s%s", h->row->argument,
		    h->row->rule == US_ITEM_ONE ? "" : "...");
	us_buf_puts(h->out, " [OPTION]...\n");
}

static void
put_option(const struct help *h, const char *name, const char *value,
    const char *help, bool must)
{
	char left[80];

	snprintf(
	    left, sizeof(left), "--%s%s%s", name, *value ? " " : "", value);
	us_buf_printf(
	    h->out, "  %-36s %s%s\n", left, help, must ? " (needed)" : "");
}

static void
put_options(const struct help *h)
{
	struct us_str any = {0};

	us_buf_puts(h->out, "\noptions:\n");
	for (unsigned i = 0; h->row && !is_list(h) && i < us_item_option_count;
	     i++) {
		const struct us_item_option *o = &us_item_options[i];

		if (us_item_option_fits(o, h->service->name.s, h->access))
			put_option(h, o->name, o->value, o->help,
			    o->need == US_ITEM_MUST);
	}
	for (unsigned i = 0; i < US_WISH_OPTION_COUNT; i++) {
		const struct us_wish_option_row *o = &us_wish_options[i];

		if (*o->help && us_wish_option_fits(o, h->verb,
				    h->service ? h->service->name.s : any))
			put_option(h, o->name, o->value, o->help, false);
	}
}

static void
put_services(const struct help *h, const struct us_service_list *services)
{
	const struct us_word *access;

	us_buf_puts(h->out, "\nservices and their access types:\n");
	for (uint32_t i = 0; i < services->n; i++) {
		const struct us_service *s = &services->v[i];

		us_buf_printf(h->out, "  %-14.*s", US_ARG(s->name.s));
		US_EACH (access, &s->access)
			us_buf_printf(h->out, "%s%.*s",
			    access == s->access.v ? " " : ", ",
			    US_ARG(access->s));
		us_buf_putc(h->out, '\n');
	}
}

static void
put_access_types(const struct help *h)
{
	const struct us_word *access;

	us_buf_puts(h->out, "\naccess types:\n");
	US_EACH (access, &h->service->access) {
		const struct us_item_row *row =
		    us_item_row(h->service->name.s, access->s);

		us_buf_printf(h->out, "  %-14.*s %s\n", US_ARG(access->s),
		    *row->argument ? row->argument : "(all at once)");
	}
}

/* Of an example, a part that has blanks stands in quotes. */
static void
put_part(struct us_buf *out, const char *text)
{
	const char *quote = strchr(text, ' ') ? "\"" : "";

	us_buf_printf(out, " %s%s%s", quote, text, quote);
}

/* What stands for a value that has to be given. */
static const char *
example_value(const struct us_item_option *option)
{
	if (option->form == us_form_K8S_LOCATOR)
		return "Pod / web / front-1";
	return strcmp(option->name, "role") == 0 ? "ANALYST" : "prod";
}

static void
put_needed(const struct help *h, struct us_str service, struct us_str access)
{
	for (unsigned i = 0; i < us_item_option_count; i++) {
		const struct us_item_option *o = &us_item_options[i];

		if (o->need != US_ITEM_MUST ||
		    !us_item_option_fits(o, service, access))
			continue;
		us_buf_printf(h->out, " --%s", o->name);
		put_part(h->out, example_value(o));
	}
}

static void
put_example(const struct help *h)
{
	struct us_str service = h->service ? h->service->name.s : US_STR("aws");
	struct us_str access = h->row	    ? h->access
			       : h->service ? h->service->access.v[0].s
					    : US_STR("role");
	const struct us_item_row *row = us_item_row(service, access);

	us_buf_printf(h->out, "\nexample:\n  usher %.*s %.*s %.*s",
	    US_ARG(h->verb), US_ARG(service), US_ARG(access));
	if (is_list(h)) {
		us_buf_puts(h->out, " --like prod\n");
		return;
	}
	if (*row->example)
		put_part(h->out, row->example);
	put_needed(h, service, access);
	if (!us_str_is(h->verb, "request"))
		us_buf_puts(h->out, " --to ana@example.com");
	if (us_str_is(h->verb, "allow"))
		us_buf_puts(h->out, " --length \"5 days\"");
	us_buf_puts(h->out, " --reason INC-42\n");
}

/* What there is of it; a word that is wrong is as if it were not there. */
static void
find_words(struct help *h, struct us_str service, struct us_str access,
    const struct us_service_list *services)
{
	for (uint32_t i = 0; i < services->n; i++) {
		if (us_str_eq(services->v[i].name.s, service))
			h->service = &services->v[i];
	}
	if (!h->service || us_service_access(h->service, access) < 0)
		return;
	h->access = access;
	h->row = us_item_row(service, access);
}

void
us_wish_help(struct us_str verb, struct us_str service, struct us_str access,
    const struct us_service_list *services, struct us_buf *out)
{
	struct help h = {.verb = verb, .out = out};

	find_words(&h, service, access, services);
	put_usage(&h);
	if (!h.service)
		put_services(&h, services);
	else if (!h.row)
		put_access_types(&h);
	if (h.row && h.row->rule == US_ITEM_LISTED)
		us_buf_printf(out,
		    "\nonly what the inventory lists can be asked for: "
		    "usher ls %.*s %.*s\n",
		    US_ARG(service), US_ARG(access));
	put_options(&h);
	put_example(&h);
}
