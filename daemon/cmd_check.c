/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usherd -n: reads the rules, directory, on-call list and inventory of every
 * organisation, tells all that is wrong or suspect, and starts nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/cmd.h"
#include "daemon/conf.h"
#include "daemon/directory.h"
#include "daemon/inventory.h"
#include "daemon/oncall.h"
#include "engine/lint.h"
#include "grammar/load.h"

struct tally {
	unsigned rules, errors, warnings;
};

static void
print_diags(struct us_diags *diags)
{
	const struct us_diag *diag;
	struct us_buf text = {0};

	us_diags_sort(diags);
	US_EACH (diag, &diags->list)
		us_diag_text(diag, isatty(STDERR_FILENO), &text);
	if (text.n)
		fwrite(text.p, 1, text.n, stderr);
	us_buf_free(&text);
}

static void
check_rules(const char *path, struct tally *tally)
{
	struct us_ruleset *rs = us_ruleset_new();
	char *paths[] = {(char *)path};
	struct us_diags diags = {0};

	if (us_load(rs, paths, 1, &diags) == 0)
		us_lint(rs, NULL, &diags);
	print_diags(&diags);
	tally->rules += rs->rules.n;
	tally->errors += diags.errors;
	tally->warnings += diags.warnings;
	us_diags_free(&diags);
	us_ruleset_free(rs);
}

/* Says what is wrong with a file of an organisation, if anything is. */
static void
tell(const struct us_conf_org *org, struct us_buf *error, struct tally *tally)
{
	if (error->n) {
		fprintf(stderr, "usherd: organisation \"%s\": %.*s\n",
		    org->name, US_ARG(us_buf_str(error)));
		tally->errors++;
	}
	us_buf_free(error);
}

static void
check_directory(const struct us_conf_org *org, struct tally *tally)
{
	struct us_buf error = {0};

	us_directory_unref(us_directory_load(org->directory, &error));
	tell(org, &error, tally);
}

static void
check_oncall(const struct us_conf_org *org, struct tally *tally)
{
	struct us_buf error = {0};

	us_oncall_unref(us_oncall_load(org->oncall, &error));
	tell(org, &error, tally);
}

static void
check_inventory(const struct us_conf_org *org, struct tally *tally)
{
	struct us_buf error = {0};

	us_inventory_unref(us_inventory_load(org->inventory, &error));
	tell(org, &error, tally);
}

/* Is there a file to read? What it says is seen when it is used. */
static void
check_readable(const char *name, const char *path, struct tally *tally)
{
	if (!path || access(path, R_OK) == 0)
		return;
	fprintf(stderr, "usherd: %s: cannot read %s: %s\n", name, path,
	    strerror(errno));
	tally->errors++;
}

int
us_cmd_check(const struct us_conf *conf)
{
	struct tally tally = {0};

	check_readable("tls-cert", conf->tls_cert, &tally);
	check_readable("tls-key", conf->tls_key, &tally);
	for (unsigned i = 0; i < conf->org_count; i++) {
		const struct us_conf_org *org = &conf->orgs[i];

		if (org->rules)
			check_rules(org->rules, &tally);
		if (org->directory)
			check_directory(org, &tally);
		if (org->oncall)
			check_oncall(org, &tally);
		if (org->inventory)
			check_inventory(org, &tally);
	}
	printf("usherd: organisations: %u, rules: %u, errors: %u, "
	       "warnings: %u\n",
	    conf->org_count, tally.rules, tally.errors, tally.warnings);
	return tally.errors ? 1 : 0;
}
