/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are the provisioners and notifiers of an organisation right? What is wrong
 * would show only when access is to be put in place, and be found out then by
 * somebody who waits for it: so it is said before anything starts.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/conf_row.h"
#include "daemon/provision.h"

#define NAME_MAX_LENGTH 64

/* What a message is about. */
struct subject {
	const char *org, *kind, *name; /* kind: "provisioner" */
};

static bool
complain(const struct subject *s, const char *text)
{
	return us_conf_complain("organisation \"%s\": %s \"%s\": %s", s->org,
	    s->kind, s->name, text);
}

/* The same with a value that is no good. */
static bool
complain_of(const struct subject *s, const char *value, const char *text)
{
	return us_conf_complain("organisation \"%s\": %s \"%s\": \"%s\" %s",
	    s->org, s->kind, s->name, value, text);
}

static bool
name_is_right(const struct subject *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t n = strlen(s->name);

	if (n && n <= NAME_MAX_LENGTH && strspn(s->name, allowed) == n)
		return true;
	return complain(s, "a name is up to 64 letters, digits, \"_\", \"-\" "
			   "and \".\"");
}

static bool
url_is_right(const struct subject *s, const char *url)
{
	if (!url)
		return complain(s, "a webhook needs a url");
	if (strncmp(url, "http://", 7) == 0 && url[7])
		return true;
	if (strncmp(url, "https://", 8) == 0 && url[8])
		return true;
	return complain_of(s, url, "does not begin with http:// or https://");
}

static bool
command_is_right(const struct subject *s, const char *command)
{
	struct stat st;

	if (!command)
		return complain(s, "exec needs a command");
	if (*command != '/')
		return complain_of(s, command,
		    "is no absolute path; a command begins with \"/\"");
	if (stat(command, &st) != 0)
		return us_conf_complain("organisation \"%s\": %s \"%s\": "
					"cannot find \"%s\": %s",
		    s->org, s->kind, s->name, command, strerror(errno));
	if (!S_ISREG(st.st_mode) || access(command, X_OK) != 0)
		return complain_of(
		    s, command, "is no program that can be run; chmod +x it");
	return true;
}

/* --- Provisioners ------------------------------------------------------- */

/* Each type has what it needs, and nothing that it would not look at. */
static bool
has_its_members(const struct subject *s, const struct us_conf_provisioner *p)
{
	bool exec = strcmp(p->type, "exec") == 0;
	bool webhook = strcmp(p->type, "webhook") == 0;

	if (p->command && !exec)
		return complain_of(s, p->type, "has no command; exec has");
	if (p->url && !webhook)
		return complain_of(s, p->type, "has no url; webhook has");
	if (exec)
		return command_is_right(s, p->command);
	return !webhook || url_is_right(s, p->url);
}

/* The first provisioner before p, or p itself further on, has the service. */
static const char *
other_with(const struct us_conf_org *org, const struct us_conf_provisioner *p,
    unsigned i)
{
	for (const struct us_conf_provisioner *q = org->provisioners; q <= p;
	     q++) {
		unsigned n = q == p ? i : q->service_count;

		for (unsigned k = 0; k < n; k++) {
			if (strcmp(q->services[k], p->services[i]) == 0)
				return q->name;
		}
	}
	return NULL;
}

static bool
services_are_right(const struct subject *s, const struct us_conf_org *org,
    const struct us_conf_provisioner *p)
{
	bool right = true;

	if (!p->service_count)
		return complain(s, "it has no services; name some, like "
				   "services = {\"aws\"}, or give {\"*\"} for "
				   "all that no other has");
	for (unsigned i = 0; i < p->service_count; i++) {
		const char *other = other_with(org, p, i);

		if (other)
			right = us_conf_complain(
			    "organisation \"%s\": provisioner \"%s\": service "
			    "\"%s\" is named twice, by \"%s\" before",
			    s->org, s->name, p->services[i], other);
	}
	return right;
}

static bool
provisioner_is_right(
    const struct us_conf_org *org, const struct us_conf_provisioner *p)
{
	const struct subject s = {org->name, "provisioner", p->name};

	if (!name_is_right(&s))
		return false;
	if (!p->type)
		return complain(&s, "it has no type; there are manual, exec, "
				    "webhook and none");
	if (!us_provisioner_find(p->type))
		return complain_of(&s, p->type,
		    "is no type; there are manual, exec, webhook and none");
	if (strcmp(p->name, "manual") == 0 && strcmp(p->type, "manual") != 0)
		return complain(&s, "this name is that of what people do by "
				    "hand; choose another");
	return has_its_members(&s, p) && services_are_right(&s, org, p);
}

/* --- Notifiers ---------------------------------------------------------- */

static bool
notifier_is_right(
    const struct us_conf_org *org, const struct us_conf_notifier *n)
{
	const struct subject s = {org->name, "notifier", n->name};

	if (!name_is_right(&s))
		return false;
	if (strcmp(n->name, "log") == 0)
		return complain(&s, "the log is always told, under this name; "
				    "choose another");
	if (!n->type)
		return complain(&s, "it has no type; there is webhook");
	if (strcmp(n->type, "webhook") != 0)
		return complain_of(&s, n->type, "is no type; there is webhook");
	return url_is_right(&s, n->url);
}

bool
us_conf_effects_right(const struct us_conf_org *org)
{
	bool right = true;

	for (unsigned i = 0; i < org->provisioner_count; i++)
		right =
		    provisioner_is_right(org, &org->provisioners[i]) && right;
	for (unsigned i = 0; i < org->notifier_count; i++)
		right = notifier_is_right(org, &org->notifiers[i]) && right;
	return right;
}
