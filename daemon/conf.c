/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From flags and usherd.conf to a configuration. Both go through the same
 * rows (conf_row.c): first the file (conf_file.c), then the flags, which win.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/conf_file.h"
#include "engine/err.h"

#ifndef USHER_VERSION
#define USHER_VERSION "unknown"
#endif

#define ORG_NAME_MAX 64

/* A flag that was given. */
struct given {
	const struct us_conf_row *row;
	const char *value;
};

/* What is being put together. Strings are in the arena. */
struct parse {
	struct us_arena *arena;
	struct us_conf *conf;
	const char *path;	    /* of usherd.conf, or NULL */
	struct us_conf_lines lines; /* the flags go over them */
	US_LIST(struct given) flags;
};

/* --- Flags -------------------------------------------------------------- */

/* Values of long options, beyond those of letters. */
#define LONG 256
#define ROWS_MAX 64

static const char letters[] = ":f:nhV";

static void
fill_longs(struct option *longs)
{
	*longs++ = (struct option){"config", required_argument, NULL, 'f'};
	*longs++ = (struct option){"check", no_argument, NULL, 'n'};
	*longs++ = (struct option){"help", no_argument, NULL, 'h'};
	*longs++ = (struct option){"version", no_argument, NULL, 'V'};
	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];
		int argument = row->argument ? required_argument : no_argument;

		if (row->scope & US_SCOPE_FLAG)
			*longs++ = (struct option){
			    row->name, argument, NULL, LONG + (int)i};
	}
	*longs = (struct option){0};
}

static bool
complain_unknown(struct parse *p, const char *word)
{
	char name[64];

	if (optopt >= LONG)
		return us_conf_complain(
		    "--%s takes no argument", us_conf_rows[optopt - LONG].name);
	if (optopt)
		return us_conf_complain(
		    "there is no option -%c; 'usherd --help' "
		    "lists them",
		    optopt);
	snprintf(
	    name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	return us_conf_complain(
	    "there is no option --%s%s; 'usherd --help' lists "
	    "them",
	    name, us_conf_row_hint(name, US_SCOPE_FLAG, p->arena));
}

/* --help and --version: all there is to do, and done. */
static int
answer(int flag)
{
	struct us_buf text = {0};

	if (flag == 'h')
		us_conf_help(&text);
	else
		us_buf_puts(&text, "usherd " USHER_VERSION "\n");
	fwrite(text.p, 1, text.n, stdout);
	us_buf_free(&text);
	return -1;
}

static int
read_flags(struct parse *p, int argc, char **argv)
{
	struct option longs[ROWS_MAX];
	struct given *given;
	int flag;

	fill_longs(longs);
	opterr = 0;
	optind = 1;
	while ((flag = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
		if (flag == 'h' || flag == 'V')
			return answer(flag);
		if (flag == ':') {
			us_conf_complain(
			    "%s needs an argument", argv[optind - 1]);
			return 2;
		}
		if (flag == '?') {
			complain_unknown(p, argv[optind - 1]);
			return 2;
		}
		if (flag == 'f') {
			p->path = optarg;
		} else if (flag == 'n') {
			p->conf->check_only = true;
		} else {
			given = us_list_add(p->arena, &p->flags);
			given->row = &us_conf_rows[flag - LONG];
			given->value = optarg ? optarg : "true";
		}
	}
	if (optind == argc)
		return 0;
	us_conf_complain(
	    "\"%s\" is no option; 'usherd --help' lists them", argv[optind]);
	return 2;
}

/* --- All together ------------------------------------------------------- */

/* What was said outside of sections, over what the section said. */
static void
overlay(struct us_conf_org *org, const struct us_conf_org *outside)
{
	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];
		const void *from = (const char *)outside + row->offset;
		void *to = (char *)org + row->offset;

		if (!(row->scope & US_SCOPE_OF_ORG))
			continue;
		if (row->kind == US_KIND_BOOL)
			*(bool *)to |= *(const bool *)from;
		else if (*(const char *const *)from)
			*(const char **)to = *(const char *const *)from;
	}
}

/*
 * What was said outside of sections goes to the organisation that it is about,
 * which may be a new one.
 */
static bool
join_outside(struct parse *p)
{
	const struct us_conf_org none = {0};
	struct us_conf_org outside = p->lines.outside, *org;

	p->lines.outside = none;
	if (outside.name) {
		US_EACH (org, &p->lines.orgs) {
			if (strcmp(org->name, outside.name) == 0) {
				overlay(org, &outside);
				return true;
			}
		}
		*us_list_add(p->arena, &p->lines.orgs) = outside;
	} else if (memcmp(&outside, &none, sizeof(none)) != 0) {
		if (p->lines.orgs.n != 1)
			return us_conf_complain(
			    "rules, directory and the like are of "
			    "an organisation: say of which with "
			    "--org NAME");
		overlay(p->lines.orgs.v, &outside);
	}
	return true;
}

static bool
has_organisation(const struct parse *p)
{
	return p->lines.orgs.n ||
	       us_conf_complain("there is no organisation: give --org NAME, or "
				"a section organisation \"NAME\" { } in "
				"usherd.conf");
}

/*
 * The flags that were given win over what the file said. Those of an
 * organisation are about the last --org before them; before the first, about
 * that one.
 */
static bool
apply_flags(struct parse *p)
{
	struct us_buf wrong = {0};
	struct given *given;
	bool right = true, listens = false, named = false;

	US_EACH (given, &p->flags) {
		if (strcmp(given->row->name, "org") == 0) {
			if (named && !join_outside(p))
				return false;
			named = true;
		}
		void *base = given->row->scope & US_SCOPE_OF_ORG
				 ? (void *)&p->lines.outside
				 : (void *)p->conf;

		if (given->row->kind == US_KIND_LIST && !listens) {
			p->conf->listen_count = 0;
			listens = true;
		}
		us_buf_reset(&wrong);
		if (!us_conf_row_set(
			given->row, base, given->value, p->arena, &wrong))
			right = us_conf_complain(
			    "--%s: %s", given->row->name, wrong.p);
	}
	us_buf_free(&wrong);
	return right;
}

static bool
org_is_right(const struct us_conf_org *org)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(org->name);

	if (!n || n > ORG_NAME_MAX || *org->name == '.' ||
	    strspn(org->name, allowed) != n)
		return us_conf_complain(
		    "organisation \"%s\": a name is up to %d "
		    "letters, digits, \"_\", \"-\" and \".\", and "
		    "does not begin with \".\"",
		    org->name, ORG_NAME_MAX);
	if (org->rules_follow && !org->rules)
		return us_conf_complain(
		    "organisation \"%s\": rules-follow needs "
		    "rules to follow",
		    org->name);
	return us_conf_effects_right(org);
}

bool
us_conf_may_listen(const struct us_conf *conf, const char *address)
{
	size_t n = strcspn(address, ":");
	struct in_addr v4;
	char host[64];

	if (conf->tls_cert || conf->plain_http_anywhere)
		return true;
	if (strncmp(address, "[::1]:", 6) == 0)
		return true;
	snprintf(host, sizeof(host), "%.*s", (int)n, address);
	return inet_pton(AF_INET, host, &v4) == 1 &&
	       ntohl(v4.s_addr) >> 24 == 127;
}

static bool
is_right(const struct parse *p)
{
	const struct us_conf *conf = p->conf;
	const struct us_conf_org *org;
	bool right = true;

	if (!conf->tls_cert != !conf->tls_key)
		right =
		    us_conf_complain("tls-cert and tls-key go together: %s is "
				     "missing",
			conf->tls_cert ? "tls-key" : "tls-cert");
	for (unsigned i = 0; i < conf->listen_count; i++) {
		if (!us_conf_may_listen(conf, conf->listen[i]))
			right = us_conf_complain(
			    "listen %s: plain HTTP is for this "
			    "machine alone (127.0.0.1, [::1]); "
			    "give tls-cert and tls-key, or allow "
			    "it with plain-http-anywhere",
			    conf->listen[i]);
	}
	US_EACH (org, &p->lines.orgs)
		right = org_is_right(org) && right;
	return right;
}

static bool
put_together(struct parse *p)
{
	static const char *default_listen[] = {"127.0.0.1:8470"};
	struct us_conf *conf = p->conf;

	if ((p->path &&
		!us_conf_file_read(p->path, p->conf, &p->lines, p->arena)) ||
	    !apply_flags(p) || !join_outside(p) || !has_organisation(p))
		return false;
	if (!conf->listen_count) {
		conf->listen = default_listen;
		conf->listen_count = 1;
	}
	if (!conf->data)
		conf->data = "/var/lib/usher";
	conf->orgs = p->lines.orgs.v;
	conf->org_count = p->lines.orgs.n;
	return is_right(p);
}

int
us_conf_parse(int argc, char **argv, struct us_conf *conf)
{
	struct us_arena *arena = us_calloc(1, sizeof(*arena));
	struct parse p = {.arena = arena, .conf = conf};
	int status;

	*conf = (struct us_conf){.log_level = US_LOG_INFO, .private_ = arena};
	us_conf_defaults(US_SCOPE_LINE, conf, arena);
	status = read_flags(&p, argc, argv);
	if (!status && !put_together(&p))
		status = 2;
	if (status)
		us_conf_free(conf);
	return status;
}

void
us_conf_free(struct us_conf *conf)
{
	if (conf->private_) {
		us_arena_free(conf->private_);
		free(conf->private_);
	}
	*conf = (struct us_conf){0};
}
