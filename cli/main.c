/* SPDX-License-Identifier: Apache-2.0 */
/* The usher command: finds the command of commands.def and runs it. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/out.h"

#ifndef USHER_VERSION
#define USHER_VERSION "unknown"
#endif

static void
print_help(const struct us_command *command)
{
	struct us_buf text = {0};

	us_help(command, &text);
	us_out(&text);
	us_buf_free(&text);
}

int
us_cmd_help(struct us_args *args)
{
	const struct us_command *command = NULL;

	if (args->operands.n) {
		command = us_command_find(args->operands.v[0]);
		if (!command)
			return US_EXIT_BAD;
	}
	print_help(command);
	return US_EXIT_OK;
}

static int
run(const struct us_command *command, int argc, char **argv)
{
	struct us_args args;
	int status = us_command_bad(command);

	if (us_args_parse(&args, command, argc, argv)) {
		/* Where the daemon knows more, the command asks it. */
		if (us_args_has(&args, US_FLAG_HELP) &&
		    !us_command_passes(command)) {
			print_help(command);
			status = US_EXIT_OK;
		} else {
			status = command->run(&args);
		}
	}
	us_args_free(&args);
	return status;
}

static bool
is_either(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int
main(int argc, char **argv)
{
	const struct us_command *command;
	struct us_buf text = {0};

	if (argc < 2) {
		us_help(NULL, &text);
		fputs(text.p, stderr);
		us_buf_free(&text);
		return US_EXIT_BAD;
	}
	if (is_either(argv[1], "--help", "-h")) {
		print_help(NULL);
		return us_out_finish(US_EXIT_OK, US_EXIT_BAD);
	}
	if (is_either(argv[1], "--version", "-V")) {
		puts("usher " USHER_VERSION);
		return us_out_finish(US_EXIT_OK, US_EXIT_BAD);
	}
	command = us_command_find(argv[1]);
	if (!command)
		return US_EXIT_BAD;
	return us_out_finish(
	    run(command, argc - 1, argv + 1), us_command_bad(command));
}
