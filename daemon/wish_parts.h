/* SPDX-License-Identifier: Apache-2.0 */
/* A command's arguments, and what wish.c, wish_help.c and list.c share. */
#ifndef US_WISH_PARTS_H
#define US_WISH_PARTS_H

#include "daemon/item_parts.h"

enum us_wish_option {
#define US_WISH_OPTION(id, name, other, value, verbs, services, help) \
	US_WISH_##id##_OPTION,
#include "daemon/wish.def"
	US_WISH_OPTION_COUNT
};

struct us_wish_option_row {
	const char *name, *other, *value, *verbs, *services, *help;
};
extern const struct us_wish_option_row us_wish_options[];
/* Is it one of that verb and service? */
bool us_wish_option_fits(const struct us_wish_option_row *row,
    struct us_str verb, struct us_str service);

struct us_args {
	struct us_str verb;
	const struct us_service_list *services;
	struct us_arena *a;
	US_LIST(struct us_str) words; /* service, access type, items */
	bool help;
	bool given[US_WISH_OPTION_COUNT];
	struct us_str value[US_WISH_OPTION_COUNT];
	struct us_item_ask ask; /* service, access, row, its options */
	struct us_buf *error;
};

/*
 * Takes the arguments apart, and finds service and access type. False with an
 * error, or with the help that was asked for.
 */
bool us_args_read(
    struct us_args *args, const struct us_str *argv, uint32_t argc);
/* False. */
bool us_args_error(struct us_args *args, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
