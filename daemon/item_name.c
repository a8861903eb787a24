/* SPDX-License-Identifier: Apache-2.0 */
/* The names of AWS and of Azure: what an ARN, and what an id, says. */
#include <ctype.h>

#include "daemon/item_parts.h"

#define ACCOUNT_DIGITS 12

static bool
starts(struct us_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

static bool
is_account(struct us_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n == ACCOUNT_DIGITS;
}

/* What is behind the last '/' or ':'. */
static struct us_str
last_part(struct us_str s)
{
	size_t i = s.n;

	while (i && s.p[i - 1] != '/' && s.p[i - 1] != ':')
		i--;
	return (struct us_str){s.p + i, s.n - i};
}

/* arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE */
struct arn {
	struct us_str partition, service, region, account, resource;
};

static bool
split_arn(struct us_str text, struct arn *arn)
{
	struct us_str *const parts[] = {
	    &arn->partition, &arn->service, &arn->region, &arn->account};
	struct us_str rest = {text.p + 4, text.n - 4};
	const char *colon;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		colon = rest.n ? memchr(rest.p, ':', rest.n) : NULL;
		if (!colon)
			return false;
		*parts[i] = (struct us_str){rest.p, (size_t)(colon - rest.p)};
		rest.n -= parts[i]->n + 1;
		rest.p = colon + 1;
	}
	arn->resource = rest;
	return true;
}

/* Words of an ARN have no capitals; those of its resource may. */
static bool
is_word(struct us_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!islower(c) && !isdigit(c) && c != '-')
			return false;
	}
	return true;
}

/* arn:aws:s3:REGION:ACCOUNT:BUCKET would be a second name of a bucket. */
static bool
is_bucket(const struct arn *arn)
{
	return us_str_is(arn->service, "s3") &&
	       !starts(arn->resource, "accesspoint") &&
	       !starts(arn->resource, "job/") &&
	       !starts(arn->resource, "storage-lens") &&
	       !starts(arn->resource, "access-grants/");
}

static bool
read_arn(struct us_spelling *s, struct us_str text, struct arn *arn)
{
	if (!starts(text, "arn:") || !split_arn(text, arn) || !arn->service.n ||
	    !last_part(arn->resource).n || !is_word(arn->service) ||
	    !is_word(arn->region) ||
	    (is_bucket(arn) && (arn->region.n || arn->account.n)))
		return us_spelling_error(s,
		    "\"%.*s\" is no ARN; expected "
		    "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, like "
		    "arn:aws:iam::123456789012:role/Deploy",
		    US_ARG(text));
	if (!us_str_is(arn->partition, "aws") &&
	    !starts(arn->partition, "aws-"))
		return us_spelling_error(s,
		    "the ARN \"%.*s\" is of the partition \"%.*s\"; expected "
		    "aws, aws-cn, aws-us-gov or the like",
		    US_ARG(text), US_ARG(arn->partition));
	/* What AWS itself has made is in the account "aws". */
	if (arn->account.n && !us_str_is(arn->account, "aws") &&
	    !is_account(arn->account))
		return us_spelling_error(s,
		    "the ARN \"%.*s\" is of the account \"%.*s\"; expected %d "
		    "digits",
		    US_ARG(text), US_ARG(arn->account), ACCOUNT_DIGITS);
	return true;
}

static bool
spell_account(struct us_spelling *s, const struct arn *arn)
{
	return !is_account(arn->account) ||
	       us_spell(s, US_STR("account"), "id", arn->account);
}

bool
us_form_AWS_ACCOUNT(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	(void)sets;
	if (!is_account(text))
		return us_spelling_error(s,
		    "\"%.*s\" is no AWS account; expected its id of %d digits",
		    US_ARG(text), ACCOUNT_DIGITS);
	return us_spell(s, US_STR("account"), "id", text);
}

/* How the resource of an ARN begins for each of these. */
static const struct kind {
	const char *sets, *service, *prefix;
} kinds[] = {
    {"role", "iam", "role/"},
    {"group", "iam", "group/"},
    {"permission-set", "sso", "permissionSet/"},
    {"policy.arn", "iam", "policy/"},
};

static bool
check_kind(struct us_spelling *s, struct us_str text, const struct arn *arn,
    struct us_str sets)
{
	const struct kind *kind = kinds;

	while (!us_str_is(sets, kind->sets))
		kind++;
	if (us_str_is(arn->service, kind->service) &&
	    starts(arn->resource, kind->prefix))
		return true;
	return us_spelling_error(s,
	    "the ARN \"%.*s\" names something else; expected one like "
	    "arn:aws:%s:...:%s...",
	    US_ARG(text), kind->service, kind->prefix);
}

/* A name is one, whatever the case of its letters, for the inventory. */
static bool
spell_aws_name(struct us_spelling *s, struct us_str name, struct us_str sets)
{
	s->main = name;
	s->name = us_text_lower(s->a, name);
	return us_spell(s, sets, "name", name);
}

static bool
read_aws_arn(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str unknown = {0}, name;
	struct arn arn;

	if (!read_arn(s, text, &arn) || !check_kind(s, text, &arn, sets) ||
	    !spell_account(s, &arn))
		return false;
	/* That of a permission set ends with an id, which is not its name. */
	if (us_str_is(sets, "permission-set")) {
		s->main = text;
		return us_spell(s, sets, "arn", text) &&
		       us_spell(s, sets, "name", unknown);
	}
	name = last_part(arn.resource);
	if (memchr(arn.resource.p, ':', arn.resource.n))
		return us_spelling_error(
		    s, "the ARN \"%.*s\" has a : in its name", US_ARG(text));
	s->arn = text;
	if (!spell_aws_name(s, name, sets))
		return false;
	if (!us_str_is(arn.partition, "aws") ||
	    arn.resource.n != sets.n + 1 + name.n)
		s->main = text;
	return us_str_is(sets, "group") || us_spell(s, sets, "arn", text);
}

/*
 * Roles and groups have one name in an account; so the name, and the account
 * beside it, say which one. An ARN with a path is another thing than the name
 * alone: AWS knows at most one of them, and which, only the inventory can
 * tell. Who asks by name does not say what the ARN is.
 */
bool
us_form_AWS_NAME(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str unknown = {0};

	if (starts(text, "arn:"))
		return read_aws_arn(s, text, sets);
	if (last_part(text).n < text.n)
		return us_spelling_error(s,
		    "\"%.*s\" is no name in AWS, for it has a / or a :; "
		    "expected a name alone, or an ARN",
		    US_ARG(text));
	return spell_aws_name(s, text, sets) &&
	       (us_str_is(sets, "group") || us_spell(s, sets, "arn", unknown));
}

bool
us_form_AWS_POLICY(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct arn arn;

	s->main = text;
	return read_arn(s, text, &arn) && check_kind(s, text, &arn, sets) &&
	       spell_account(s, &arn) &&
	       us_spell(s, US_STR("policy"), "arn", text);
}

bool
us_form_AWS_RESOURCE(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct arn arn;

	s->main = text;
	return read_arn(s, text, &arn) && spell_account(s, &arn) &&
	       us_spell(s, sets, "arn", text) &&
	       us_spell(s, sets, "service", arn.service) &&
	       us_spell(s, sets, "name", last_part(arn.resource));
}

/* --- Azure -------------------------------------------------------------- */

/* 8-4-4-4-12 hexadecimal digits. */
static bool
is_guid(struct us_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s.p[i] != '-' : !isxdigit((unsigned char)s.p[i]))
			return false;
	}
	return s.n == 36;
}

/* What it has in itself is said as it is by the inventory only. */
static bool
spell_subscription(struct us_spelling *s, struct us_str text)
{
	return us_spell(s, US_STR("subscription"), "id",
	    s->listed ? text : us_text_lower(s->a, text));
}

bool
us_form_AZURE_SUBSCRIPTION(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	(void)sets;
	if (memchr(text.p, '/', text.n))
		return us_spelling_error(s,
		    "\"%.*s\" is no subscription, for it has a /; expected "
		    "its id alone",
		    US_ARG(text));
	return us_spelling_folds(s, text) && spell_subscription(s, text);
}

static bool
is_azure_part(struct us_str part)
{
	for (size_t i = 0; i < part.n; i++) {
		if (strchr("%?#\\", part.p[i]))
			return false;
	}
	return part.n && !us_str_is(part, ".") && !us_str_is(part, "..");
}

/*
 * Ids of Azure compare without regard to case. Their one form here: the words
 * that all have as they are usually written, and the rest in lower case.
 */
static struct us_str
id_form(struct us_arena *a, struct us_str text)
{
	static const char *const words[] = {
	    "subscriptions", "resourceGroups", "providers"};
	struct us_str form = us_text_lower(a, text), rest = form, part;

	rest.p++;
	rest.n--;
	while (us_next_part(&rest, &part)) {
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
			if (us_str_eq_nocase(part, us_str(words[i])))
				memcpy((char *)part.p, words[i], part.n);
		}
		us_next_part(&rest, &part);
	}
	return form;
}

/* Is it an id, /a/b/c/d without empty parts? Its subscription is said. */
static bool
read_id(struct us_spelling *s, struct us_str text)
{
	struct us_str rest = {text.p + 1, text.n - 1}, name, value, first = {0};
	bool good = text.n > 1 && text.p[0] == '/', subscription = false;

	while (good && us_next_part(&rest, &name)) {
		good = us_next_part(&rest, &value) && is_azure_part(name) &&
		       is_azure_part(value);
		if (good && !first.p) {
			first = value;
			subscription =
			    us_str_eq_nocase(name, US_STR("subscriptions"));
		}
	}
	if (!good)
		return us_spelling_error(s,
		    "\"%.*s\" is no id of Azure; expected names and values in "
		    "turn, like /subscriptions/ID/resourceGroups/NAME, and "
		    "none of %% ? # \\",
		    US_ARG(text));
	return us_spelling_folds(s, text) &&
	       (!subscription || spell_subscription(s, first));
}

bool
us_form_AZURE_RESOURCE(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str form;

	if (!read_id(s, text))
		return false;
	form = id_form(s->a, text);
	if (!s->option)
		s->main = form;
	if (s->listed)
		form = text;
	return us_spell(s, sets, "id", form) &&
	       us_spell(s, sets, "name", last_part(form));
}

/*
 * The id of a role ends with what is unique in a directory, which alone is
 * enough, wherever it was seen. It says nothing of the name.
 */
static bool
read_role_id(struct us_spelling *s, struct us_str text, struct us_str sets)
{
	static const char provider[] =
	    "/providers/Microsoft.Authorization/roleDefinitions/";
	struct us_str head = {0}, id = last_part(text), unknown = {0}, form;
	size_t n = sizeof(provider) - 1;

	if (text.p[0] == '/' && !read_id(s, text))
		return false;
	if (text.n > id.n + n)
		head = (struct us_str){text.p + text.n - id.n - n, n};
	else if (text.p[0] == '/')
		head = (struct us_str){text.p, text.n - id.n};
	if (!is_guid(id) ||
	    (head.p && !us_str_eq_nocase(head, us_str(provider))))
		return us_spelling_error(s,
		    "\"%.*s\" is no id of a role in Azure; expected one like "
		    "%sGUID, or the GUID alone",
		    US_ARG(text), provider);
	id = us_text_lower(s->a, id);
	if (!s->option)
		s->main = id;
	s->nocase = true;
	form = us_str(us_arena_printf(s->a, "%s%.*s", provider, US_ARG(id)));
	return us_spell(s, sets, "id", s->listed ? text : form) &&
	       us_spell(s, sets, "name", unknown);
}

bool
us_form_AZURE_ROLE(
    struct us_spelling *s, struct us_str text, struct us_str sets)
{
	struct us_str unknown = {0}, form;

	if (text.p[0] == '/' || is_guid(text))
		return read_role_id(s, text, sets);
	if (memchr(text.p, '/', text.n))
		return us_spelling_error(s,
		    "\"%.*s\" is no name of a role, for it has a /; its id "
		    "begins with one",
		    US_ARG(text));
	if (!us_spelling_folds(s, text))
		return false;
	form = us_text_title(s->a, text);
	if (!s->option)
		s->main = form;
	return us_spell(s, sets, "name", s->listed ? text : form) &&
	       us_spell(s, sets, "id", unknown);
}
