/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree: what a workflow says, as the language and the JSON form both read
 * and write it (SPEC 2 and 3). Everything hangs in the arena of its ruleset.
 * Names are kept as they were written; check.c says which of them are known.
 */
#ifndef US_RULE_H
#define US_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/src.h"
#include "engine/vocab.h"

/* A directory group. `name` is empty when it came from JSON. */
struct us_group {
	struct us_word name, directory, id, label;
	struct us_loc loc;
	bool used;
};

/* Where a group is named. check.c finds the group of a name. */
struct us_groupref {
	struct us_word name;
	struct us_group *group;
};

/* `group a, b`, or `outside a, b`: members of none. */
struct us_members {
	bool outside;
	US_LIST(struct us_groupref) refs;
	struct us_loc loc;
};

enum us_who_kind {
	US_WHO_NONE, /* nothing was said: only in a broken rule */
	US_WHO_ANY,
	US_WHO_SOME,
	US_WHO_USER,
	US_WHO_MEMBERS,
	US_WHO_AGENT,
};

enum us_agent_kind {
	US_AGENT_ANY,
	US_AGENT_CLIENT,       /* id: client id */
	US_AGENT_OWNER,        /* id: e-mail */
	US_AGENT_OWNER_MEMBERS,
	US_AGENT_PROVIDER,     /* id: provider id; subject: pattern or empty */
};

enum us_behalf_kind { /* the human behind an agent's session */
	US_BEHALF_ANY,  /* a human or none */
	US_BEHALF_NONE,
	US_BEHALF_USER, /* uid */
	US_BEHALF_MEMBERS,
};

/* The requestor of a rule. Only the members of its kind are set. */
struct us_who {
	enum us_who_kind kind;
	struct us_word uid;         /* USER, or BEHALF_USER */
	struct us_members members;  /* MEMBERS, or BEHALF_MEMBERS */
	enum us_agent_kind agent;
	struct us_word agent_id;
	bool has_subject;
	struct us_word subject;
	struct us_members owners;   /* AGENT_OWNER_MEMBERS */
	enum us_behalf_kind behalf;
	struct us_loc loc;          /* the whole statement or object */
};

enum us_effect { US_KEEP, US_REMOVE, US_REMOVE_ALL };

struct us_filter {
	enum us_effect effect;
	struct us_word name;
	bool boolean;           /* `is value`; no key, no pattern */
	bool value;
	bool has_key;           /* always with a pattern; may be of removeAll */
	struct us_word key, pattern;
	struct us_loc loc;
};

/* The resource of a rule. */
struct us_to {
	bool given;             /* false: nothing was said, a broken rule */
	bool any;
	struct us_word service;
	bool has_access;        /* false: every access type */
	struct us_word access;
	US_LIST(struct us_filter) filters;
	struct us_loc loc, close; /* close: the brace after the filters */
};

/* One row of vocab.def each. */
enum us_alt_type {
#define US_ALT_TYPE(id, name, human, help) US_ALT_##id,
#include "engine/vocab.def"
	US_ALT_COUNT
};

/* One approval alternative. */
struct us_alt {
	enum us_alt_type type;
	unsigned options;          /* bits of enum us_option */
	struct us_word integration; /* AUTO, ESCALATION */
	US_LIST(struct us_word) services; /* ESCALATION */
	struct us_members members; /* GROUP */
	struct us_word directory, property; /* PROFILE */
	struct us_str cooldown, duration; /* JSON numbers as text; or empty */
	bool has_options;          /* JSON said so */
	struct us_loc loc;
};

struct us_rule {
	struct us_word name;
	bool disabled;
	struct us_who who;
	struct us_to to;
	US_LIST(struct us_alt) alts; /* empty: nobody may approve */
	struct us_loc loc;           /* from the keyword to the last brace */
	struct us_loc disabled_loc, nobody_loc, close; /* language only */
	bool broken;                 /* a syntax error was inside */
};

/* `preapprove`. Times are milliseconds since the epoch. */
struct us_preapproval {
	struct us_word name;
	bool disabled;
	struct us_who who;
	struct us_to to;
	bool has_from;
	int64_t from, until;        /* [from, until) */
	struct us_word from_text, until_text;
	bool has_duration;
	int64_t duration;           /* seconds, whole minutes */
	struct us_word duration_text;
	struct us_word reason;      /* s.p NULL: none */
	struct us_loc loc;
	struct us_loc disabled_loc, valid_loc, duration_loc, reason_loc, close;
	bool broken;
};

/* A comment of the language, from # to before the line end. */
struct us_comment {
	struct us_loc loc;
	bool own_line; /* nothing but white space before it on its line */
};

/* The items of the language in the order of their files, for the printer. */
enum us_item_kind {
	US_ITEM_GROUP,
	US_ITEM_SERVICE,
	US_ITEM_RULE,
	US_ITEM_PREAPPROVAL,
};

struct us_item {
	enum us_item_kind kind;
	uint32_t index; /* in the list of its kind */
};

struct us_ruleset {
	struct us_arena arena;
	US_LIST(struct us_src *) sources; /* owned */
	US_LIST(struct us_group) groups;  /* `group` statements */
	US_LIST(struct us_service) services; /* first the built-in ones */
	uint32_t builtin_services;        /* how many of them */
	US_LIST(struct us_rule) rules;
	US_LIST(struct us_preapproval) preapprovals;
	US_LIST(struct us_comment) comments;
	US_LIST(struct us_item) items;
	/*
	 * A syntax error was in a group or service statement: unknown names
	 * may be its fault, and are not reported again.
	 */
	bool groups_broken, services_broken;
};

struct us_ruleset *us_ruleset_new(void);
void us_ruleset_free(struct us_ruleset *rs);

/* NULL when rs has none of that name, built-in or its own. */
const struct us_service *us_ruleset_service(
    const struct us_ruleset *rs, struct us_str name);

/* How JSON and messages call an alternative type ("requestor-profile"). */
const char *us_alt_name(enum us_alt_type type);
/* group, p0, requestor-profile, escalation: a person says yes. */
bool us_alt_is_human(enum us_alt_type type);

#endif
