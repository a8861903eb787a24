/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which provisioner there is for what, and what all of them do with what the
 * other side says. "none" has nothing to do: its users ask usherd.
 */
#include <json-c/json.h>

#include "daemon/provision.h"
#include "engine/json.h"

#define ERROR_MAX 500 /* bytes */

static const struct us_provisioner provisioners[] = {
#define US_PROVISIONER(name, function, help) {name, function, help},
#include "daemon/provisioner.def"
};

const struct us_provisioner *
us_provisioner_find(const char *type)
{
	const size_t n = sizeof(provisioners) / sizeof(provisioners[0]);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(provisioners[i].type, type) == 0)
			return &provisioners[i];
	}
	return NULL;
}

const char *
us_verb_name(enum us_verb verb)
{
	static const char *const names[] = {
	    [US_VERB_GRANT] = "grant",
	    [US_VERB_REVOKE] = "revoke",
	    [US_VERB_CHECK] = "check",
	};

	return names[verb];
}

/* --- Which one ---------------------------------------------------------- */

/* What no provisioner of the configuration does, people do. */
static const struct us_conf_provisioner by_hand = {
    .name = "manual",
    .type = "manual",
    .timeout_seconds = 30,
    .parallel = 1,
};

static bool
has_service(const struct us_conf_provisioner *p, struct us_str service)
{
	for (unsigned i = 0; i < p->service_count; i++) {
		if (us_str_is(service, p->services[i]))
			return true;
	}
	return false;
}

/* The one that is named comes before the one for all others. */
const struct us_conf_provisioner *
us_provisioner_for(const struct us_conf_org *conf, struct us_str service)
{
	const struct us_conf_provisioner *found = &by_hand;

	for (unsigned i = 0; i < conf->provisioner_count; i++) {
		const struct us_conf_provisioner *p = &conf->provisioners[i];

		if (has_service(p, service))
			return p;
		if (has_service(p, US_STR("*")))
			found = p;
	}
	return found;
}

const struct us_conf_provisioner *
us_provisioner_named(const struct us_conf_org *conf, struct us_str name)
{
	for (unsigned i = 0; i < conf->provisioner_count; i++) {
		if (us_str_is(name, conf->provisioners[i].name))
			return &conf->provisioners[i];
	}
	return us_str_is(name, by_hand.name) ? &by_hand : NULL;
}

const struct us_conf_provisioner *
us_provisioner_of(
    const struct us_conf_org *conf, const struct us_effect_record *effect)
{
	const struct us_conf_provisioner *p =
	    us_provisioner_named(conf, effect->provisioner);

	return p && us_str_is(effect->type, p->type) ? p : NULL;
}

/* --- What the other side says ------------------------------------------- */

/* The first line that says something. */
static struct us_str
first_line(struct us_str text)
{
	struct us_str line = {text.p, 0};

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\n')
			continue;
		line.n = (size_t)(text.p + i - line.p);
		if (!us_str_is_blank(line))
			return line;
		line.p = text.p + i + 1;
	}
	line.n = (size_t)(text.p + text.n - line.p);
	return line;
}

/* It goes to terminals and logs: UTF-8 without control characters. */
void
us_provision_error(struct us_provision *p, struct us_str text)
{
	struct us_str line = first_line(text);
	size_t n = line.n < ERROR_MAX ? line.n : ERROR_MAX;

	us_buf_reset(&p->error);
	/* Malformed bytes one by one, each a question mark. */
	while (n) {
		size_t good = us_utf8_bad(line.p, n);

		for (size_t i = 0; i < good; i++) {
			unsigned char c = (unsigned char)line.p[i];

			us_buf_putc(
			    &p->error, c < 0x20 || c == 0x7f ? ' ' : (char)c);
		}
		if (good == n)
			break;
		us_buf_putc(&p->error, '?');
		line.p += good + 1;
		n -= good + 1;
	}
}

void
us_provision_generated(struct us_provision *p, struct us_str json)
{
	struct us_diags diags = {0};
	struct us_json_value value;
	struct us_src *src;

	us_buf_reset(&p->generated);
	if (us_str_is_blank(json))
		return;
	src = us_src_new("generated", json, US_FORMAT_JSON);
	if (us_json_parse(src, &diags, &value) &&
	    value.kind == US_JSON_OBJECT)
		us_json_print(src, value, &p->generated);
	us_diags_free(&diags);
	us_src_free(src);
}

/* --- Nothing to do ------------------------------------------------------ */

enum us_work_result
us_provision_none(struct us_provision *p)
{
	(void)p;
	return US_WORK_DONE;
}
