/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vocabulary: services with their access types and filters, directories,
 * integrations, options. The rows are in vocab.def; a company's own services
 * have the same form.
 */
#ifndef US_VOCAB_H
#define US_VOCAB_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/src.h"

enum us_option {
#define US_OPTION(id, json, verb, word, help) US_OPTION_BIT_##id,
#include "engine/vocab.def"
#define US_OPTION(id, json, verb, word, help)                                  \
	US_OPTION_##id = 1 << US_OPTION_BIT_##id,
#include "engine/vocab.def"
};

/* The options that ask something of the request. */
#define US_OPTION_REQUIRE                                                      \
	(US_OPTION_REASON | US_OPTION_DURATION | US_OPTION_PREAPPROVAL)

struct us_option_row {
	unsigned bit;
	const char *json, *verb, *word, *help;
};
extern const struct us_option_row us_options[];
extern const unsigned us_option_count;

enum us_filter_kind { US_KEYED, US_ANY_KEY, US_BOOLEAN };

struct us_service_filter {
	struct us_word name;
	enum us_filter_kind kind;
	US_LIST(struct us_word) keys;  /* US_KEYED */
	uint64_t carried; /* bit i: items of access type i can carry it */
};

struct us_service {
	struct us_word name;
	bool builtin;
	US_LIST(struct us_word) access; /* at most 64 */
	US_LIST(struct us_service_filter) filters;
	struct us_loc loc, access_loc, close;
	bool broken;
};

/* All services of a workflow: the built-in ones, then its own. */
struct us_service_list {
	const struct us_service *v;
	uint32_t n;
};

/* Builds the built-in services into a list of struct us_service at *v, *n. */
struct us_service *us_vocab_services(struct us_arena *a, uint32_t *n);

/* Index of an access type; -1 when the service has none of that name. */
int us_service_access(const struct us_service *service, struct us_str name);
/*
 * The one name of a service that has two (pg is postgres, azure-ad entra-id):
 * access to the same thing is the same under both. Of others: the name.
 */
struct us_str us_service_canonical(struct us_str name);
const struct us_service_filter *us_service_find_filter(
    const struct us_service *service, struct us_str name);
bool us_filter_has_key(
    const struct us_service_filter *filter, struct us_str key);

/*
 * By row the canonical names of directories. Who asks for one is given the text
 * that stands here, never a part of it, so that where a text stands tells that
 * it is one.
 */
enum {
	US_DIRECTORY_TEXT = 16, /* bytes, with a NUL */
	US_DIRECTORY_COUNT = 0
#define US_DIRECTORY(name, canonical) +1
#include "engine/vocab.def"
};
extern const char us_directories[US_DIRECTORY_COUNT][US_DIRECTORY_TEXT];
#define US_DIRECTORY(name, canonical)                                          \
	static_assert(sizeof(canonical) <= US_DIRECTORY_TEXT, canonical);
#include "engine/vocab.def"

/*
 * The canonical name of a directory (azure-ad and entra-id are one), or NULL
 * when it is unknown. us_directory_name(i) lists the names, then NULL.
 */
const char *us_directory_known(struct us_str name);
const char *us_directory_name(unsigned i);

/* The same, but the name itself when it is unknown. */
static inline struct us_str
us_directory_canonical(struct us_str name)
{
	const char *canonical;

	if ((uintptr_t)name.p - (uintptr_t)us_directories <
	    sizeof(us_directories))
		return name;
	canonical = us_directory_known(name);
	return canonical ? us_str(canonical) : name;
}

/* us_integration_name(i) lists pagerduty, incidentio, then NULL. */
bool us_integration_known(struct us_str name);
const char *us_integration_name(unsigned i);

#endif
