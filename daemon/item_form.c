/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the texts that name an item are read: plain ones, those of directories
 * and databases, of ssh and Kubernetes. What is said twice must be the same.
 */
#include <ctype.h>

#include "daemon/item_parts.h"

bool
us_spelling_error(struct us_spelling *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	s->error = us_arena_vprintf(s->a, fmt, ap);
	va_end(ap);
	return false;
}

const struct us_spelled *
us_spelled_find(
    const struct us_spelling *s, struct us_str filter, struct us_str key)
{
	const struct us_spelled *said;

	US_EACH (said, &s->said) {
		if (us_str_eq(said->filter, filter) &&
		    us_str_eq(said->key, key))
			return said;
	}
	return NULL;
}

static bool
is_same(const struct us_spelled *old, struct us_str value)
{
	return old->nocase ? us_str_eq_nocase(old->value, value)
			   : us_str_eq(old->value, value);
}

bool
us_spell(struct us_spelling *s, struct us_str filter, const char *key,
    struct us_str value)
{
	const struct us_spelled *old = us_spelled_find(s, filter, us_str(key));
	struct us_spelled *said;

	if (old && old->value.p && value.p && !is_same(old, value)) {
		s->clash = true;
		return us_spelling_error(s,
		    "%.*s says that the %.*s %s is \"%.*s\", and %.*s says "
		    "\"%.*s\"; they have to be the same",
		    US_ARG(old->by), US_ARG(filter), key, US_ARG(old->value),
		    US_ARG(s->by), US_ARG(value));
	}
	if (old && (!value.p || (old->value.p && !s->listed)))
		return true;
	said = old ? (struct us_spelled *)old : us_list_add(s->a, &s->said);
	*said = (struct us_spelled){
	    filter, us_str(key), value, s->by, s->option, s->nocase};
	return true;
}

bool
us_spell_set(struct us_spelling *s, struct us_str sets, struct us_str value)
{
	struct us_str filter, key;

	us_item_split(sets, &filter, &key);
	return us_spell(s, filter, key.p, value);
}

bool
us_spell_name(struct us_spelling *s, struct us_str sets, struct us_str text,
    struct us_str form)
{
	if (!s->option)
		s->main = form;
	return us_spell_set(s, sets, s->listed ? text : form);
}

bool
us_form_PLAIN(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	if (!s->option)
		s->main = text;
	return !sets.n || us_spell_set(s, sets, text);
}

/* What is asked for is the text itself; nothing is read out of it. */
bool
us_form_TEXT(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	(void)sets;
	s->main = text;
	return true;
}

bool
us_form_NONE(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	(void)text;
	(void)sets;
	s->main = US_STR("all");
	return true;
}

/* item.c knows what a flag that is there, and one that is not, says. */
bool
us_form_FLAG(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	(void)s;
	(void)text;
	(void)sets;
	return true;
}

/* --- Directories and databases ------------------------------------------ */

bool
us_form_LOWER(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	return us_spelling_folds(s, text) &&
	       us_spell_name(s, sets, text, us_text_lower(s->a, text));
}

bool
us_form_TITLE(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	return us_spelling_folds(s, text) &&
	       us_spell_name(s, sets, text, us_text_title(s->a, text));
}

bool
us_form_EMAIL(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	const char *at = memchr(text.p, '@', text.n);
	size_t n = at ? (size_t)(at - text.p) : 0;

	if (!n || n + 1 == text.n || memchr(at + 1, '@', text.n - n - 1) ||
	    text.p[text.n - 1] == '.' || memchr(text.p, ' ', text.n))
		return us_spelling_error(s,
		    "\"%.*s\" is no e-mail; expected one like "
		    "developers@example.com",
		    US_ARG(text));
	return us_form_LOWER(s, text, sets);
}

/* A name that can stand without quotes, and then has no case. */
static bool
is_identifier(struct us_str s, bool upper)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool digit = (c >= '0' && c <= '9') || c == '$';
		bool letter = c == '_' || (c >= 'A' && c <= 'Z') ||
			      (!upper && c >= 'a' && c <= 'z');

		if (!letter && !(digit && i))
			return false;
	}
	return s.n > 0;
}

/*
 * analyst, ANALYST and "ANALYST" are one; "analyst" in quotes is another, and
 * has them in its name here. What needs quotes is the same without.
 */
bool
us_form_SNOWFLAKE(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str name = text, inner = text;

	if (text.n > 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
		inner = (struct us_str){text.p + 1, text.n - 2};
	if (memchr(inner.p, '"', inner.n))
		return us_spelling_error(s,
		    "the role \"%.*s\" has a quotation mark in its name",
		    US_ARG(text));
	if (inner.p == text.p && is_identifier(text, false)) {
		name = us_arena_str(s->a, text);
		for (size_t i = 0; i < name.n; i++)
			((char *)name.p)[i] =
			    (char)toupper((unsigned char)name.p[i]);
	} else if (is_identifier(inner, true) || !is_identifier(inner, false)) {
		name = inner;
	}
	return us_spell_name(s, sets, text, name);
}

/* --- ssh, Kubernetes ---------------------------------------------------- */

bool
us_form_SSH_PROVIDER(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	static const char *const names[] = {
	    "aws", "azure", "gcloud", "self-hosted"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (us_str_is(text, names[i]))
			return us_spell_set(s, sets, text);
	}
	return us_spelling_error(s,
	    "there is no provider \"%.*s\"; expected aws, azure, gcloud or "
	    "self-hosted",
	    US_ARG(text));
}

/* What kubectl takes in any case, as it is written in manifests. */
static struct us_str
kind_of(struct us_str kind)
{
	static const char *const names[] = {"ClusterRole", "ClusterRoleBinding",
	    "ConfigMap", "CronJob", "DaemonSet", "Deployment", "Endpoints",
	    "Ingress", "Job", "Namespace", "NetworkPolicy", "Node",
	    "PersistentVolume", "PersistentVolumeClaim", "Pod", "ReplicaSet",
	    "Role", "RoleBinding", "Secret", "Service", "ServiceAccount",
	    "StatefulSet", "StorageClass"};

	struct us_str one = kind;

	if (one.n && (one.p[one.n - 1] | 0x20) == 's')
		one.n--;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (us_str_eq_nocase(kind, us_str(names[i])) ||
		    us_str_eq_nocase(one, us_str(names[i])))
			return us_str(names[i]);
	}
	return kind;
}

static struct us_str
trimmed(struct us_str s)
{
	while (s.n && s.p[0] == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* "Kind / namespace / name", however many blanks there are. */
bool
us_form_K8S_LOCATOR(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str rest = text, part[3] = {{0}}, more;
	unsigned n = 0;
	bool good = true;

	while (n < 3 && us_next_part(&rest, &part[n])) {
		part[n] = trimmed(part[n]);
		good = good && part[n].n;
		n++;
	}
	part[0] = kind_of(part[0]);
	/* po is a Pod to kubectl; what a company has of its own is as it is. */
	if (!good || n < 3 || us_next_part(&rest, &more) ||
	    part[0].p[0] < 'A' || part[0].p[0] > 'Z')
		return us_spelling_error(s,
		    "\"%.*s\" is no locator; expected \"Kind / namespace / "
		    "name\", like \"Pod / web / front-1\"",
		    US_ARG(text));
	return us_spell_set(s, sets,
		   us_str(us_arena_printf(s->a, "%.*s / %.*s / %.*s",
		       US_ARG(part[0]), US_ARG(part[1]), US_ARG(part[2])))) &&
	       us_spell(s, US_STR("namespace"), "name", part[1]);
}
