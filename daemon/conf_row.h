/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of conf.def: what options there are, and what their values mean. */
#ifndef US_CONF_ROW_H
#define US_CONF_ROW_H

#include "daemon/conf.h"
#include "engine/arena.h"
#include "engine/buf.h"

enum us_conf_kind {
	US_KIND_TEXT,
	US_KIND_LIST,   /* texts, and behind them their number */
	US_KIND_BOOL,
	US_KIND_COUNT,
	US_KIND_SIZE,   /* bytes: 4096, 64K, 64M, 64G, 1T */
	US_KIND_LOOPS,  /* a count of up to 1024 */
	US_KIND_LEVEL,
	US_KIND_FORMAT, /* of the log */
};

/* Where a row may stand, as bits. */
enum us_conf_scope {
	US_SCOPE_FLAG = 1, /* on the command line */
	US_SCOPE_LINE = 2, /* in usherd.conf, outside of sections */
	US_SCOPE_ORG = 4,  /* in the section of an organisation */
	US_SCOPE_OF_ORG = 8, /* a field of struct us_conf_org */
	US_SCOPE_PROVISIONER = 16, /* in such a section of an organisation */
	US_SCOPE_NOTIFIER = 32,
};

struct us_conf_row {
	const char *name;
	enum us_conf_kind kind;
	unsigned scope;
	size_t offset;        /* in the struct of its section */
	const char *argument; /* NULL: a flag without one */
	const char *help;
	const char *value, *least, *most; /* of a limit */
};
extern const struct us_conf_row us_conf_rows[];
extern const unsigned us_conf_row_count;

/* May it stand in one of these places? */
bool us_conf_row_stands(const struct us_conf_row *row, unsigned scope);
/* The row of that name that may stand there; NULL when there is none. */
const struct us_conf_row *us_conf_row_find(const char *name, unsigned scope);
/* " (did you mean \"x\"?)" or "", in the arena. */
const char *us_conf_row_hint(
    const char *name, unsigned scope, struct us_arena *a);

/*
 * Reads text into the row's field of base. False with the reason in *wrong.
 * What is kept of text is copied into the arena.
 */
bool us_conf_row_set(const struct us_conf_row *row, void *base,
    const char *text, struct us_arena *a, struct us_buf *wrong);

/* A line on standard error. Returns false. */
bool us_conf_complain(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Every limit of that scope gets its value. */
void us_conf_defaults(unsigned scope, void *base, struct us_arena *a);

/*
 * Are the provisioners and notifiers of an organisation right? conf_effects.c;
 * says what is not.
 */
bool us_conf_effects_right(const struct us_conf_org *org);

/* The text of --help. */
void us_conf_help(struct us_buf *out);

#endif
