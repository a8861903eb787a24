/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON objects by tables: which members there are, which of them each
 * type needs and may have. What is unknown, missing, not allowed or of another
 * type is reported here, in one way for rules and for requests.
 */
#ifndef US_JSON_READ_H
#define US_JSON_READ_H

#include "engine/json.h"

struct us_json_reader {
	struct us_src *src;
	struct us_diags *diags;
	struct us_arena *arena; /* of what is built */
	unsigned errors;
};

/* A kind of object: one of several types, or the only one. */
struct us_json_shape {
	const char *type;    /* value of member 0; NULL: the only shape */
	uint32_t needs, may; /* bits of members */
};

#define US_BIT(i) (UINT32_C(1) << (i))

struct us_json_form {
	const char *what; /* "a rule" */
	const char *const *members;
	const struct us_json_shape *shapes;
	unsigned member_count, shape_count;
};

#define US_FORM(what, members, shapes)                                         \
	{                                                                      \
		what, members, shapes, sizeof(members) / sizeof(*(members)),   \
		    sizeof(shapes) / sizeof(*(shapes))                         \
	}

/*
 * Reads the members of value into slots, one for each of the form; returns
 * which shape it is, or -1. A slot whose v is not NULL was given.
 */
int us_json_members(struct us_json_reader *r, const struct us_json_form *form,
    struct us_json_value value, struct us_json_value *slots);

/* The members of a group, which rules and requests have alike; false with an
 * error. */
enum { US_GROUP_DIRECTORY, US_GROUP_ID, US_GROUP_LABEL, US_GROUP_MEMBERS };
bool us_json_group(struct us_json_reader *r, struct us_json_value value,
    struct us_json_value slots[US_GROUP_MEMBERS]);

struct us_loc us_json_place(
    const struct us_json_reader *r, struct us_json_value value);
/* The name under which value is a member. */
struct us_word us_json_name(
    const struct us_json_reader *r, struct us_json_value value);

/* That name alone, copied to r->arena. */
struct us_str us_json_key(
    const struct us_json_reader *r, struct us_json_value value);

void us_json_error(struct us_json_reader *r, enum us_diag_id id,
    struct us_json_value value, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * These return false when the value is absent or null, and with an error when
 * it is of another type.
 */
bool us_json_is(struct us_json_reader *r, struct us_json_value value,
    enum us_json_kind type);
bool us_json_word(struct us_json_reader *r, struct us_json_value value,
    struct us_word *word); /* a copy in r->arena */
/* The same without its place; *s stays as it was when there is none. */
bool us_json_str(
    struct us_json_reader *r, struct us_json_value value, struct us_str *s);
/* An item of a list of strings, where null is no string either. */
bool us_json_item_word(struct us_json_reader *r, struct us_json_value value,
    struct us_word *word);
bool us_json_bool(
    struct us_json_reader *r, struct us_json_value value, bool *b);

/* An RFC 3339 time as milliseconds since the epoch. */
bool us_json_time(
    struct us_json_reader *r, struct us_json_value value, int64_t *ms);

/* us_json_next, which also ends once there are US_JSON_ERRORS_MAX errors. */
static inline bool
us_json_each(const struct us_json_reader *r, struct us_json_walk *walk,
    struct us_json_value *value)
{
	return r->errors < US_JSON_ERRORS_MAX && us_json_next(walk, value);
}

/* A value as messages show it: a scalar as it is written, shortened. */
const char *us_json_show(
    const struct us_json_reader *r, struct us_json_value value);

/*
 * Which of the names value is; -1 with an error. what: "type", "effect".
 * A type or effect is looked up by us_json_members already.
 */
int us_json_choice(struct us_json_reader *r, struct us_json_value value,
    const char *what, const char *const *names, unsigned n);

#endif
