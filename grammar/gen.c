/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actions of the grammar that serve every kind of item: words, comments, the
 * beginning and end of blocks, and who and what a rule is about.
 */
#include "grammar/gen.h"

/* --- Words --- */

struct us_loc
gen_loc_after(struct us_loc loc)
{
	return (struct us_loc){loc.src, loc.off + loc.len, 0};
}

struct us_word
gen_word_at(struct us_loc loc)
{
	return (struct us_word){{loc.src->text + loc.off, loc.len}, loc};
}

struct gen_words *
gen_words(struct us_gen *g, struct gen_words *words, struct us_word word)
{
	if (!words)
		words = us_arena_alloc(&g->scratch, sizeof(*words));
	*us_list_add(&g->scratch, &words->list) = word;
	return words;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Reads the {...} of \u{...} at p; its length, or 0 when it is none. */
static size_t
code_point(const char *p, uint32_t *c)
{
	size_t n = 1;

	if (p[0] != '{')
		return 0;
	for (*c = 0; hex_digit(p[n]) >= 0 && n <= 6; n++)
		*c = *c << 4 | (uint32_t)hex_digit(p[n]);
	if (n == 1 || p[n] != '}' || *c == 0 || *c > 0x10ffff ||
	    (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n + 1;
}

/*
 * Decodes the escape whose backslash is before p into out, at *n. Returns its
 * length after the backslash, or 0. What is written is never longer.
 */
static size_t
escape(const char *p, char *out, size_t *n)
{
	uint32_t c;
	size_t used;

	switch (*p) {
	case '"':
	case '\\':
		out[(*n)++] = *p;
		return 1;
	case 'n':
		out[(*n)++] = '\n';
		return 1;
	case 't':
		out[(*n)++] = '\t';
		return 1;
	case 'u':
		used = code_point(p + 1, &c);
		if (used)
			*n += us_utf8_put(out + *n, c);
		return used ? used + 1 : 0;
	default:
		return 0;
	}
}

bool
gen_string(struct us_gen *g, struct us_loc loc, struct us_word *out,
    struct us_loc *bad)
{
	const char *p = loc.src->text + loc.off + 1, *end = p + loc.len - 2;
	size_t used, n = 0;
	char *text;

	out->loc = loc;
	out->s = (struct us_str){p, (size_t)(end - p)};
	if (!memchr(p, '\\', out->s.n))
		return true;
	text = us_arena_alloc(g->arena, out->s.n + 1);
	while (p < end) {
		if (*p != '\\') {
			text[n++] = *p++;
			continue;
		}
		used = escape(p + 1, text, &n);
		if (!used) {
			*bad = (struct us_loc){
			    loc.src, (uint32_t)(p - loc.src->text), 2};
			return false;
		}
		p += 1 + used;
	}
	out->s = (struct us_str){text, n};
	return true;
}

const char *
gen_bad_escape(struct us_gen *g, struct us_loc loc)
{
	const char *p = loc.src->text + loc.off + 1;
	int n = 1;

	if (*p == 'u')
		return "\\u needs the number of a character in hexadecimal, "
		       "like \\u{e9}";
	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return us_arena_printf(g->arena,
	    "unknown escape \"\\%.*s\"; for a backslash write two", n, p);
}

static bool
is_own_line(struct us_loc loc)
{
	const char *text = loc.src->text;
	uint32_t i = loc.off;

	while (i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t'))
		i--;
	return i == 0 || text[i - 1] == '\n' ||
	       (i == 3 && (unsigned char)text[0] == 0xef);
}

void
gen_comment(struct us_gen *g, struct us_loc loc)
{
	struct us_comment *comment;

	while (loc.len && strchr(" \t\r", loc.src->text[loc.off + loc.len - 1]))
		loc.len--;
	comment = g->rs ? us_list_add(g->arena, &g->rs->comments)
			: us_list_add(g->arena, &g->ts->comments);
	*comment = (struct us_comment){loc, is_own_line(loc)};
}

/* --- Items and blocks --- */

void
gen_begin(struct us_gen *g, struct us_loc head, struct us_word name)
{
	gen_finish(g);
	g->open = true;
	g->disabled = false;
	g->name = name;
	g->head = head;
	g->disabled_loc = g->close = (struct us_loc){0};
	g->who = (struct us_who){0};
	g->to = (struct us_to){0};
	if (g->ts) {
		g->user = (struct us_test_user){.uid = name};
		g->test = (struct us_test){.name = name};
	} else {
		g->service = (struct us_service){.name = name};
		g->rule = (struct us_rule){.name = name};
		g->pre = (struct us_preapproval){.name = name};
	}
}

void
gen_finish(struct us_gen *g)
{
	g->open = g->broken = g->lost = false;
	g->quiet = 0;
	us_arena_reset(&g->scratch);
}

/* The last brace seen is that of the block that is being ended. */
void
gen_close(struct us_gen *g, struct us_loc brace)
{
	g->close = brace;
}

void
gen_broken(struct us_gen *g)
{
	g->broken = true;
	g->quiet = 0;
}

/* What was passed over may have been a group or a service. */
void
gen_lost_name(struct us_gen *g)
{
	if (g->rs)
		g->rs->groups_broken = g->rs->services_broken = true;
}

void
gen_item_broken(struct us_gen *g)
{
	gen_lost_name(g);
	gen_finish(g);
	g->lost = true;
}

void
gen_quiet(struct us_gen *g, bool quiet)
{
	if (quiet)
		g->quiet++;
	else if (g->quiet)
		g->quiet--;
}

/* --- Who --- */

struct us_who *
gen_who(struct us_gen *g, enum us_who_kind kind)
{
	struct us_who *who = us_arena_alloc(&g->scratch, sizeof(*who));

	who->kind = kind;
	return who;
}

struct us_who *
gen_who_user(struct us_gen *g, struct us_word uid)
{
	struct us_who *who = gen_who(g, US_WHO_USER);

	who->uid = uid;
	return who;
}

struct us_who *
gen_who_members(struct us_gen *g, struct us_members *members)
{
	struct us_who *who = gen_who(g, US_WHO_MEMBERS);

	who->members = *members;
	return who;
}

struct us_who *
gen_who_agent(struct us_who *agent, const struct us_who *behalf)
{
	agent->behalf = behalf->behalf;
	agent->uid = behalf->uid;
	agent->members = behalf->members;
	return agent;
}

struct us_members *
gen_members(struct us_gen *g, struct us_loc loc, bool outside,
    const struct gen_words *names)
{
	struct us_members *m = us_arena_alloc(&g->scratch, sizeof(*m));
	const struct us_word *name;

	m->outside = outside;
	m->loc = loc;
	us_list_reserve(g->arena, &m->refs, names->list.n);
	US_EACH (name, &names->list)
		us_list_add(g->arena, &m->refs)->name = *name;
	return m;
}

struct us_who *
gen_agent(struct us_gen *g, enum us_agent_kind kind, const struct us_word *id)
{
	struct us_who *who = gen_who(g, US_WHO_AGENT);

	who->agent = kind;
	if (id)
		who->agent_id = *id;
	return who;
}

struct us_who *
gen_agent_owners(struct us_gen *g, struct us_members *owners)
{
	struct us_who *who = gen_agent(g, US_AGENT_OWNER_MEMBERS, NULL);

	who->owners = *owners;
	return who;
}

struct us_who *
gen_agent_subject(
    struct us_gen *g, struct us_word provider, struct us_word subject)
{
	struct us_who *who = gen_agent(g, US_AGENT_PROVIDER, &provider);

	who->has_subject = true;
	who->subject = subject;
	return who;
}

struct us_who *
gen_behalf(struct us_gen *g, enum us_behalf_kind kind)
{
	struct us_who *who = gen_who(g, US_WHO_AGENT);

	who->behalf = kind;
	return who;
}

struct us_who *
gen_behalf_user(struct us_gen *g, struct us_word uid)
{
	struct us_who *who = gen_behalf(g, US_BEHALF_USER);

	who->uid = uid;
	return who;
}

struct us_who *
gen_behalf_members(struct us_gen *g, struct us_members *members)
{
	struct us_who *who = gen_behalf(g, US_BEHALF_MEMBERS);

	who->members = *members;
	return who;
}

/* --- Statements of rules and pre-approvals --- */

void
gen_disabled(struct us_gen *g, struct us_loc loc)
{
	if (gen_twice(g, g->disabled, g->disabled_loc, loc, "disabled"))
		return;
	g->disabled = true;
	g->disabled_loc = loc;
}

void
gen_from(struct us_gen *g, struct us_loc loc, const struct us_who *who)
{
	if (gen_twice(g, g->who.kind != US_WHO_NONE, g->who.loc, loc, "from"))
		return;
	g->who = *who;
	g->who.loc = loc;
}

static void
keep_to(struct us_gen *g, struct us_loc loc)
{
	if (gen_twice(g, g->to.given, g->to.loc, loc, "to"))
		return;
	g->to = g->to_now;
	us_list_copy(g->arena, &g->to.filters, &g->to_now.filters);
	g->to.given = true;
	g->to.loc = loc;
}

void
gen_to_any(struct us_gen *g, struct us_loc loc)
{
	g->to_now = (struct us_to){.any = true};
	keep_to(g, loc);
}

/* As in the JSON form, `any` stands for every access type. */
void
gen_to_head(struct us_gen *g, struct us_word service, struct us_word access)
{
	g->close = (struct us_loc){0};
	g->to_now = (struct us_to){.service = service};
	if (access.s.p && !us_str_is(access.s, "any")) {
		g->to_now.has_access = true;
		g->to_now.access = access;
	}
}

void
gen_to(struct us_gen *g, struct us_loc loc)
{
	g->to_now.close = g->close;
	keep_to(g, loc);
}

static struct us_filter *
add_filter(struct us_gen *g, struct us_loc loc, enum us_effect effect,
    struct us_word name)
{
	struct us_filter *f = us_list_add(&g->scratch, &g->to_now.filters);

	f->effect = effect;
	f->name = name;
	f->loc = loc;
	return f;
}

void
gen_filter_pattern(struct us_gen *g, struct us_loc loc, enum us_effect effect,
    struct us_word name, struct us_word key, struct us_word pattern)
{
	struct us_filter *f = add_filter(g, loc, effect, name);

	f->has_key = true;
	f->key = key;
	f->pattern = pattern;
}

void
gen_filter_is(struct us_gen *g, struct us_loc loc, enum us_effect effect,
    struct us_word name, bool value)
{
	struct us_filter *f = add_filter(g, loc, effect, name);

	f->boolean = true;
	f->value = value;
}

void
gen_filter_all(struct us_gen *g, struct us_loc loc, struct us_word name,
    struct us_word key)
{
	struct us_filter *f = add_filter(g, loc, US_REMOVE_ALL, name);

	f->has_key = key.s.p != NULL;
	f->key = key;
}
