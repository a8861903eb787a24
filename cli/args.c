/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the command line by the rows of commands.def. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/args.h"
#include "cli/out.h"
#include "engine/diag.h"

const struct us_command us_commands[US_COMMAND_COUNT] = {
#define US_COMMAND(id, name, usage, min, max, summary, about) \
	{US_COMMAND_##id, #name, usage, min, max, summary, about, \
	    us_cmd_##name},
#include "cli/commands.def"
};

const struct us_flag us_flags[US_FLAG_COUNT] = {
#define US_FLAG(id, letter, name, argument) {letter, name, argument},
#include "cli/commands.def"
};

const struct us_take us_takes[] = {
#define US_TAKES(command, flag, help) \
	{US_COMMAND_##command, US_FLAG_##flag, help},
#include "cli/commands.def"
#define US_COMMAND(id, name, usage, min, max, summary, about) \
	{US_COMMAND_##id, US_FLAG_HELP, "print this"},
#include "cli/commands.def"
};
const unsigned us_take_count = sizeof(us_takes) / sizeof(us_takes[0]);

static const enum us_command_id passing[] = {
#define US_PASSES(command) US_COMMAND_##command,
#include "cli/commands.def"
};

bool
us_command_passes(const struct us_command *command)
{
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
		if (passing[i] == command->id)
			return true;
	}
	return false;
}

int
us_command_bad(const struct us_command *command)
{
	return us_command_passes(command) ? US_EXIT_NO : US_EXIT_BAD;
}

bool
us_args_has(const struct us_args *args, enum us_flag_id flag)
{
	return args->flags[flag].n > 0;
}

const char *
us_args_value(const struct us_args *args, enum us_flag_id flag)
{
	const us_words *words = &args->flags[flag];

	return words->n ? words->v[words->n - 1] : NULL;
}

void
us_args_free(struct us_args *args)
{
	us_arena_free(&args->arena);
}

void
us_args_wrong(const struct us_args *args, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "usher %s: ", args->command->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n'usher help %s' says more\n", args->command->name);
}

const struct us_command *
us_command_find(const char *name)
{
	struct us_nearest nearest = {.wanted = us_str(name)};
	struct us_diags diags = {0};

	for (unsigned i = 0; i < US_COMMAND_COUNT; i++) {
		if (strcmp(us_commands[i].name, name) == 0)
			return &us_commands[i];
		us_nearest_offer(&nearest, us_str(us_commands[i].name));
	}
	us_out_error("there is no command \"%s\"%s; 'usher help' lists them",
	    name, us_nearest_hint(&nearest, &diags));
	us_diags_free(&diags);
	return NULL;
}

/* What getopt_long wants to know about the options of one command. */
struct getopt_rows {
	char letters[3 * US_FLAG_COUNT + 2];
	struct option longs[US_FLAG_COUNT + 1];
};

/* Values of long options, beyond those of letters. */
#define LONG 256

/* An option in getopt's two ways: a row, and letters with colons. */
static void
add_row(const struct us_take *take, char **letters, struct option **row)
{
	const struct us_flag *flag = &us_flags[take->flag];
	int argument = no_argument;

	if (flag->argument)
		argument = *flag->argument == '[' ? optional_argument
						  : required_argument;
	*(*row)++ =
	    (struct option){flag->name, argument, NULL, LONG + (int)take->flag};
	if (!flag->letter)
		return;
	*(*letters)++ = flag->letter;
	for (int i = no_argument; i < argument; i++)
		*(*letters)++ = ':';
}

static void
fill_rows(struct getopt_rows *rows, enum us_command_id command)
{
	char *letters = rows->letters;
	struct option *row = rows->longs;

	*rows = (struct getopt_rows){0};
	*letters++ = ':'; /* tell a missing argument from an unknown option */
	for (unsigned i = 0; i < us_take_count; i++) {
		if (us_takes[i].command == command)
			add_row(&us_takes[i], &letters, &row);
	}
}

static void
complain_unknown(const struct us_args *args, const char *word)
{
	struct us_nearest nearest = {0};
	struct us_diags diags = {0};

	if (optopt > 0 && optopt < LONG) {
		us_args_wrong(args, "there is no option -%c", optopt);
		return;
	}
	if (optopt >= LONG) {
		us_args_wrong(args, "--%s takes no argument",
		    us_flags[optopt - LONG].name);
		return;
	}
	nearest.wanted = (struct us_str){word, strcspn(word, "=")};
	for (unsigned i = 0; i < us_take_count; i++) {
		if (us_takes[i].command == args->command->id)
			us_nearest_offer(&nearest,
			    us_str(us_arena_printf(&diags.arena, "--%s",
				us_flags[us_takes[i].flag].name)));
	}
	us_args_wrong(args, "there is no option %.*s%s", US_ARG(nearest.wanted),
	    us_nearest_hint(&nearest, &diags));
	us_diags_free(&diags);
}

/* The flag of a letter that the command takes; US_FLAG_COUNT: none. */
static enum us_flag_id
flag_of_letter(enum us_command_id command, int letter)
{
	for (unsigned i = 0; i < us_take_count; i++) {
		if (us_takes[i].command == command &&
		    us_flags[us_takes[i].flag].letter == letter)
			return us_takes[i].flag;
	}
	return US_FLAG_COUNT;
}

static enum us_flag_id
flag_of(enum us_command_id command, int value)
{
	if (value >= LONG)
		return (enum us_flag_id)(value - LONG);
	return flag_of_letter(command, value);
}

static void
add_value(struct us_args *args, enum us_flag_id flag, char *value)
{
	*us_list_add(&args->arena, &args->flags[flag]) =
	    value ? value : us_arena_alloc(&args->arena, 1);
}

static bool
complain_missing(const struct us_args *args, enum us_flag_id flag)
{
	us_args_wrong(args, "--%s needs an argument: %s", us_flags[flag].name,
	    us_flags[flag].argument);
	return false;
}

static bool
parse_flags(struct us_args *args, int argc, char **argv)
{
	struct getopt_rows rows;
	enum us_command_id command = args->command->id;
	int value;

	fill_rows(&rows, args->command->id);
	opterr = 0;
	optind = 0; /* makes glibc begin anew */
	while ((value = getopt_long(
		    argc, argv, rows.letters, rows.longs, NULL)) != -1) {
		if (value == ':')
			return complain_missing(args, flag_of(command, optopt));
		if (value == '?') {
			complain_unknown(args, argv[optind - 1]);
			return false;
		}
		add_value(args, flag_of(command, value), optarg);
	}
	for (int i = optind; i < argc; i++)
		us_args_pass(args, argv[i]);
	return true;
}

/*
 * Which option of the command's rows a word is, in full; US_FLAG_COUNT: none.
 * *value is what stands behind its "=", or NULL.
 */
static enum us_flag_id
own_flag(enum us_command_id command, const char *word, char **value)
{
	struct us_str name;

	*value = NULL;
	if (word[0] != '-' || !word[1])
		return US_FLAG_COUNT;
	if (word[1] != '-')
		return word[2] ? US_FLAG_COUNT
			       : flag_of_letter(command, word[1]);
	name = (struct us_str){word + 2, strcspn(word + 2, "=")};
	for (unsigned i = 0; i < us_take_count; i++) {
		if (us_takes[i].command != command ||
		    !us_str_is(name, us_flags[us_takes[i].flag].name))
			continue;
		if (name.p[name.n] == '=')
			*value = (char *)name.p + name.n + 1;
		return us_takes[i].flag;
	}
	return US_FLAG_COUNT;
}

/* US_PASSES: takes the command's own options out; behind "--" are none. */
static bool
parse_passing(struct us_args *args, int argc, char **argv)
{
	enum us_flag_id flag;
	char *value;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (i < argc)
				us_args_pass(args, argv[i++]);
			break;
		}
		flag = own_flag(args->command->id, argv[i], &value);
		if (flag == US_FLAG_COUNT) {
			us_args_pass(args, argv[i]);
			continue;
		}
		if (!us_flags[flag].argument && value) {
			us_args_wrong(args, "--%s takes no argument",
			    us_flags[flag].name);
			return false;
		}
		if (us_flags[flag].argument && !value && !(value = argv[++i]))
			return complain_missing(args, flag);
		add_value(args, flag, value);
	}
	return true;
}

void
us_args_pass(struct us_args *args, const char *word)
{
	*us_list_add(&args->arena, &args->operands) = (char *)word;
}

bool
us_args_number(const struct us_args *args, enum us_flag_id flag, uint32_t most,
    uint32_t *n)
{
	const char *text = us_args_value(args, flag);
	unsigned long value = 0;
	char *end = (char *)text;

	if (!text)
		return true;
	if (*text >= '0' && *text <= '9')
		value = strtoul(text, &end, 10);
	if (value > 0 && value <= most && !*end) {
		*n = (uint32_t)value;
		return true;
	}
	us_args_wrong(args, "--%s %s: expected a number from 1 to %u",
	    us_flags[flag].name, text, most);
	return false;
}

bool
us_args_parse(struct us_args *args, const struct us_command *command, int argc,
    char **argv)
{
	*args = (struct us_args){.command = command};
	if (us_command_passes(command) ? !parse_passing(args, argc, argv)
				       : !parse_flags(args, argc, argv))
		return false;
	if (us_args_has(args, US_FLAG_HELP))
		return true;
	if (args->operands.n < command->min) {
		us_args_wrong(args, "something is missing: usher %s %s",
		    command->name, command->usage);
		return false;
	}
	if (args->operands.n > command->max) {
		us_args_wrong(args, "\"%s\" is too much: usher %s %s",
		    args->operands.v[command->max], command->name,
		    command->usage);
		return false;
	}
	return true;
}

static bool
is_rules(const char *path)
{
	struct us_str s = us_str(path);
	struct us_str end = US_STR(".usher");
	struct stat st;

	if (s.n > end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0)
		return true;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
us_args_split_rules(struct us_args *args)
{
	us_words *operands = &args->operands, *rules;
	uint32_t n = operands->n;

	rules = &args->flags[US_FLAG_RULES];
	if (!rules->n) {
		us_args_wrong(args, "which rules? say -r PATH");
		return false;
	}
	if (n && !is_rules(operands->v[n - 1]))
		n--;
	for (uint32_t i = 0; i < n; i++)
		*us_list_add(&args->arena, rules) = operands->v[i];
	if (n)
		operands->v += n; /* not from NULL */
	operands->n -= n;
	return true;
}
