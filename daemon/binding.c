/* SPDX-License-Identifier: Apache-2.0 */
/* Role bindings in the store. */
#include "daemon/binding.h"
#include "engine/check.h"
#include "engine/vocab.h"

static const char *const kind_names[] = {"users", "groups"};

bool
us_binding_kind_find(struct us_str name, enum us_binding_kind *kind)
{
	*kind = US_BINDING_USERS;
	if (us_str_is(name, kind_names[US_BINDING_USERS]))
		return true;
	*kind = US_BINDING_GROUPS;
	return us_str_is(name, kind_names[US_BINDING_GROUPS]);
}

const char *
us_binding_kind_name(enum us_binding_kind kind)
{
	return kind_names[kind];
}

/* s in lower case, as e-mails are filed. */
static void
fold(struct us_str s, char *out)
{
	for (size_t i = 0; i < s.n; i++) {
		bool upper = s.p[i] >= 'A' && s.p[i] <= 'Z';

		out[i] = upper ? (char)(s.p[i] | 0x20) : s.p[i];
	}
}

/* Something on both sides of the first c. */
static bool
has_inside(struct us_str s, char c, size_t *at)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;

	*at = p ? (size_t)(p - s.p) : 0;
	return *at > 0 && *at + 1 < s.n;
}

/* UTF-8 that fits a key and a line. */
static bool
is_text(struct us_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	}
	return s.n <= US_NAME_MAX && us_utf8_bad(s.p, s.n) == s.n;
}

const char *
us_binding_id(enum us_binding_kind kind, struct us_str given,
    struct us_arena *a, struct us_str *id)
{
	const char *canonical;
	char *folded;
	size_t at;

	if (!is_text(given))
		return "at most 255 bytes of UTF-8, without control characters";
	if (kind == US_BINDING_USERS) {
		if (!has_inside(given, '@', &at))
			return "an e-mail";
		folded = us_arena_alloc(a, given.n + 1);
		fold(given, folded);
		*id = (struct us_str){folded, given.n};
		return NULL;
	}
	canonical = has_inside(given, ':', &at)
			? us_directory_known((struct us_str){given.p, at})
			: NULL;
	if (!canonical)
		return "DIRECTORY:ID, like okta:00abc; directories are "
		       "entra-id (azure-ad), okta and workspace";
	*id = us_str(us_arena_printf(
	    a, "%s%.*s", canonical, (int)(given.n - at), given.p + at));
	return NULL;
}

static struct us_key
prefix_of(const struct us_binding *binding)
{
	struct us_key key = {0};

	us_key_text(&key, binding->org);
	us_key_text(&key, us_str(us_role_name(binding->role)));
	us_key_text(&key, us_str(kind_names[binding->kind]));
	return key;
}

/* False when there can be no such binding: its id is too long. */
static bool
key_of(const struct us_binding *binding, struct us_key *key)
{
	char folded[US_NAME_MAX];
	struct us_str id = binding->id;

	if (id.n > sizeof(folded))
		return false;
	if (binding->kind == US_BINDING_USERS) {
		fold(id, folded);
		id.p = folded;
	}
	*key = prefix_of(binding);
	us_key_text(key, id);
	return true;
}

bool
us_binding_get(struct us_txn *txn, const struct us_binding *binding,
    struct us_mark_record *mark)
{
	struct us_mark_record any;
	struct us_key key;
	struct us_str value;

	return key_of(binding, &key) &&
	       us_txn_get(txn, US_TABLE_BINDING, us_key_str(&key), &value) &&
	       us_mark_decode(value, mark ? mark : &any);
}

void
us_binding_put(struct us_txn *txn, const struct us_binding *binding,
    const struct us_mark_record *mark)
{
	struct us_buf value = {0};
	struct us_key key;

	if (!key_of(binding, &key))
		return;
	us_mark_encode(mark, &value);
	us_txn_put(txn, US_TABLE_BINDING, us_key_str(&key), us_buf_str(&value));
	us_buf_free(&value);
}

bool
us_binding_delete(struct us_txn *txn, const struct us_binding *binding)
{
	struct us_key key;

	return key_of(binding, &key) &&
	       us_txn_delete(txn, US_TABLE_BINDING, us_key_str(&key));
}

struct bindings {
	size_t prefix;
	us_scan_each *each;
	void *arg;
};

/* The id is what is behind the prefix, without the NUL that ends it. */
static bool
pass_on(void *arg, struct us_str key, struct us_str value)
{
	const struct bindings *b = arg;

	if (key.n <= b->prefix)
		return true;
	return b->each(b->arg,
	    (struct us_str){key.p + b->prefix, key.n - b->prefix - 1}, value);
}

void
us_bindings_each(struct us_txn *txn, const struct us_binding *binding,
    us_scan_each *each, void *arg)
{
	struct us_key prefix = prefix_of(binding);
	struct bindings b = {prefix.n, each, arg};

	us_txn_scan(txn, US_TABLE_BINDING, us_key_str(&prefix),
	    (struct us_str){0}, false, pass_on, &b);
}
