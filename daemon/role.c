/* SPDX-License-Identifier: Apache-2.0 */
/* The roles, from the rows of role.def. */
#include "daemon/role.h"
#include "engine/request.h"

static const struct {
	const char *name;
	unsigned implies;
} roles[] = {
#define US_ROLE(id, name, implies, help) {name, implies},
#include "daemon/role.def"
};

const char *
us_role_name(enum us_role role)
{
	return roles[role].name;
}

enum us_role
us_role_find(struct us_str name)
{
	enum us_role role = 0;

	if (us_str_is(name, US_ROLE_REVIEWER))
		return US_ROLE_MANAGER;
	while (role < US_ROLE_COUNT && !us_str_is(name, roles[role].name))
		role++;
	return role;
}

unsigned
us_roles_implied(unsigned bits)
{
	unsigned all = 0;

	for (unsigned i = 0; i < US_ROLE_COUNT; i++) {
		if (bits & 1u << i)
			all |= roles[i].implies;
	}
	return all;
}

void
us_roles_print(unsigned bits, struct us_buf *out)
{
	const char *comma = "";

	us_buf_putc(out, '[');
	for (unsigned i = 0; i < US_ROLE_COUNT; i++) {
		if (!(bits & 1u << i))
			continue;
		us_buf_printf(out, "%s\"%s\"", comma, roles[i].name);
		comma = ",";
	}
	us_buf_putc(out, ']');
}

void
us_roles_say(unsigned bits, struct us_buf *out)
{
	const char *between = "";

	for (unsigned i = 0; i < US_ROLE_COUNT; i++) {
		if (!(bits & 1u << i))
			continue;
		us_buf_printf(out, "%s%s", between, roles[i].name);
		between = " or ";
	}
}

void
us_roles_read(
    struct us_json_reader *r, struct us_json_value list, unsigned *bits)
{
	static const char *const names[] = {
#define US_ROLE(id, name, implies, help) name,
#include "daemon/role.def"
	    US_ROLE_REVIEWER};
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value item;
	struct us_word word;
	int i;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	while (us_json_each(r, &walk, &item)) {
		if (!us_json_item_word(r, item, &word))
			continue;
		i = us_json_choice(r, item, "role", names, US_ROLE_COUNT + 1);
		if (i >= 0)
			*bits |= 1u << us_role_find(us_str(names[i]));
	}
}
