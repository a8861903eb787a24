/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the checker share: check.c, check_name.c, check_to.c. */
#ifndef US_CHECK_PARTS_H
#define US_CHECK_PARTS_H

#include "engine/check.h"
#include "engine/names.h"
#include "engine/re.h"
#include "engine/symtab.h"

/* The first thing of each name, by the number of its symbol. */
struct us_check_index {
	struct us_symtab names;
	US_LIST(uint32_t) first;
};

struct us_checker {
	struct us_ruleset *rs;
	struct us_diags *diags;
	struct us_arena arena; /* until the check is over */
	struct us_check_index groups, services;
	struct us_names filters;  /* of the rule at hand */
	struct us_names patterns; /* index in `checked` */
	US_LIST(const struct us_re_error *) checked; /* NULL: it is right */
	unsigned hints; /* names looked for that were not found */
};

/* Adds name as that of thing i; the first one of that name, or i. */
uint32_t us_check_define(struct us_checker *c, struct us_check_index *index,
    struct us_str name, uint32_t i);
/* The first thing of that name, or US_NO_SYMBOL. */
uint32_t us_check_find(const struct us_check_index *index, struct us_str name);

typedef US_LIST(struct us_str) us_choices;

/* One string of each element of a list, as choices for us_check_unknown. */
#define us_check_offer(c, choices, list, field) \
	do { \
		for (uint32_t i_ = 0; i_ < (list)->n; i_++) \
			*us_list_add(&(c)->arena, (choices)) = \
			    (list)->v[i_].field; \
	} while (0)

/*
 * A word that was not given, which has no text, not even an empty one, is not
 * the checker's complaint: whoever read the rest of its rule has told.
 */

/* Not empty, and within the limit; `what` for messages: "a rule name". */
void us_check_name(
    struct us_checker *c, const struct us_word *word, const char *what);
void us_check_length(
    struct us_checker *c, const struct us_word *word, const char *what);

/*
 * `sentence` says what does not exist. Names the nearest of what does, or
 * lists it all behind `those`: "aws has no access type \"x\"", "it has".
 */
void us_check_unknown(struct us_checker *c, const struct us_word *word,
    const char *sentence, const char *those, const us_choices *choices);

void us_check_directory(struct us_checker *c, const struct us_word *word);
void us_check_integration(struct us_checker *c, const struct us_word *word);

/* The service of that name; NULL with a message when there is none. */
const struct us_service *us_check_service(
    struct us_checker *c, const struct us_word *word);

void us_check_pattern(struct us_checker *c, const struct us_word *word);
void us_check_to(struct us_checker *c, const struct us_to *to);

/* True where the language was read, not JSON or YAML. */
bool us_check_is_language(struct us_loc loc);

#endif
