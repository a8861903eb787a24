/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the command line by the rows of commands.def. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
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

static const struct flag {
	char letter;
	const char *name, *argument;
} flags[US_FLAG_COUNT] = {
#define US_FLAG(id, letter, name, argument) {letter, name, argument},
#include "cli/commands.def"
};

/* Who takes what; --help is everybody's. */
static const struct take {
	enum us_command_id command;
	enum us_flag_id flag;
	const char *help;
} takes[] = {
#define US_TAKES(command, flag, help) \
	{US_COMMAND_##command, US_FLAG_##flag, help},
#include "cli/commands.def"
#define US_COMMAND(id, name, usage, min, max, summary, about) \
	{US_COMMAND_##id, US_FLAG_HELP, "print this"},
#include "cli/commands.def"
};
#define TAKE_COUNT (sizeof(takes) / sizeof(takes[0]))

static const struct example {
	enum us_command_id command;
	const char *line, *what;
} examples[] = {
#define US_EXAMPLE(command, line, what) {US_COMMAND_##command, line, what},
#include "cli/commands.def"
};
#define EXAMPLE_COUNT (sizeof(examples) / sizeof(examples[0]))

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
add_row(const struct take *take, char **letters, struct option **row)
{
	const struct flag *flag = &flags[take->flag];
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
	for (unsigned i = 0; i < TAKE_COUNT; i++) {
		if (takes[i].command == command)
			add_row(&takes[i], &letters, &row);
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
		us_args_wrong(
		    args, "--%s takes no argument", flags[optopt - LONG].name);
		return;
	}
	nearest.wanted = (struct us_str){word, strcspn(word, "=")};
	for (unsigned i = 0; i < TAKE_COUNT; i++) {
		if (takes[i].command == args->command->id)
			us_nearest_offer(
			    &nearest, us_str(us_arena_printf(&diags.arena,
					  "--%s", flags[takes[i].flag].name)));
	}
	us_args_wrong(args, "there is no option %.*s%s", US_ARG(nearest.wanted),
	    us_nearest_hint(&nearest, &diags));
	us_diags_free(&diags);
}

static enum us_flag_id
flag_of(int value)
{
	unsigned i = 0;

	if (value >= LONG)
		return (enum us_flag_id)(value - LONG);
	while (flags[i].letter != value)
		i++;
	return (enum us_flag_id)i;
}

static bool
parse_flags(struct us_args *args, int argc, char **argv)
{
	struct getopt_rows rows;
	enum us_flag_id flag;
	int value;

	fill_rows(&rows, args->command->id);
	opterr = 0;
	optind = 0; /* makes glibc begin anew */
	while ((value = getopt_long(
		    argc, argv, rows.letters, rows.longs, NULL)) != -1) {
		if (value == ':') {
			flag = flag_of(optopt);
			us_args_wrong(args, "--%s needs an argument: %s",
			    flags[flag].name, flags[flag].argument);
			return false;
		}
		if (value == '?') {
			complain_unknown(args, argv[optind - 1]);
			return false;
		}
		flag = flag_of(value);
		*us_list_add(&args->arena, &args->flags[flag]) =
		    optarg ? optarg : us_arena_alloc(&args->arena, 1);
	}
	return true;
}

bool
us_args_parse(struct us_args *args, const struct us_command *command, int argc,
    char **argv)
{
	*args = (struct us_args){.command = command};
	if (!parse_flags(args, argc, argv))
		return false;
	for (int i = optind; i < argc; i++)
		*us_list_add(&args->arena, &args->operands) = argv[i];
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

#define HELP_WIDTH 79
#define HELP_INDENT 24

/* Text in lines of HELP_WIDTH; the first begins at column `at`. */
static void
put_wrapped(const char *text, size_t at, size_t indent, struct us_buf *out)
{
	size_t word;

	while (*text) {
		word = strcspn(text, " ");
		if (at > indent && at + 1 + word > HELP_WIDTH) {
			us_buf_printf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			us_buf_putc(out, ' ');
			at++;
		}
		us_buf_add(out, text, word);
		at += word;
		text += word;
		text += strspn(text, " ");
	}
	us_buf_putc(out, '\n');
}

static void
put_flag(const struct take *take, struct us_buf *out)
{
	const struct flag *flag = &flags[take->flag];
	size_t start = out->n;

	if (flag->letter)
		us_buf_printf(out, "  -%c, --%s", flag->letter, flag->name);
	else
		us_buf_printf(out, "      --%s", flag->name);
	if (flag->argument && *flag->argument == '[')
		us_buf_printf(out, "[=%s", flag->argument + 1);
	else if (flag->argument)
		us_buf_printf(out, " %s", flag->argument);
	us_buf_printf(out, "%*s",
	    (int)(HELP_INDENT > out->n - start ? HELP_INDENT - (out->n - start)
					       : 1),
	    "");
	put_wrapped(take->help, HELP_INDENT, HELP_INDENT, out);
}

static void
put_command_help(const struct us_command *command, struct us_buf *out)
{
	us_buf_printf(
	    out, "usage: usher %s %s\n\n", command->name, command->usage);
	put_wrapped(command->about, 0, 0, out);
	us_buf_puts(out, "\noptions:\n");
	for (unsigned i = 0; i < TAKE_COUNT; i++) {
		if (takes[i].command == command->id)
			put_flag(&takes[i], out);
	}
	us_buf_puts(out, "\nexamples:\n");
	for (unsigned i = 0; i < EXAMPLE_COUNT; i++) {
		if (examples[i].command == command->id)
			us_buf_printf(out, "  %s\n      %s\n", examples[i].line,
			    examples[i].what);
	}
	us_buf_puts(out, "\nExit status: 0 fine, 1 the answer is no, 2 bad "
			 "usage or unreadable input.\n");
}

void
us_help(const struct us_command *command, struct us_buf *out)
{
	if (command) {
		put_command_help(command, out);
		return;
	}
	us_buf_puts(out, "usage: usher COMMAND [OPTION...] [ARGUMENT...]\n"
			 "       usher --help | --version\n\n"
			 "Routes requests for access by rules.\n\ncommands:\n");
	for (unsigned i = 0; i < US_COMMAND_COUNT; i++)
		us_buf_printf(out, "  %-10s%s\n", us_commands[i].name,
		    us_commands[i].summary);
	us_buf_puts(out, "\nA PATH is a .usher file, a .json or .yaml "
			 "workflow, or a folder, which stands\nfor all of its "
			 "*.usher files. 'usher help COMMAND' says more, with "
			 "examples.\n");
}
