/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of Google Cloud. What can be said in several ways there (a host in
 * capitals, a bucket by its project, %-escapes, numbers of projects) is said
 * here in one, or refused: else a deny of one spelling would let another pass.
 */
#include <ctype.h>

#include "daemon/item_parts.h"

static bool
starts(struct us_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool
us_next_part(struct us_str *rest, struct us_str *part)
{
	const char *slash = rest->n ? memchr(rest->p, '/', rest->n) : NULL;
	size_t n = slash ? (size_t)(slash - rest->p) : rest->n;

	if (!rest->p)
		return false;
	*part = (struct us_str){rest->p, n};
	*rest = slash ? (struct us_str){slash + 1, rest->n - n - 1}
		      : (struct us_str){0};
	return true;
}

/* No part is empty, none is ".", "..", and nothing is escaped. */
static bool
is_path(struct us_str path)
{
	struct us_str rest = path, part;

	while (us_next_part(&rest, &part)) {
		if (!part.n || us_str_is(part, ".") || us_str_is(part, ".."))
			return false;
		for (size_t i = 0; i < part.n; i++) {
			if (strchr("%?#\\", part.p[i]))
				return false;
		}
	}
	return path.n > 0;
}

/* A project has an id, which begins with a letter, and a number. */
static bool
check_project(struct us_spelling *s, struct us_str path)
{
	struct us_str part;

	if (!starts(path, "projects/") || s->listed)
		return true;
	path = (struct us_str){path.p + 9, path.n - 9};
	if (!us_next_part(&path, &part) || part.p[0] < '0' || part.p[0] > '9')
		return true;
	return us_spelling_error(s,
	    "%.*s names the project by its number \"%.*s\"; name it by its "
	    "id",
	    US_ARG(s->by), US_ARG(part));
}

/* --- Roles -------------------------------------------------------------- */

/* roles/R, projects/P/roles/R, organizations/O/roles/R */
static bool
is_role(struct us_str path)
{
	struct us_str part[5] = {{0}};
	unsigned n = 0;

	if (!is_path(path))
		return false;
	while (n < 5 && us_next_part(&path, &part[n]))
		n++;
	return (n == 2 && us_str_is(part[0], "roles")) ||
	       (n == 4 && us_str_is(part[2], "roles") &&
		   (us_str_is(part[0], "projects") ||
		       us_str_is(part[0], "organizations")));
}

/* "viewer" is "roles/viewer". */
bool
us_form_GCLOUD_ROLE(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str role = text;

	if (!memchr(text.p, '/', text.n))
		role =
		    us_str(us_arena_printf(s->a, "roles/%.*s", US_ARG(text)));
	if (!is_role(role))
		return us_spelling_error(s,
		    "\"%.*s\" is no role of Google Cloud; expected one like "
		    "roles/viewer or projects/PROJECT/roles/ROLE",
		    US_ARG(text));
	if (!check_project(s, role))
		return false;
	s->main = role;
	return us_spell_set(s, sets, role);
}

/* --- Full resource names ------------------------------------------------ */

/* "serviceAccounts" to "serviceaccount", "policies" to "policy". */
static struct us_str
singular(struct us_arena *a, struct us_str word)
{
	struct us_str one = us_arena_str(a, word);
	char *p = (char *)one.p;

	for (size_t i = 0; i < one.n; i++)
		p[i] = (char)tolower((unsigned char)p[i]);
	if (one.n > 3 && memcmp(p + one.n - 3, "ies", 3) == 0) {
		p[one.n - 3] = 'y';
		one.n -= 2;
	} else if (one.n > 1 && p[one.n - 1] == 's') {
		one.n--;
	}
	return one;
}

struct frn {
	struct us_str host, path, type, name;
};

static bool
frn_error(struct us_spelling *s, struct us_str text, const char *expected)
{
	return us_spelling_error(s,
	    "\"%.*s\" is no full resource name; expected %s", US_ARG(text),
	    expected);
}

/* //HOST/PATH */
static bool
split_frn(struct us_spelling *s, struct us_str text, struct frn *frn)
{
	static const char end[] = ".googleapis.com";
	struct us_str rest = {text.p + 2, text.n - 2};
	size_t n = sizeof(end) - 1;

	if (!starts(text, "//") || !us_next_part(&rest, &frn->host))
		rest = (struct us_str){0};
	frn->host = us_text_lower(s->a, frn->host);
	frn->path = rest;
	if (frn->host.n <= n ||
	    memcmp(frn->host.p + frn->host.n - n, end, n) != 0 ||
	    us_str_is(frn->host, "www.googleapis.com"))
		return frn_error(s, text,
		    "//SERVICE.googleapis.com/..., like "
		    "//storage.googleapis.com/invoices");
	return is_path(frn->path) ||
	       frn_error(s, text,
		   "a collection and a name at its end, like "
		   ".../datasets/invoices, no empty part, and none of % ? # "
		   "\\");
}

/* BUCKET or BUCKET/objects/NAME; of a project's bucket too. */
static bool
read_bucket(struct us_spelling *s, struct us_str text, struct frn *frn)
{
	struct us_str rest = frn->path, part[4] = {{0}};
	unsigned n = 0;

	while (n < 4 && us_next_part(&rest, &part[n]))
		n++;
	if (n == 4 && us_str_is(part[0], "projects") &&
	    us_str_is(part[2], "buckets"))
		frn->path = (struct us_str){
		    part[3].p, frn->path.n - (size_t)(part[3].p - frn->path.p)};
	rest = frn->path;
	us_next_part(&rest, &frn->name);
	frn->type = US_STR("bucket");
	if (!rest.p)
		return true;
	if (!starts(rest, "objects/"))
		return frn_error(s, text,
		    "//storage.googleapis.com/BUCKET or "
		    "//storage.googleapis.com/BUCKET/objects/NAME");
	frn->type = US_STR("object");
	frn->name = (struct us_str){rest.p + 8, rest.n - 8};
	return true;
}

/* Collections and names in turn. */
static bool
read_path(struct us_spelling *s, struct us_str text, struct frn *frn)
{
	struct us_str rest = frn->path, collection;

	while (us_next_part(&rest, &collection)) {
		if (!us_next_part(&rest, &frn->name) ||
		    !islower((unsigned char)collection.p[0]))
			return frn_error(s, text,
			    "a collection and a name at its end, "
			    "like .../datasets/invoices");
		frn->type = singular(s->a, collection);
	}
	return check_project(s, frn->path);
}

bool
us_form_FRN(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str form;
	struct frn frn = {0};

	if (!split_frn(s, text, &frn))
		return false;
	if (us_str_is(frn.host, "storage.googleapis.com")
		? !read_bucket(s, text, &frn)
		: !read_path(s, text, &frn))
		return false;
	form = us_str(us_arena_printf(
	    s->a, "//%.*s/%.*s", US_ARG(frn.host), US_ARG(frn.path)));
	if (!s->option)
		s->main = form;
	return us_spell(
		   s, sets, "full-resource-name", s->listed ? text : form) &&
	       us_spell(s, sets, "type", frn.type) &&
	       us_spell(s, sets, "name", frn.name);
}
