/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the actions of the grammar do: each is one call of this file. They
 * build the tree and say what the grammar cannot: what stands twice, what is
 * missing, what does not go together. An item with a syntax error is broken,
 * and nothing more is said about it.
 */
#ifndef US_GEN_H
#define US_GEN_H

#include "engine/diag.h"
#include "engine/request.h"
#include "engine/rule.h"
#include "engine/testset.h"

struct gen_words {
	US_LIST(struct us_word) list;
};

/* One parse: where it reads from, where it writes to, what it is in. */
struct us_gen {
	struct us_src *src;
	struct us_diags *diags;
	struct us_arena *arena;
	struct us_ruleset *rs; /* a rule file, */
	struct us_testset *ts; /* or a test file */
	struct us_lexer *lexer;
	struct us_arena scratch; /* until the item is read */

	/* The item being read. */
	bool open, broken;
	unsigned quiet; /* braces deep in a broken statement */
	bool lost;	/* between items, after an error */
	uint32_t said;	/* diagnostics before those about its end */
	struct us_word name;
	struct us_loc head, close;
	/* Statements that rules and pre-approvals share. */
	bool disabled;
	struct us_loc disabled_loc;
	struct us_who who;
	struct us_to to;
	/* Those of one kind of item. */
	struct us_service service;
	struct us_rule rule;
	struct us_preapproval pre;
	struct us_test_user user;
	struct us_test test;

	struct us_to to_now; /* the `to` being read */
};

/* Messages (gen_error.c). */

/* A syntax error: what stands where what was expected. */
struct gen_unexpected {
	struct us_loc loc;
	bool end, item;	    /* the file's end, the beginning of an item */
	const char *broken; /* what is wrong with it, if it is no token */
	const char *expected[64];
	unsigned n;
};

/* Each text once; NULL is passed over. */
void gen_expect_also(struct gen_unexpected *what, const char *text);
void gen_syntax_error(struct us_gen *g, const struct gen_unexpected *what);
void gen_too_deep(struct us_gen *g, struct us_loc loc);

/* False, with an error, when the text is not UTF-8 or has a NUL. */
bool gen_check_text(struct us_gen *g);

/* Adds an error, unless the item is broken; NULL then. */
#define gen_error(g, id, loc, ...) \
	((g)->broken \
		? NULL \
		: us_diag_add((g)->diags, US_DIAG_##id, loc, __VA_ARGS__))

/* True when `first` stands already, with an error about a second one. */
bool gen_twice(struct us_gen *g, bool first, struct us_loc first_loc,
    struct us_loc loc, const char *what);

/* Words (gen.c). */

#define gen_no_word() ((struct us_word){0})
struct us_loc gen_loc_after(struct us_loc loc);
struct us_word gen_word_at(struct us_loc loc);
struct gen_words *gen_words(
    struct us_gen *g, struct gen_words *words, struct us_word word);
/* Makes the words a list of the tree. */
#define gen_take(g, to, words) us_list_copy((g)->arena, to, &(words)->list)

/* Decodes the string at loc; false, with *bad, for a bad escape. */
bool gen_string(struct us_gen *g, struct us_loc loc, struct us_word *out,
    struct us_loc *bad);
const char *gen_bad_escape(struct us_gen *g, struct us_loc loc);
const char *gen_stray(struct us_gen *g, struct us_loc loc);

void gen_comment(struct us_gen *g, struct us_loc loc);

/* Items and blocks (gen.c). */

void gen_begin(struct us_gen *g, struct us_loc head, struct us_word name);
void gen_finish(struct us_gen *g);
void gen_close(struct us_gen *g, struct us_loc brace);
void gen_broken(struct us_gen *g);
void gen_item_broken(struct us_gen *g);
void gen_lost_name(struct us_gen *g);
/* A block of a broken statement begins, or ends. */
void gen_quiet(struct us_gen *g, bool quiet);

/* Who asks, and for what (gen.c). */

struct us_who *gen_who(struct us_gen *g, enum us_who_kind kind);
struct us_who *gen_who_user(struct us_gen *g, struct us_word uid);
struct us_who *gen_who_members(struct us_gen *g, struct us_members *members);
struct us_who *gen_who_agent(struct us_who *agent, const struct us_who *behalf);
struct us_members *gen_members(struct us_gen *g, struct us_loc loc,
    bool outside, const struct gen_words *names);
struct us_who *gen_agent(
    struct us_gen *g, enum us_agent_kind kind, const struct us_word *id);
struct us_who *gen_agent_owners(struct us_gen *g, struct us_members *owners);
struct us_who *gen_agent_subject(
    struct us_gen *g, struct us_word provider, struct us_word subject);
struct us_who *gen_behalf(struct us_gen *g, enum us_behalf_kind kind);
struct us_who *gen_behalf_user(struct us_gen *g, struct us_word uid);
struct us_who *gen_behalf_members(struct us_gen *g, struct us_members *members);

void gen_disabled(struct us_gen *g, struct us_loc loc);
void gen_from(struct us_gen *g, struct us_loc loc, const struct us_who *who);
void gen_to_any(struct us_gen *g, struct us_loc loc);
void gen_to_head(
    struct us_gen *g, struct us_word service, struct us_word access);
void gen_to(struct us_gen *g, struct us_loc loc);
void gen_filter_pattern(struct us_gen *g, struct us_loc loc,
    enum us_effect effect, struct us_word name, struct us_word key,
    struct us_word pattern);
void gen_filter_is(struct us_gen *g, struct us_loc loc, enum us_effect effect,
    struct us_word name, bool value);
void gen_filter_all(struct us_gen *g, struct us_loc loc, struct us_word name,
    struct us_word key);

/* Items of a rule file (gen_rules.c). */

/* The last item of the file is broken after all. */
void gen_mark_last(struct us_gen *g);

void gen_group(struct us_gen *g, struct us_loc loc, struct us_word name,
    struct us_word directory, struct us_word id, struct us_word label);
void gen_service_access(
    struct us_gen *g, struct us_loc loc, const struct gen_words *access);
void gen_service_filter(struct us_gen *g, struct us_word name,
    enum us_filter_kind kind, const struct gen_words *keys);
void gen_service(struct us_gen *g, struct us_loc loc);

struct us_alt *gen_alt(struct us_gen *g, enum us_alt_type type);
struct us_alt *gen_alt_oncall(struct us_gen *g, struct us_word integration);
struct us_alt *gen_alt_members(struct us_gen *g, struct us_members *members);
struct us_alt *gen_alt_escalation(struct us_gen *g, struct us_word integration,
    const struct gen_words *services);
struct us_alt *gen_alt_manager(
    struct us_gen *g, struct us_word directory, struct us_word property);
struct us_alt *gen_options(struct us_gen *g, struct us_alt *alt,
    const char *verb, const struct gen_words *names);
void gen_approve(struct us_gen *g, struct us_loc loc, const struct us_alt *alt);
void gen_deny(struct us_gen *g, struct us_loc loc);
void gen_nobody(struct us_gen *g, struct us_loc loc);
void gen_rule(struct us_gen *g, struct us_loc loc);

void gen_valid(struct us_gen *g, struct us_loc loc, struct us_word from,
    struct us_word until);
void gen_duration(struct us_gen *g, struct us_loc loc, struct us_word length);
void gen_reason(struct us_gen *g, struct us_loc loc, struct us_word reason);
void gen_preapproval(struct us_gen *g, struct us_loc loc);

/* Values that are wrong wherever they stand (gen_rules.c). */
bool gen_length(struct us_gen *g, struct us_word length, int64_t *seconds);
bool gen_time(struct us_gen *g, struct us_word text, int64_t *ms);

/* Items of a test file (gen_tests.c). */

void gen_test_rules(struct us_gen *g, struct us_loc loc, struct us_word path);
void gen_fact_group(struct us_gen *g, struct us_word name, struct us_word id);
void gen_fact_oncall(struct us_gen *g, struct us_loc loc,
    struct us_word integration, bool unknown, const struct gen_words *services);
void gen_fact_profile(struct us_gen *g, struct us_loc loc,
    struct us_word directory, struct us_word property, struct us_word value);
void gen_fact_roles(struct us_gen *g, const struct gen_words *roles);
void gen_test_user(struct us_gen *g, struct us_loc loc);

enum gen_agent_part { GEN_CLIENT, GEN_OWNER, GEN_PROVIDER, GEN_SUBJECT };
void gen_request_person(struct us_gen *g, struct us_word uid);
void gen_request_agent(struct us_gen *g, struct us_word human);
void gen_agent_part(struct us_gen *g, struct us_loc loc,
    enum gen_agent_part part, struct us_word word);
void gen_request_head(struct us_gen *g, struct us_loc loc, struct us_word by,
    struct us_word service, struct us_word access);
void gen_request(struct us_gen *g, struct us_loc loc);
/* values NULL: unknown */
void gen_attr(struct us_gen *g, struct us_loc loc, struct us_word filter,
    struct us_word key, const struct gen_words *values);
void gen_attr_is(struct us_gen *g, struct us_loc loc, struct us_word filter,
    enum us_tri value);
void gen_test_reason(
    struct us_gen *g, struct us_loc loc, struct us_word reason);
void gen_test_duration(
    struct us_gen *g, struct us_loc loc, struct us_word length);
void gen_test_at(struct us_gen *g, struct us_loc loc, struct us_word text);
void gen_test_preapproved(struct us_gen *g, struct us_loc loc);
void gen_test_escalated(struct us_gen *g, struct us_loc loc);
/* missing and rules may be NULL */
void gen_expect(struct us_gen *g, struct us_loc loc, struct us_word outcome,
    struct us_word how, const struct gen_words *missing,
    const struct gen_words *rules);
void gen_expect_approver(
    struct us_gen *g, struct us_loc loc, bool may, struct us_word uid);
void gen_test(struct us_gen *g, struct us_loc loc);

#endif
