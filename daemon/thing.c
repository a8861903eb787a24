/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One item of an inventory, from and to JSON. It is read as strictly as the
 * directory: a misspelt filter would be an attribute that an item lacks.
 */
#include "daemon/inventory.h"
#include "daemon/item_parts.h"
#include "engine/check.h"
#include "engine/json_request.h"

struct names { /* what may be said where, for us_nearest */
	struct us_nearest nearest;
	const char *what;
};

static void
unknown(struct us_json_reader *r, struct us_json_value value,
    struct us_str service, const struct names *names)
{
	us_json_error(r, US_DIAG_UNKNOWN_NAME, value,
	    "\"%.*s\" has no %s \"%.*s\"%s", US_ARG(service), names->what,
	    US_ARG(names->nearest.wanted),
	    us_nearest_hint(&names->nearest, r->diags));
}

static const struct us_service *
find_service(const struct us_service_list *services, struct us_str name)
{
	for (uint32_t i = 0; services && i < services->n; i++) {
		if (us_str_eq(services->v[i].name.s, name))
			return &services->v[i];
	}
	return NULL;
}

/* A text of 1 to 1024 bytes that is all seen. */
static void
read_text(
    struct us_json_reader *r, struct us_json_value value, struct us_str *text)
{
	if (!us_json_str(r, value, text))
		return;
	if (us_str_is_blank(*text) || text->n > US_VALUE_MAX)
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "a text here has 1 to %d bytes, and not only blanks",
		    US_VALUE_MAX);
	else if (us_text_control(*text, false) || us_text_unseen(*text))
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "a text here has no line ends, no tabs, and no other "
		    "characters that are not seen");
}

/* What the path of a call has said before must be the same in the body. */
static void
read_name(struct us_json_reader *r, struct us_json_value value,
    const char *member, struct us_str *name)
{
	struct us_str said = {0};

	read_text(r, value, &said);
	if ((name->p ? name->n : said.n) > US_NAME_MAX)
		us_json_error(r, US_DIAG_LIMIT, value,
		    "the %s of an item has 1 to %d bytes", member, US_NAME_MAX);
	if (!name->p)
		*name = said;
	else if (said.p && !us_str_eq(said, *name))
		us_json_error(r, US_DIAG_FORBIDDEN, value,
		    "\"%s\" is \"%.*s\" in the path and \"%.*s\" here; leave "
		    "it out, or say the same",
		    member, US_ARG(*name), US_ARG(said));
	if (!name->p && !value.has)
		us_json_error(r, US_DIAG_MISSING, value,
		    "an item needs a \"%s\"", member);
}

static void
check_access(struct us_json_reader *r, struct us_json_value value,
    const struct us_service *service, struct us_str access)
{
	struct names names = {{access, {0}, 0}, "access type"};
	const struct us_word *word;

	if (!service || us_service_access(service, access) >= 0)
		return;
	US_EACH (word, &service->access)
		us_nearest_offer(&names.nearest, word->s);
	unknown(r, value, service->name.s, &names);
}

static void
read_access(struct us_json_reader *r, struct us_json_value list,
    const struct us_service *service, struct us_thing *thing)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value item;
	struct us_word word;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	while (us_json_each(r, &walk, &item)) {
		if (!us_json_item_word(r, item, &word))
			continue;
		check_access(r, item, service, word.s);
		*us_list_add(r->arena, &thing->access) = word.s;
	}
	if (!thing->access.n)
		us_json_error(r, US_DIAG_BAD_VALUE, list,
		    "an item can be asked for under one access type at least");
}

static void
read_aliases(
    struct us_json_reader *r, struct us_json_value list, struct us_thing *thing)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value item;
	struct us_word word;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	while (us_json_each(r, &walk, &item)) {
		if (!us_json_item_word(r, item, &word))
			continue;
		read_text(r, item, us_list_add(r->arena, &thing->aliases));
	}
}

static void
check_key(struct us_json_reader *r, struct us_json_value around,
    const struct us_service_filter *filter, struct us_str key)
{
	struct names names = {{key, {0}, 0}, "key"};
	const struct us_word *word;

	if (us_filter_has_key(filter, key))
		return;
	US_EACH (word, &filter->keys)
		us_nearest_offer(&names.nearest, word->s);
	unknown(r, around, filter->name.s, &names);
}

static void
check_attribute(struct us_json_reader *r, struct us_json_value around,
    const struct us_service *service, const struct us_attr *attr)
{
	const struct us_service_filter *filter =
	    us_service_find_filter(service, attr->filter);
	struct names names = {{attr->filter, {0}, 0}, "filter"};
	const struct us_attr_key *key;

	if (!filter) {
		US_EACH (filter, &service->filters)
			us_nearest_offer(&names.nearest, filter->name.s);
		unknown(r, around, service->name.s, &names);
		return;
	}
	if (attr->kind != US_ATTR_UNKNOWN &&
	    (attr->kind == US_ATTR_BOOLEAN) != (filter->kind == US_BOOLEAN))
		us_json_error(r, US_DIAG_TYPE, around, "\"%.*s\" is %s",
		    US_ARG(attr->filter),
		    filter->kind == US_BOOLEAN ? "true or false"
					       : "an object from key to value");
	US_EACH (key, &attr->keys) {
		if (filter->kind != US_BOOLEAN)
			check_key(r, around, filter, key->key);
	}
}

/* {hostname, address, user}: how to get there, kept as it is written. */
static void
read_connect(struct us_json_reader *r, struct us_json_value value,
    struct us_thing *thing)
{
	enum { HOSTNAME, ADDRESS, USER, COUNT };
	static const char *const names[] = {"hostname", "address", "user"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("a way to connect", names, shapes);
	const struct us_src_node *node = &r->src->nodes.v[value.node];
	struct us_json_value slots[COUNT];
	struct us_str text;

	if (!value.has || us_json_members(r, &form, value, slots) < 0)
		return;
	for (unsigned i = 0; i < COUNT; i++)
		read_text(r, slots[i], &text);
	thing->connect = us_arena_str(
	    r->arena, (struct us_str){r->src->text + node->off, node->len});
}

void
us_thing_read(struct us_json_reader *r, struct us_json_value value,
    const struct us_service_list *services, struct us_thing *thing)
{
	enum {
		SERVICE,
		ACCESS,
		ID,
		ALIASES,
		LABEL,
		GROUP,
		ATTRS,
		CONNECT,
		COUNT
	};
	static const char *const names[] = {"service", "accessTypes", "id",
	    "aliases", "label", "group", "attributes", "connect"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(ACCESS), US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("an item", names, shapes);
	struct us_json_value slots[COUNT];
	const struct us_service *service;
	const struct us_attr *attr;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	read_name(r, slots[SERVICE], "service", &thing->service);
	read_name(r, slots[ID], "id", &thing->id);
	service = find_service(services, thing->service);
	read_access(r, slots[ACCESS], service, thing);
	read_aliases(r, slots[ALIASES], thing);
	read_text(r, slots[LABEL], &thing->label);
	read_text(r, slots[GROUP], &thing->group);
	us_json_attributes(r, slots[ATTRS], &thing->attrs);
	US_EACH (attr, &thing->attrs) {
		if (service)
			check_attribute(r, slots[ATTRS], service, attr);
	}
	read_connect(r, slots[CONNECT], thing);
}

static void
put_texts(
    const char *member, const struct us_str *v, uint32_t n, struct us_buf *out)
{
	us_buf_printf(out, ",\"%s\":[", member);
	for (uint32_t i = 0; i < n; i++) {
		us_buf_puts(out, i ? "," : "");
		us_buf_json(out, v[i]);
	}
	us_buf_putc(out, ']');
}

static void
put_text(const char *member, struct us_str text, struct us_buf *out)
{
	if (!text.n)
		return;
	us_buf_printf(out, ",\"%s\":", member);
	us_buf_json(out, text);
}

void
us_thing_json(const struct us_thing *thing, struct us_buf *out)
{
	us_buf_puts(out, "{\"service\":");
	us_buf_json(out, thing->service);
	put_texts("accessTypes", thing->access.v, thing->access.n, out);
	put_text("id", thing->id, out);
	put_texts("aliases", thing->aliases.v, thing->aliases.n, out);
	put_text("label", thing->label, out);
	put_text("group", thing->group, out);
	us_buf_puts(out, ",\"attributes\":");
	us_attrs_json(thing->attrs.v, thing->attrs.n, out);
	if (thing->connect.n) {
		us_buf_puts(out, ",\"connect\":");
		us_buf_str_add(out, thing->connect);
	}
	us_buf_putc(out, '}');
}

bool
us_thing_allows(const struct us_thing *thing, struct us_str access)
{
	const struct us_str *own;

	if (!access.p)
		return true;
	US_EACH (own, &thing->access) {
		if (us_str_eq(*own, access))
			return true;
	}
	return false;
}
