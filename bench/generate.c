/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a workload:
 *
 *	generate [--kind K] [--rules N] [--requests M] [--seed S] DIR
 *
 * DIR/rules.json and DIR/requests.jsonl. The kinds are in generate.def.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/generate.h"

static const struct {
	const char *name, *help;
} kinds[] = {
#define KIND(id, name, help) {name, help},
#include "bench/generate.def"
};

static void
usage(void)
{
	fprintf(stderr, "usage: generate [--kind K] [--rules N] [--requests M] "
			"[--seed S] DIR\n\nKinds:\n");
	for (unsigned i = 0; i < KIND_COUNT; i++)
		fprintf(stderr, "  %-10s%s\n", kinds[i].name, kinds[i].help);
	exit(2);
}

static enum kind
kind_of(const char *name)
{
	unsigned i = 0;

	while (strcmp(kinds[i].name, name) != 0) {
		if (++i == KIND_COUNT)
			usage();
	}
	return (enum kind)i;
}

static uint64_t
number_of(const char *text, uint64_t least)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || n < least)
		usage();
	return n;
}

static FILE *
create(const char *folder, const char *name)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	if (!out) {
		fprintf(stderr, "generate: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return out;
}

static void
put(FILE *out, struct us_buf *text)
{
	fwrite(text->p, 1, text->n, out);
	us_buf_reset(text);
}

static void
finish(FILE *out)
{
	bool failed = ferror(out);

	if (fclose(out) || failed) {
		fprintf(stderr, "generate: cannot write\n");
		exit(1);
	}
}

static void
write_rules(const struct generate *g, FILE *out, struct us_buf *text)
{
	struct rule rule;

	us_buf_puts(text, "{\"rules\":[\n");
	for (uint32_t i = 0; i < g->rules; i++) {
		generate_rule(g, i, &rule);
		generate_put_rule(g, i, &rule, text);
		us_buf_puts(text, i + 1 < g->rules ? ",\n" : "\n");
		put(out, text);
	}
	us_buf_puts(text, "]}\n");
	put(out, text);
	finish(out);
}

static void
write_requests(const struct generate *g, FILE *out, struct us_buf *text)
{
	for (uint32_t i = 0; i < g->requests; i++) {
		generate_put_request(g, i, text);
		us_buf_putc(text, '\n');
		put(out, text);
	}
	finish(out);
}

static void
parse(int argc, char **argv, struct generate *g)
{
	static const struct option options[] = {
	    {"kind", required_argument, NULL, 'k'},
	    {"rules", required_argument, NULL, 'n'},
	    {"requests", required_argument, NULL, 'm'},
	    {"seed", required_argument, NULL, 's'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'k')
			g->kind = kind_of(optarg);
		else if (c == 'n')
			g->rules = (uint32_t)number_of(optarg, 1);
		else if (c == 'm')
			g->requests = (uint32_t)number_of(optarg, 1);
		else if (c == 's')
			g->seed = number_of(optarg, 0);
		else
			usage();
	}
	if (optind + 1 != argc)
		usage();
	if (g->kind == KIND_MEMBERS) {
		g->groups = 4 * GROUPS_MAX;
		g->per_person = GROUPS_MAX;
	}
}

int
main(int argc, char **argv)
{
	struct generate g = {.seed = 1,
	    .rules = 10000,
	    .requests = 5000,
	    .groups = 1000,
	    .per_person = 20};
	struct us_buf text = {0};

	parse(argc, argv, &g);
	if (mkdir(argv[optind], 0777) && errno != EEXIST) {
		fprintf(stderr, "generate: %s: %s\n", argv[optind],
		    strerror(errno));
		return 1;
	}
	write_rules(&g, create(argv[optind], "rules.json"), &text);
	write_requests(&g, create(argv[optind], "requests.jsonl"), &text);
	us_buf_free(&text);
	return 0;
}
