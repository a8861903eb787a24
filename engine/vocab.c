/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary: the rows of vocab.def as data. */
#include "engine/vocab.h"

const struct us_option_row us_options[] = {
#define US_OPTION(id, json, verb, word, help)                                  \
	{US_OPTION_##id, json, verb, word, help},
#include "engine/vocab.def"
};
const unsigned us_option_count = sizeof(us_options) / sizeof(us_options[0]);

static const struct {
	const char *name, *access;
} service_rows[] = {
#define US_SERVICE(name, access) {name, access},
#include "engine/vocab.def"
};

static const struct {
	const char *service, *name, *keys, *access;
} filter_rows[] = {
#define US_FILTER(service, name, keys, access) {service, name, keys, access},
#include "engine/vocab.def"
};

static const char *const directory_names[] = {
#define US_DIRECTORY(name, canonical) name,
#include "engine/vocab.def"
};

const char us_directories[US_DIRECTORY_COUNT][US_DIRECTORY_TEXT] = {
#define US_DIRECTORY(name, canonical) canonical,
#include "engine/vocab.def"
};

static const char *const integration_names[] = {
#define US_INTEGRATION(id, name) name,
#include "engine/vocab.def"
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The next word of a list; false at its end. */
static bool
next_word(const char **list, struct us_str *word)
{
	*list += strspn(*list, " ");
	word->p = *list;
	word->n = strcspn(*list, " ");
	*list += word->n;
	return word->n > 0;
}

/* Bits of the access types in a list. */
static uint64_t
access_bits(const struct us_service *service, const char *list)
{
	struct us_str word;
	uint64_t bits = 0;

	if (!strcmp(list, "*"))
		return ~UINT64_C(0);
	while (next_word(&list, &word))
		bits |= UINT64_C(1) << us_service_access(service, word);
	return bits;
}

static void
add_filter(struct us_arena *a, struct us_service *service, size_t row)
{
	struct us_service_filter *f = us_list_add(a, &service->filters);
	const char *keys = filter_rows[row].keys;
	struct us_str word;

	f->name.s = us_str(filter_rows[row].name);
	f->carried = access_bits(service, filter_rows[row].access);
	f->kind = *keys == '*' ? US_ANY_KEY : *keys == '?' ? US_BOOLEAN
							   : US_KEYED;
	while (f->kind == US_KEYED && next_word(&keys, &word))
		us_list_add(a, &f->keys)->s = word;
}

struct us_service *
us_vocab_services(struct us_arena *a, uint32_t *n)
{
	struct us_service *services =
	    us_arena_alloc(a, COUNT(service_rows) * sizeof(*services));
	struct us_str word;

	for (size_t i = 0; i < COUNT(service_rows); i++) {
		const char *access = service_rows[i].access;

		services[i].name.s = us_str(service_rows[i].name);
		services[i].builtin = true;
		while (next_word(&access, &word))
			us_list_add(a, &services[i].access)->s = word;
		for (size_t k = 0; k < COUNT(filter_rows); k++) {
			if (!strcmp(filter_rows[k].service,
				service_rows[i].name))
				add_filter(a, &services[i], k);
		}
	}
	*n = COUNT(service_rows);
	return services;
}

int
us_service_access(const struct us_service *service, struct us_str name)
{
	for (uint32_t i = 0; i < service->access.n; i++) {
		if (us_str_eq(service->access.v[i].s, name))
			return (int)i;
	}
	return -1;
}

const struct us_service_filter *
us_service_find_filter(const struct us_service *service, struct us_str name)
{
	const struct us_service_filter *f;

	US_EACH (f, &service->filters) {
		if (us_str_eq(f->name.s, name))
			return f;
	}
	return NULL;
}

bool
us_filter_has_key(const struct us_service_filter *filter, struct us_str key)
{
	const struct us_word *w;

	if (filter->kind == US_ANY_KEY)
		return true;
	US_EACH (w, &filter->keys) {
		if (us_str_eq(w->s, key))
			return true;
	}
	return false;
}

struct us_str
us_service_canonical(struct us_str name)
{
	if (us_str_is(name, "pg"))
		return US_STR("postgres");
	if (us_str_is(name, "azure-ad"))
		return US_STR("entra-id");
	return name;
}

const char *
us_directory_known(struct us_str name)
{
	for (size_t i = 0; i < US_DIRECTORY_COUNT; i++) {
		if (us_str_is(name, directory_names[i]))
			return us_directories[i];
	}
	return NULL;
}

const char *
us_directory_name(unsigned i)
{
	return i < US_DIRECTORY_COUNT ? directory_names[i] : NULL;
}

bool
us_integration_known(struct us_str name)
{
	for (size_t i = 0; i < COUNT(integration_names); i++) {
		if (us_str_is(name, integration_names[i]))
			return true;
	}
	return false;
}

const char *
us_integration_name(unsigned i)
{
	return i < COUNT(integration_names) ? integration_names[i] : NULL;
}
