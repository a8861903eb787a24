/* SPDX-License-Identifier: Apache-2.0 */
/* One item: found in the inventory or not, and its canonical name. */
#include "daemon/item_parts.h"

/* --- Names -------------------------------------------------------------- */

/* A '?' begins the context, and '&' goes on with it. */
static void
put_escaped(struct us_buf *out, struct us_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (strchr("%?&", text.p[i]))
			us_buf_printf(out, "%%%02X", text.p[i]);
		else
			us_buf_putc(out, text.p[i]);
	}
}

/* NAME?account=...&sudo=true */
static struct us_str
make_item(struct us_making *m)
{
	const char *list = m->ask->row->context;
	struct us_str word, name, value, item;
	struct us_buf out = {0};
	char mark = '?';

	put_escaped(&out, m->spelling.main);
	while (us_item_word(&list, &word)) {
		if (!us_making_context(m, word, &name, &value))
			continue;
		us_buf_putc(&out, mark);
		us_buf_str_add(&out, name);
		us_buf_putc(&out, '=');
		put_escaped(&out, value);
		mark = '&';
	}
	item = us_arena_str(m->a, us_buf_str(&out));
	us_buf_free(&out);
	return item;
}

/* "Deploy (account 123456789012)" */
static struct us_str
make_label(struct us_making *m, struct us_str text)
{
	const char *list = m->ask->row->context, *mark = " (";
	struct us_str word, name, value, label = text;
	struct us_buf out = {0};

	if (m->thing)
		label = m->thing->label.n ? m->thing->label : m->thing->id;
	us_buf_str_add(&out, label);
	while (us_item_word(&list, &word)) {
		if (!us_making_context(m, word, &name, &value))
			continue;
		us_buf_printf(&out, "%s%.*s", mark, US_ARG(name));
		if (memchr(word.p, '.', word.n))
			us_buf_printf(&out, " %.*s", US_ARG(value));
		mark = ", ";
	}
	us_buf_puts(&out, *mark == ',' ? ")" : "");
	label = us_arena_str(m->a, us_buf_str(&out));
	us_buf_free(&out);
	return label;
}

/* How to ask for the same again. */
static struct us_str
make_arguments(const struct us_item_ask *ask, struct us_str text)
{
	const struct us_item_given *given;
	struct us_buf out = {0}, name = {0};
	struct us_str arguments;

	us_buf_putc(&out, '[');
	us_buf_json(&out, ask->service->name.s);
	us_buf_putc(&out, ',');
	us_buf_json(&out, ask->access);
	if (text.n) {
		us_buf_putc(&out, ',');
		us_buf_json(&out, text);
	}
	US_EACH (given, &ask->given) {
		us_buf_reset(&name);
		us_buf_printf(&name, "--%s", given->option->name);
		us_buf_putc(&out, ',');
		us_buf_json(&out, us_buf_str(&name));
		if (given->value.p) {
			us_buf_putc(&out, ',');
			us_buf_json(&out, given->value);
		}
	}
	us_buf_putc(&out, ']');
	arguments = us_arena_str(ask->a, us_buf_str(&out));
	us_buf_free(&out);
	us_buf_free(&name);
	return arguments;
}

static bool
finish(struct us_making *m, struct us_str text, struct us_wanted *wanted)
{
	struct us_buf json = {0};

	if (!us_making_attrs(m))
		return false;
	*wanted = (struct us_wanted){.service = m->ask->service->name.s,
	    .access = m->ask->access,
	    .item = make_item(m),
	    .label = make_label(m, text.n ? text : US_STR("all hosts")),
	    .attrs = m->attrs,
	    .arguments = make_arguments(m->ask, text)};
	if (m->thing)
		wanted->connect = m->thing->connect;
	us_attrs_json(m->attrs.v, m->attrs.n, &json);
	wanted->attributes = us_arena_str(m->a, us_buf_str(&json));
	us_buf_free(&json);
	return true;
}

/* --- Reading ------------------------------------------------------------ */

static bool
read_options(struct us_making *m)
{
	const struct us_item_given *given;
	struct us_spelling *s = &m->spelling;

	s->option = true;
	US_EACH (given, &m->ask->given) {
		s->by =
		    us_str(us_arena_printf(m->a, "--%s", given->option->name));
		if (given->value.p && !given->option->form(s, given->value,
					  us_str(given->option->sets)))
			return us_making_refuse(m, "%s", s->error);
	}
	s->option = false;
	return true;
}

static bool
read_name(struct us_making *m, struct us_spelling *s, struct us_str text)
{
	s->by = us_str(us_arena_printf(m->a, "\"%.*s\"", US_ARG(text)));
	return m->ask->row->form(s, text, us_str(m->ask->row->sets));
}

static bool
find(struct us_making *m, struct us_str name, struct us_thing *thing)
{
	return name.p && us_shelf_find(m->ask->shelf, m->ask->service->name.s,
			     m->ask->access, name, m->a, thing);
}

static struct us_str
account_of(const struct us_spelling *s)
{
	const struct us_spelled *said =
	    us_spelled_find(s, US_STR("account"), US_STR("id"));

	return said ? said->value : (struct us_str){0};
}

/*
 * s: what the text says. In the account that it says, then where the inventory
 * names no account; and the text as it stands, which may be an alias.
 */
static bool
find_thing(struct us_making *m, const struct us_spelling *s, bool readable,
    struct us_str text, struct us_thing *thing)
{
	const struct us_item_row *row = m->ask->row;
	struct us_str none = {0};

	if (row->form == us_form_TEXT || row->form == us_form_NONE)
		return false;
	if (readable &&
	    (find(m, us_item_key(row, m->ask->access, s, account_of(s)),
		 thing) ||
		find(m, us_item_key(row, m->ask->access, s, none), thing)))
		return true;
	return find(m, text, thing);
}

/* Where it is, which the text says as an option could. */
static void
keep_place(struct us_making *m, const struct us_spelling *s)
{
	const struct us_spelled *said;

	US_EACH (said, &s->said) {
		if (said->option || !said->value.p ||
		    !(us_str_is(said->filter, "account") ||
			us_str_is(said->filter, "subscription")))
			continue;
		m->spelling.by = said->by;
		m->spelling.option = true;
		m->spelling.nocase = said->nocase;
		us_spell(&m->spelling, said->filter, said->key.p, said->value);
	}
	m->spelling.option = false;
	m->arn = s->arn;
}

/* What the id of an item says, as far as it can be read, not its other names.
 */
static bool
read_id(struct us_making *m, const struct us_thing *thing)
{
	struct us_spelling s = m->spelling;

	m->thing = thing;
	s.listed = true;
	if (read_name(m, &s, thing->id)) {
		m->spelling = s;
		return true;
	}
	if (s.clash)
		return us_making_refuse(m, "%s", s.error);
	m->spelling.main = thing->id;
	return true;
}

static bool
read_item(struct us_making *m, struct us_str text, struct us_thing *thing,
    struct us_wanted *wanted)
{
	struct us_spelling s;
	bool readable;

	if (!read_options(m))
		return false;
	s = m->spelling;
	readable = read_name(m, &s, text);
	if (find_thing(m, &s, readable, text, thing)) {
		keep_place(m, &s);
		return read_id(m, thing) && finish(m, text, wanted);
	}
	if (m->ask->row->rule == US_ITEM_LISTED)
		return us_making_refuse(m,
		    "there is no \"%.*s\" in the inventory; \"ls %.*s %.*s\" "
		    "lists what there is",
		    US_ARG(text), US_ARG(m->ask->service->name.s),
		    US_ARG(m->ask->access));
	if (!readable)
		return us_making_refuse(m, "%s", s.error);
	m->spelling = s;
	return finish(m, text, wanted);
}

bool
us_item_read(const struct us_item_ask *ask, struct us_str text,
    struct us_wanted *wanted, const char **error)
{
	struct us_making m = {
	    .ask = ask, .a = ask->a, .spelling = {.a = ask->a}};
	struct us_thing *thing = us_arena_alloc(ask->a, sizeof(*thing));
	bool good = read_item(&m, text, thing, wanted);

	*error = m.error;
	return good;
}

bool
us_item_listed(const struct us_item_ask *ask, const struct us_thing *thing,
    struct us_wanted *wanted, const char **error)
{
	struct us_making m = {.ask = ask,
	    .a = ask->a,
	    .spelling = {.a = ask->a},
	    .listing = true};
	bool good = read_id(&m, thing) && finish(&m, thing->id, wanted);

	*error = m.error;
	return good;
}
