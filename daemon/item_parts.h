/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files behind item.h share: item.c (one item), item_form.c,
 * item_cloud.c and item_name.c (how texts are read), item_text.c (what may
 * stand in one), item_key.c (how they are looked up), item_table.c (the rows
 * of item.def), wish.c and wish_help.c (the command).
 */
#ifndef US_ITEM_PARTS_H
#define US_ITEM_PARTS_H

#include "daemon/item.h"

enum us_item_rule { US_ITEM_MANY, US_ITEM_ONE, US_ITEM_LISTED };
enum us_item_need { US_ITEM_MAY, US_ITEM_MUST };

struct us_item_row;

/* What a text of the arguments says, by whom it is said. */
struct us_spelled {
	struct us_str filter, key, value; /* value p NULL: not known */
	struct us_str by;		  /* the argument, or "--account" */
	bool option;
	bool nocase; /* the case of its letters does not count */
};

/* An item while its arguments are read. */
struct us_spelling {
	struct us_arena *a;
	US_LIST(struct us_spelled) said;
	struct us_str main; /* the name in its canonical form */
	struct us_str name; /* how it is looked up; p NULL: by main */
	struct us_str arn;  /* of which a part is a claim; p NULL: none */
	struct us_str by;   /* who speaks now */
	bool option;
	bool listed;       /* the inventory speaks: its letters stay */
	bool nocase;       /* what is said now is so in any case of letters */
	const char *error; /* in the arena; NULL: none */
	bool clash;        /* and it is that two texts differ */
};

/*
 * Reads a text: says what it means; false with the error. sets: of the row.
 */
typedef bool us_form(
    struct us_spelling *s, struct us_str text, struct us_str sets);
us_form us_form_PLAIN, us_form_LOWER, us_form_TITLE, us_form_EMAIL,
    us_form_TEXT, us_form_NONE, us_form_FLAG, us_form_SNOWFLAKE,
    us_form_GCLOUD_ROLE, us_form_FRN, us_form_AWS_NAME, us_form_AWS_POLICY,
    us_form_AWS_RESOURCE, us_form_AWS_ACCOUNT, us_form_AZURE_ROLE,
    us_form_AZURE_RESOURCE, us_form_AZURE_SUBSCRIPTION, us_form_SSH_PROVIDER,
    us_form_K8S_LOCATOR;

/* Adds what is said; false when something else was said before. */
bool us_spell(struct us_spelling *s, struct us_str filter, const char *key,
    struct us_str value);
const struct us_spelled *us_spelled_find(
    const struct us_spelling *s, struct us_str filter, struct us_str key);
/* The same for "filter.key". */
bool us_spell_set(
    struct us_spelling *s, struct us_str sets, struct us_str value);
/* A name in its one form, or as the inventory writes it. */
bool us_spell_name(struct us_spelling *s, struct us_str sets,
    struct us_str text, struct us_str form);
/* From now on case does not count; false when the text has letters of which
 * that cannot be said. */
bool us_spelling_folds(struct us_spelling *s, struct us_str text);
/* The next part of a path; false at its end. */
bool us_next_part(struct us_str *rest, struct us_str *part);
bool us_spelling_error(struct us_spelling *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* --- item_text.c -------------------------------------------------------- */

/* The first control character, or 0. lines: ends of lines and tabs are none. */
#define US_TEXT_NUL UINT32_MAX
uint32_t us_text_control(struct us_str text, bool lines);
/* The first character that formats and is not seen (U+202E), or 0. */
uint32_t us_text_unseen(struct us_str text);
/* NULL, or what is wrong with a name. */
const char *us_text_bad_name(struct us_str text, struct us_arena *a);
/* ASCII letters in lower case; and Each-Word with a Capital. */
struct us_str us_text_lower(struct us_arena *a, struct us_str text);
struct us_str us_text_title(struct us_arena *a, struct us_str text);

/* --- item_key.c --------------------------------------------------------- */

/*
 * What the inventory files the name under beside the name itself, equal for
 * all spellings of one thing; p NULL: nothing, for it has only one. account:
 * of AWS, or p NULL.
 */
struct us_str us_item_key(const struct us_item_row *row, struct us_str access,
    const struct us_spelling *s, struct us_str account);

/* --- item_table.c ------------------------------------------------------- */

struct us_item_row {
	const char *services, *access, *argument;
	us_form *form;
	const char *sets;
	enum us_item_rule rule;
	const char *context, *unsaid, *inventory, *example;
};

struct us_item_option {
	const char *services, *access, *name, *value;
	us_form *form;
	const char *sets;
	enum us_item_need need;
	const char *help;
};
#define US_ITEM_OPTIONS_MAX 64
extern const struct us_item_option us_item_options[];
extern const unsigned us_item_option_count;

/* The row of a service's access type; that of a company's own: any name. */
const struct us_item_row *us_item_row(
    struct us_str service, struct us_str access);
bool us_item_option_fits(const struct us_item_option *option,
    struct us_str service, struct us_str access);

/* The next word of a list; false at its end. */
bool us_item_word(const char **list, struct us_str *word);
/* "filter.key" or "filter" (then key p NULL). */
void us_item_split(
    struct us_str word, struct us_str *filter, struct us_str *key);

/* An option as it was given. */
struct us_item_given {
	const struct us_item_option *option;
	struct us_str value; /* of a flag: p NULL */
};

struct us_item_ask {
	const struct us_service *service;
	struct us_str access;
	const struct us_item_row *row;
	US_LIST(struct us_item_given) given;
	const struct us_shelf *shelf;
	struct us_arena *a;
};

/* The item that text names. False with the reason, in the arena. */
bool us_item_read(const struct us_item_ask *ask, struct us_str text,
    struct us_wanted *wanted, const char **error);
/* The same for an item that is in the inventory: ls. */
bool us_item_listed(const struct us_item_ask *ask, const struct us_thing *thing,
    struct us_wanted *wanted, const char **error);

/* An item that is being put together: item.c, item_attrs.c. */
struct us_making {
	const struct us_item_ask *ask;
	struct us_arena *a;
	struct us_spelling spelling;
	const struct us_thing *thing; /* of the inventory, or NULL */
	struct us_str arn;            /* that it was asked for by, or p NULL */
	bool listing;                 /* ls: no option was given */
	us_attr_list attrs;
	const char *error;
};

/* False, with the reason in m->error. */
bool us_making_refuse(struct us_making *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What is known of it, and what not. */
bool us_making_attrs(struct us_making *m);
/*
 * The value of a word of the context, as text; false when there is none that
 * is known. *name: of the filter.
 */
bool us_making_context(struct us_making *m, struct us_str word,
    struct us_str *name, struct us_str *value);

#endif
