/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, by the rows of commands.def. */
#include "cli/args.h"

static const struct example {
	enum us_command_id command;
	const char *line, *what;
} examples[] = {
#define US_EXAMPLE(command, line, what) {US_COMMAND_##command, line, what},
#include "cli/commands.def"
};
#define EXAMPLE_COUNT (sizeof(examples) / sizeof(examples[0]))

static const struct exits {
	enum us_command_id command;
	const char *text;
} exits[] = {
#define US_EXITS(command, text) {US_COMMAND_##command, text},
#include "cli/commands.def"
};

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
put_flag(const struct us_take *take, struct us_buf *out)
{
	const struct us_flag *flag = &us_flags[take->flag];
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

static const char *
exits_of(const struct us_command *command)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		if (exits[i].command == command->id)
			return exits[i].text;
	}
	return "0 fine, 1 the answer is no, 2 bad usage or unreadable input.";
}

static void
put_command_help(const struct us_command *command, struct us_buf *out)
{
	size_t start = out->n;

	us_buf_printf(out, "usage: usher %s ", command->name);
	put_wrapped(command->usage, out->n - start, out->n - start, out);
	us_buf_putc(out, '\n');
	put_wrapped(command->about, 0, 0, out);
	us_buf_puts(out, "\noptions:\n");
	for (unsigned i = 0; i < us_take_count; i++) {
		if (us_takes[i].command == command->id)
			put_flag(&us_takes[i], out);
	}
	us_buf_puts(out, "\nexamples:\n");
	for (unsigned i = 0; i < EXAMPLE_COUNT; i++) {
		if (examples[i].command == command->id)
			us_buf_printf(out, "  %s\n      %s\n", examples[i].line,
			    examples[i].what);
	}
	us_buf_puts(out, "\nExit status:");
	put_wrapped(exits_of(command), strlen("Exit status:"), 0, out);
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
		us_buf_printf(out, "  %-14s%s\n", us_commands[i].name,
		    us_commands[i].summary);
	us_buf_puts(out, "\nA PATH is a .usher file, a .json or .yaml "
			 "workflow, or a folder, which stands\nfor all of its "
			 "*.usher files. 'usher help COMMAND' says more, with "
			 "examples.\n");
}
