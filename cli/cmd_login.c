/* SPDX-License-Identifier: Apache-2.0 */
/* usher login: keeps a token or key that a daemon accepts. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/client.h"
#include "cli/out.h"
#include "cli/session.h"

/* Turns the echo of the terminal off, or back to what it was. */
static bool
set_echo(struct termios *saved, bool on)
{
	struct termios quiet;

	if (on)
		return tcsetattr(STDIN_FILENO, TCSAFLUSH, saved) == 0;
	if (tcgetattr(STDIN_FILENO, saved) != 0)
		return false;
	quiet = *saved;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/*
 * A line of standard input, never an argument: those show in the list of
 * processes and in the history of the shell.
 */
static const char *
read_token(struct us_arena *a)
{
	char line[16 * 1024];
	struct termios saved;
	bool quiet = false;
	size_t n = 0;

	if (isatty(STDIN_FILENO)) {
		fputs("token or API key: ", stderr);
		quiet = set_echo(&saved, false);
	}
	if (fgets(line, sizeof(line), stdin))
		n = strcspn(line, " \t\r\n");
	if (quiet) {
		set_echo(&saved, true);
		fputc('\n', stderr);
	}
	if (n)
		return us_arena_str(a, (struct us_str){line, n}).p;
	us_out_error("no token on standard input: usherd token makes one");
	return NULL;
}

/* Asks the daemon who we are; false after a message when it does not know. */
static bool
greet(const struct us_session_file *session)
{
	struct us_client *client = us_client_new(session);
	struct json_object *account = us_client_json(client, "/account");
	struct json_object *uid = NULL;

	us_client_free(client);
	if (!account)
		return false;
	json_object_object_get_ex(account, "uid", &uid);
	printf("signed in to %s as %s\n", session->org,
	    uid ? json_object_get_string(uid) : "somebody");
	json_object_put(account);
	return true;
}

int
us_cmd_login(struct us_args *args)
{
	struct us_session_file session = {
	    .url = us_args_value(args, US_FLAG_URL),
	    .org = us_args_value(args, US_FLAG_ORG),
	};

	if (!session.url || !session.org) {
		us_args_wrong(args, "which daemon? give --url and --org");
		return US_EXIT_BAD;
	}
	session.token = read_token(&args->arena);
	if (!session.token)
		return US_EXIT_BAD;
	if (!greet(&session))
		return US_EXIT_NO;
	return us_session_write(&session) ? US_EXIT_OK : US_EXIT_BAD;
}
