/* SPDX-License-Identifier: Apache-2.0 */
/* Workflows: rules in parts, and what may stand beside them. */
#include "tests/agree/generate.h"
#include "tests/agree/generate_parts.h"
#include "tests/random.h"

#define STORM 60
#define CROWD 7
#define MANY_GROUPS 20
#define MANY_RULES 1000 /* more than 64 times 64 of them, at the first */

uint32_t
generate_below(struct generate *g, uint32_t n)
{
	return random_below(&g->state, n);
}

bool
generate_chance(struct generate *g, uint32_t percent)
{
	return generate_below(g, 100) < percent;
}

uint32_t
generate_index(struct generate *g, uint32_t n)
{
	return g->crowd && generate_chance(g, 85) ? 0 : generate_below(g, n);
}

void
generate_string(struct us_buf *out, const char *z)
{
	us_buf_json(out, us_str(z));
}

void
generate_member(struct us_buf *out, const char *name, const char *value)
{
	us_buf_printf(out, "\"%s\":", name);
	generate_string(out, value);
}

void
generate_group(struct generate *g, struct us_buf *out)
{
	us_buf_puts(out, "{");
	generate_member(out, "directory", PICK(g, words_directories));
	us_buf_puts(out, ",");
	generate_member(out, "id", PICK(g, words_group_ids));
	us_buf_puts(out, "}");
}

const struct words_service *
generate_service(struct generate *g)
{
	if (generate_chance(g, g->crowd ? 96 : 85))
		return &words_services[g->theme];
	return &PICK(g, words_services);
}

const char *
generate_key(struct generate *g, const struct words_filter *filter)
{
	const char *second = filter->keys[1];

	return second && generate_chance(g, g->crowd ? 4 : 40)
		   ? second
		   : filter->keys[0];
}

const char *
generate_access(struct generate *g, const struct words_service *service)
{
	unsigned n = 0;

	while (n < WORDS_ACCESS_MAX && service->access[n])
		n++;
	if (g->crowd && generate_chance(g, 92))
		n = 1;
	return service->access[generate_below(g, n)];
}

/* The text of a buffer, which is empty then; free it. */
char *
generate_taken(struct us_buf *buf)
{
	char *text = buf->p;

	*buf = (struct us_buf){0};
	return text;
}

/* --- Resources --------------------------------------------------------- */

void
generate_pattern(struct generate *g, const char *name, struct us_buf *out)
{
	us_buf_printf(out, "\"%s\":", name);
	if (g->storm)
		us_buf_printf(out, "\"^(a+)+x{0,%u}$\"", g->storm++);
	else if (g->crowd)
		generate_crowd_pattern(g, out);
	else
		generate_string(out, PICK(g, words_patterns));
}

void
generate_value(struct generate *g, struct us_buf *out)
{
	if (g->storm)
		generate_string(out, WORDS_HARD);
	else if (g->crowd)
		generate_crowd_value(g, out);
	else
		generate_string(out, PICK(g, words_values));
}

static void
put_filter(
    struct generate *g, const struct words_filter *filter, struct us_buf *out)
{
	const char *key = generate_key(g, filter);
	const char *effect =
	    generate_chance(g, g->crowd ? 94 : 65) ? "keep" : "remove";

	generate_string(out, filter->name);
	if (generate_chance(g, g->crowd ? 4 : 15)) {
		us_buf_puts(out, ":{\"effect\":\"removeAll\"");
		if (key && generate_chance(g, 60)) {
			us_buf_puts(out, ",");
			generate_member(out, "key", key);
		}
	} else {
		us_buf_printf(out, ":{\"effect\":\"%s\"", effect);
		if (key) {
			us_buf_puts(out, ",");
			generate_member(out, "key", key);
			us_buf_puts(out, ",");
			generate_pattern(g, "pattern", out);
		} else {
			us_buf_printf(out, ",\"value\":%s",
			    generate_chance(g, 50) ? "true" : "false");
		}
	}
	us_buf_puts(out, "}");
}

/* How many rules have this filter, in per cent. */
static uint32_t
filter_chance(const struct generate *g, unsigned filter)
{
	if (g->storm)
		return 90;
	if (!g->crowd)
		return 35;
	return filter == g->filter ? 92 : 12;
}

static void
put_filters(
    struct generate *g, const struct words_service *service, struct us_buf *out)
{
	bool first = true;

	us_buf_puts(out, ",\"filters\":{");
	for (unsigned i = 0; i < WORDS_FILTERS_MAX; i++) {
		if (!service->filters[i].name ||
		    !generate_chance(g, filter_chance(g, i)))
			continue;
		if (!first)
			us_buf_puts(out, ",");
		put_filter(g, &service->filters[i], out);
		first = false;
	}
	us_buf_puts(out, "}");
}

static void
put_resource(struct generate *g, struct us_buf *out)
{
	const struct words_service *service = generate_service(g);

	if (generate_chance(g, g->storm ? 0 : g->crowd ? 2 : 15)) {
		us_buf_puts(out, "{\"type\":\"any\"}");
		return;
	}
	us_buf_puts(out, "{\"type\":\"integration\",");
	generate_member(out, "service", service->name);
	if (!g->storm && generate_chance(g, g->crowd ? 95 : 45)) {
		us_buf_puts(out, ",");
		generate_member(out, "accessType", generate_access(g, service));
	} else if (generate_chance(g, 20)) {
		us_buf_printf(out, ",\"accessType\":%s",
		    generate_chance(g, 50) ? "\"any\"" : "null");
	}
	if (generate_chance(g, g->crowd ? 95 : 60))
		put_filters(g, service, out);
	else if (generate_chance(g, 20))
		us_buf_puts(out, ",\"filters\":null");
	us_buf_puts(out, "}");
}

/* --- Approvals --------------------------------------------------------- */

static void
put_options(struct generate *g, struct us_buf *out)
{
	static const char *const names[] = {"allowOneParty", "requireReason",
	    "requireDuration", "requirePreapproval", "breakGlassApprover"};
	bool first = true;

	if (generate_chance(g, 40)) {
		us_buf_puts(
		    out, generate_chance(g, 80) ? "" : ",\"options\":null");
		return;
	}
	us_buf_puts(out, ",\"options\":{");
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!generate_chance(g, 40))
			continue;
		us_buf_printf(out, "%s\"%s\":%s", first ? "" : ",", names[i],
		    generate_chance(g, 75) ? "true" : "false");
		first = false;
	}
	us_buf_puts(out, "}");
}

static void
put_human(struct generate *g, struct us_buf *out)
{
	switch (generate_below(g, 4)) {
	case 0:
		us_buf_puts(out, "{\"type\":\"group\",");
		if (generate_chance(g, 15))
			generate_flat(g, out);
		else
			generate_groups(g, out);
		break;
	case 1:
		us_buf_printf(out,
		    "{\"type\":\"requestor-profile\",\"directory\":\"%s\"",
		    PICK(g, words_directories));
		if (generate_chance(g, 50))
			us_buf_printf(out, ",\"profileProperty\":\"%s\"",
			    PICK(g, words_properties));
		break;
	case 2:
		us_buf_printf(out,
		    "{\"type\":\"escalation\",\"integration\":\"%s\","
		    "\"services\":[\"%s\",\"%s\"]",
		    PICK(g, words_integrations), PICK(g, words_ids),
		    PICK(g, words_ids));
		break;
	default:
		us_buf_puts(out, "{\"type\":\"p0\"");
	}
}

static void
put_alternative(struct generate *g, struct us_buf *out)
{
	uint32_t fate = generate_below(g, 100);

	if (fate < 5) {
		us_buf_puts(out, generate_chance(g, 50)
				     ? "{\"type\":\"deny\"}"
				     : "{\"type\":\"deny\",\"options\":{}}");
		return;
	}
	if (fate < 13)
		us_buf_puts(out, "{\"type\":\"persistent\"");
	else if (fate < 33)
		us_buf_printf(out, "{\"type\":\"auto\",\"integration\":\"%s\"",
		    PICK(g, words_integrations));
	else
		put_human(g, out);
	put_options(g, out);
	us_buf_puts(out, "}");
}

static void
put_approval(struct generate *g, struct us_buf *out)
{
	unsigned n = generate_chance(g, 10) ? 0 : 1 + generate_below(g, 3);

	us_buf_puts(out, "[");
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			us_buf_puts(out, ",");
		put_alternative(g, out);
	}
	us_buf_puts(out, "]");
}

/* --- Workflows --------------------------------------------------------- */

static void
make_rule(struct generate *g, struct generate_rule *rule, unsigned i)
{
	struct us_buf buf = {0};

	*rule = (struct generate_rule){.origin = i};
	snprintf(rule->name, sizeof(rule->name), "r%u", i);
	rule->disabled = generate_chance(g, 8);
	generate_requestor(g, rule, &buf);
	rule->requestor = generate_taken(&buf);
	put_resource(g, &buf);
	rule->resource = generate_taken(&buf);
	put_approval(g, &buf);
	rule->approval = generate_taken(&buf);
	us_buf_free(&buf);
}

static void
put_preapproval(struct generate *g, unsigned i, struct us_buf *out)
{
	struct generate_rule unused = {0};
	size_t mark;

	us_buf_printf(out, "%s{\"name\":\"p%u\",\"disabled\":%s,\"requestor\":",
	    i > 0 ? "," : "", i, generate_chance(g, 15) ? "true" : "false");
	mark = out->n;
	do { /* a pre-approval has no `some` */
		out->n = mark;
		generate_requestor(g, &unused, out);
		for (unsigned k = 0; k < unused.groups; k++)
			free(unused.group[k]);
		unused.groups = 0;
	} while (strstr(out->p + mark, "\"some\""));
	us_buf_puts(out, ",\"resource\":");
	put_resource(g, out);
	if (generate_chance(g, 60))
		us_buf_puts(out, ",\"from\":\"2026-01-02T00:00:00Z\"");
	us_buf_puts(out, ",\"until\":\"2026-01-04T00:00:00Z\"}");
}

void
generate_workflow(struct generate *g, struct generate_workflow *w)
{
	struct us_buf buf = {0};
	unsigned preapprovals = generate_below(g, 3);

	g->theme =
	    generate_below(g, sizeof(words_services) / sizeof(*words_services));
	g->storm = g->workflows % STORM == 0;
	g->crowd = !g->storm && g->workflows % CROWD == 0;
	g->many_groups = g->workflows % MANY_GROUPS == 1;
	g->workflows++;
	w->n = 1 + generate_below(g, 10);
	if (g->storm || generate_below(g, 20) == 0)
		w->n = 10 + generate_below(g, 30);
	if (g->crowd) {
		generate_crowd_begin(g);
		w->n = 60 + generate_below(g, 40);
	}
	if (g->workflows % MANY_RULES == 2)
		w->n = 64 * 64 + generate_below(g, 800);
	for (unsigned i = 0; i < w->n; i++)
		make_rule(g, &w->rules[i], i);
	us_buf_puts(&buf, words_custom);
	us_buf_puts(&buf, ",\"preapprovals\":[");
	for (unsigned i = 0; i < preapprovals; i++)
		put_preapproval(g, i, &buf);
	us_buf_puts(&buf, "]");
	w->rest = generate_taken(&buf);
	us_buf_free(&buf);
}

void
generate_workflow_free(struct generate_workflow *w)
{
	for (unsigned i = 0; i < w->n; i++) {
		free(w->rules[i].requestor);
		free(w->rules[i].resource);
		free(w->rules[i].approval);
		for (unsigned k = 0; k < w->rules[i].groups; k++)
			free(w->rules[i].group[k]);
	}
	free(w->rest);
}

void
generate_workflow_json(const struct generate_workflow *w, struct us_buf *out)
{
	us_buf_puts(out, "{\"rules\":[");
	for (unsigned i = 0; i < w->n; i++) {
		const struct generate_rule *rule = &w->rules[i];

		us_buf_printf(out,
		    "%s{\"name\":\"%s\",\"disabled\":%s,\"requestor\":%s,"
		    "\"resource\":%s,\"approval\":%s}",
		    i > 0 ? "," : "", rule->name,
		    rule->disabled ? "true"
		    : i % 3	   ? "false"
				   : "null",
		    rule->requestor, rule->resource, rule->approval);
	}
	us_buf_printf(out, "],%s}", w->rest);
}
