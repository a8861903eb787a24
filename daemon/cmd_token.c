/* SPDX-License-Identifier: Apache-2.0 */
/* usherd token: signs a token with the key of a data folder and prints it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/cmd.h"
#include "daemon/role.h"
#include "daemon/token.h"
#include "engine/check.h"
#include "engine/when.h"

#define LENGTH_DEFAULT (INT64_C(8) * 3600) /* seconds */
#define LENGTH_MAX (INT64_C(366) * 24 * 3600)

static const char usage[] =
    "usage: usherd token --data DIR --org NAME --user EMAIL [--role ROLE]...\n"
    "                    [--length 8h] [--agent CLIENT [--owner EMAIL]]\n"
    "\n"
    "Prints a token with which EMAIL may call the organisation NAME, for 8\n"
    "hours or as long as --length says (30m, 2h, 5d, 1w). It is signed with\n"
    "the key in DIR, the data folder of usherd; who may read that may make\n"
    "tokens. --agent makes the token of an agent's session: of client CLIENT\n"
    "for the human EMAIL, or, without --user, for nobody.\n"
    "\n"
    "Roles (more come from the directory and from role bindings, but not to\n"
    "agents):\n";

struct options {
	const char *data;
	struct us_token token;
	int64_t length; /* seconds */
};

static int
bad(const char *what, const char *value, const char *expected)
{
	fprintf(stderr, "usherd token: %s \"%s\": expected %s\n", what, value,
	    expected);
	return 2;
}

static void
help(void)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
#define US_ROLE(id, name, implies, help) {name, help},
#include "daemon/role.def"
	};

	fputs(usage, stdout);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		printf("  %-10s  %s\n", rows[i].name, rows[i].text);
}

/* A name, within the limits of all names. */
static int
set_text(const char *what, const char *value, struct us_str *s)
{
	*s = us_str(value);
	for (size_t i = 0; i < s->n; i++) {
		if ((unsigned char)s->p[i] < ' ' || s->p[i] == 0x7f)
			return bad(what, value, "no control characters");
	}
	if (us_str_is_blank(*s) || s->n > US_NAME_MAX ||
	    us_utf8_bad(s->p, s->n) != s->n)
		return bad(what, value, "1 to 255 bytes of UTF-8");
	return 0;
}

/* Nobody may pass for a key, which acts as key:ID, or for usherd itself. */
static int
set_email(const char *what, const char *value, struct us_str *s)
{
	if (!strchr(value, '@'))
		return bad(what, value, "an e-mail, like ana@example.com");
	return set_text(what, value, s);
}

static int
set_role(const char *value, struct us_token *token)
{
	enum us_role role = us_role_find(us_str(value));

	if (role == US_ROLE_COUNT)
		return bad(
		    "--role", value, "a role; usherd token --help lists them");
	token->roles |= 1u << role;
	return 0;
}

static int
set_length(const char *value, int64_t *length)
{
	if (us_length_parse(us_str(value), length) && *length <= LENGTH_MAX)
		return 0;
	return bad("--length", value,
	    "a length of at most 366 days, like 30m, 2h, 5d or 1w");
}

static int
set_option(int option, struct options *o)
{
	switch (option) {
	case 'd':
		o->data = optarg;
		return 0;
	case 'o':
		return set_text("--org", optarg, &o->token.org);
	case 'u':
		return set_email("--user", optarg, &o->token.email);
	case 'a':
		return set_text("--agent", optarg, &o->token.client_id);
	case 'w':
		return set_email("--owner", optarg, &o->token.owner);
	case 'r':
		return set_role(optarg, &o->token);
	case 'l':
		return set_length(optarg, &o->length);
	case 'c':
		us_clock_follow(optarg);
		return 0;
	default:
		fputs("try: usherd token --help\n", stderr);
		return 2;
	}
}

/* 0: go on; 2: bad usage; -1: help was asked for and given. */
static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
	    {"data", required_argument, NULL, 'd'},
	    {"org", required_argument, NULL, 'o'},
	    {"user", required_argument, NULL, 'u'},
	    {"role", required_argument, NULL, 'r'},
	    {"length", required_argument, NULL, 'l'},
	    {"agent", required_argument, NULL, 'a'},
	    {"owner", required_argument, NULL, 'w'},
	    {"clock-file", required_argument, NULL, 'c'}, /* tests only */
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	int option, status = 0;

	optind = 1;
	while (!status &&
	       (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			help();
			return -1;
		}
		status = set_option(option, o);
	}
	if (!status && optind < argc)
		status = bad("argument", argv[optind],
		    "options only; try usherd token --help");
	return status;
}

static int
check_options(const struct options *o)
{
	const char *missing = NULL;

	if (!o->data)
		missing = "--data DIR, the data folder of usherd, is missing";
	else if (!o->token.org.p)
		missing = "--org NAME, the organisation, is missing";
	else if (!o->token.email.p && !o->token.client_id.p)
		missing = "--user EMAIL, whose token it is, is missing";
	else if (o->token.owner.p && !o->token.client_id.p)
		missing = "--owner is that of an agent; --agent is missing";
	if (missing)
		fprintf(stderr, "usherd token: %s\n", missing);
	return missing ? 2 : 0;
}

static int
print_token(const struct options *o)
{
	struct us_token_key *key = us_token_key_open(o->data);
	struct us_buf out = {0};
	bool good = false;

	if (!key)
		return 1;
	us_token_sign(key, &o->token, &out);
	us_token_key_free(key);
	if (out.n)
		good = puts(out.p) != EOF && fflush(stdout) == 0;
	if (!good)
		fputs("usherd token: the token could not be written\n", stderr);
	us_buf_free(&out);
	return good ? 0 : 1;
}

int
us_cmd_token(int argc, char **argv)
{
	struct options o = {.length = LENGTH_DEFAULT};
	int status = read_options(argc, argv, &o);

	if (!status)
		status = check_options(&o);
	if (status)
		return status == -1 ? 0 : status;
	o.token.issued = us_clock_now();
	o.token.expires = o.token.issued + o.length * 1000;
	return print_token(&o);
}
