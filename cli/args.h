/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: the rows of commands.def, and what a user gave of them. */
#ifndef US_ARGS_H
#define US_ARGS_H

#include <limits.h>
#include <stdbool.h>

#include "engine/arena.h"
#include "engine/buf.h"

/* Exit statuses. */
enum {
	US_EXIT_OK = 0,
	US_EXIT_NO = 1,  /* the answer is no: errors, failed tests, ... */
	US_EXIT_BAD = 2, /* bad usage, input unreadable, output unwritable */
	/* Of what asks for access, where whatever goes wrong is US_EXIT_NO. */
	US_EXIT_DENIED = 2,
	US_EXIT_OPEN = 4, /* not decided yet */
};

enum us_flag_id {
#define US_FLAG(id, letter, name, argument) US_FLAG_##id,
#include "cli/commands.def"
	US_FLAG_COUNT
};

enum us_command_id {
#define US_COMMAND(id, name, usage, min, max, summary, about) US_COMMAND_##id,
#include "cli/commands.def"
	US_COMMAND_COUNT
};

struct us_args;

struct us_command {
	enum us_command_id id;
	const char *name, *usage;
	unsigned min, max; /* operands */
	const char *summary, *about;
	int (*run)(struct us_args *args);
};
extern const struct us_command us_commands[US_COMMAND_COUNT];

/* Passes what it does not know on to the daemon (US_PASSES). */
bool us_command_passes(const struct us_command *command);
/* The exit status when it cannot be run, or its output cannot be written. */
int us_command_bad(const struct us_command *command);

#define US_COMMAND(id, name, usage, min, max, summary, about)                  \
	int us_cmd_##name(struct us_args *args);
#include "cli/commands.def"

struct us_flag {
	char letter; /* 0: none */
	const char *name, *argument;
};
extern const struct us_flag us_flags[US_FLAG_COUNT];

/* Who takes what; --help is everybody's. */
struct us_take {
	enum us_command_id command;
	enum us_flag_id flag;
	const char *help;
};
extern const struct us_take us_takes[];
extern const unsigned us_take_count;

typedef US_LIST(char *) us_words;

struct us_args {
	struct us_arena arena;
	const struct us_command *command;
	us_words flags[US_FLAG_COUNT]; /* values; "" of what takes none */
	us_words operands;
};

/*
 * Reads argv, of which argv[0] names the command. False after a message to
 * standard error when it cannot be understood.
 */
bool us_args_parse(struct us_args *args, const struct us_command *command,
    int argc, char **argv);
void us_args_free(struct us_args *args);

bool us_args_has(const struct us_args *args, enum us_flag_id flag);
/* The last value given; NULL when none was. */
const char *us_args_value(const struct us_args *args, enum us_flag_id flag);

/* Appends to an operand list: an option that is passed on after all. */
void us_args_pass(struct us_args *args, const char *word);

/*
 * A positive number given with a flag, at most `most`; *n stays as it was when
 * the flag was not given. False after a message when it is none.
 */
bool us_args_number(const struct us_args *args, enum us_flag_id flag,
    uint32_t most, uint32_t *n);

/*
 * Commands that decide: moves the operands that are rules behind those of -r.
 * That is all of them but the last, and the last too when it is a folder or
 * ends in .usher. False after a message when no rules were given.
 */
bool us_args_split_rules(struct us_args *args);

/* NULL after a message, with a hint, when there is no such command. */
const struct us_command *us_command_find(const char *name);

/* A complaint about usage on standard error, and where to look. */
void us_args_wrong(const struct us_args *args, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The help of a command, or, for NULL, of usher. */
void us_help(const struct us_command *command, struct us_buf *out);

#endif
