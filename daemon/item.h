/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Items: from the arguments of a command to what is asked for, by the table
 * item.def (SPEC 7). Arguments identify, they never claim: what the inventory
 * lists takes the place of what was derived from them, and what only an
 * inventory can know is not known without one.
 */
#ifndef US_ITEM_H
#define US_ITEM_H

#include "daemon/inventory.h"
#include "engine/buf.h"
#include "engine/rule.h"

#define US_ITEMS_MAX 50

struct us_wanted {
	struct us_str service, access;
	struct us_str item;       /* canonical: equal for equal items */
	struct us_str label;      /* for people */
	us_attr_list attrs;
	struct us_str attributes; /* attrs as JSON (SPEC 4) */
	struct us_str arguments;  /* JSON array of the arguments, one item */
	struct us_str connect;    /* of the inventory, or empty */
};

/* What stands in argv behind the verb. */
struct us_wish {
	bool help;                     /* it was asked for, and is no error */
	US_LIST(struct us_wanted) items; /* one to US_ITEMS_MAX */
	struct us_str reason;          /* p NULL: none */
	int64_t duration;              /* s; 0: not said */
	struct us_str to;              /* --to; p NULL: the caller */
	struct us_str principal_type;  /* --principal-type, or p NULL */
	struct us_str public_key;
	int64_t length;                /* allow: s */
	struct us_str start;           /* allow: as given, or p NULL */
};

enum us_wish_verb { US_WISH_REQUEST, US_WISH_GRANT, US_WISH_ALLOW };

/*
 * Reads the arguments behind the verb. rules: whose own services count too.
 * False with the text of the error (which names each item that is refused), or
 * of the help that was asked for, in *error.
 */
bool us_wish_read(enum us_wish_verb verb, const struct us_str *argv,
    uint32_t argc, const struct us_service_list *services,
    const struct us_shelf *shelf, struct us_arena *a, struct us_wish *wish,
    struct us_buf *error);

/* The help of a verb ("ls" too), of a service, of an access type; as much of
 * these as there is, which may be nothing. */
void us_wish_help(struct us_str verb, struct us_str service,
    struct us_str access, const struct us_service_list *services,
    struct us_buf *out);

/* "2h", "30 minutes", "1 month", "5 days" as seconds (SPEC 9). */
bool us_wish_length(struct us_str text, int64_t *seconds);

/* Attributes as JSON of SPEC 4, and back (of a stored request). */
void us_attrs_json(const struct us_attr *attrs, uint32_t n, struct us_buf *out);
bool us_attrs_read(
    struct us_str json, struct us_arena *a, struct us_request *req);

#endif
