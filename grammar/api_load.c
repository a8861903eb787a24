/* SPDX-License-Identifier: Apache-2.0 */
/* The public calls that load: text, JSON, YAML to a program. */
#include "engine/api.h"
#include "engine/check.h"
#include "grammar/load.h"

static enum us_format
format_of(enum usher_format format)
{
	switch (format) {
	case USHER_JSON:
		return US_FORMAT_JSON;
	case USHER_YAML:
		return US_FORMAT_YAML;
	case USHER_TEXT:
		break;
	}
	return US_FORMAT_RULES;
}

static void
load_source(struct us_ruleset *rs, const struct usher_source *source,
    struct us_diags *diags)
{
	struct us_str text = {source->text, source->size};

	if (text.n > US_WORKFLOW_MAX) {
		us_diag_add(diags, US_DIAG_LIMIT, (struct us_loc){0},
		    "%s has %zu bytes; at most %u are read", source->name,
		    text.n, US_WORKFLOW_MAX);
		return;
	}
	us_load_src(rs,
	    us_src_new(source->name, text, format_of(source->format)), diags);
}

struct usher_rules *
usher_load_sources(const struct usher_source *sources, size_t count,
    struct usher_problems **problems)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct usher_rules *rules = NULL;

	for (size_t i = 0; i < count; i++)
		load_source(rs, &sources[i], &diags);
	us_check(rs, &diags);
	if (!diags.errors)
		rules = us_rules_new(rs, &diags);
	us_diags_sort(&diags);
	if (problems)
		*problems = us_problems_new(&diags);
	us_diags_free(&diags);
	us_ruleset_free(rs);
	return rules;
}

static struct usher_rules *
load_one(const char *name, const char *text, size_t size,
    enum usher_format format, struct usher_problems **problems)
{
	const struct usher_source source = {name, text, size, format};

	return usher_load_sources(&source, 1, problems);
}

struct usher_rules *
usher_load_text(const char *name, const char *text, size_t size,
    struct usher_problems **problems)
{
	return load_one(name, text, size, USHER_TEXT, problems);
}

struct usher_rules *
usher_load_json(const char *name, const char *text, size_t size,
    struct usher_problems **problems)
{
	return load_one(name, text, size, USHER_JSON, problems);
}

struct usher_rules *
usher_load_yaml(const char *name, const char *text, size_t size,
    struct usher_problems **problems)
{
	return load_one(name, text, size, USHER_YAML, problems);
}
