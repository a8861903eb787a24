/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of a test file (SPEC 17): people, and tests that say what the rules
 * should answer.
 */
#ifndef US_TESTSET_H
#define US_TESTSET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/diag.h"
#include "engine/request.h"
#include "engine/rule.h"
#include "engine/src.h"

/* `groups sre, okta "00abc";`: id.s.p NULL means a group of the rules. */
struct us_test_group {
	struct us_word name, id;
};

struct us_test_oncall {
	struct us_word integration;
	bool unknown;
	US_LIST(struct us_word) services;
	struct us_loc loc;
};

struct us_test_profile {
	struct us_word directory, property, value;
	struct us_loc loc;
};

struct us_test_user {
	struct us_word uid;
	US_LIST(struct us_test_group) groups;
	US_LIST(struct us_test_oncall) oncall;
	US_LIST(struct us_test_profile) profile;
	US_LIST(struct us_word) roles;
	struct us_loc loc, close;
	bool broken;
};

/* `tag env = "a", "b";`, `tag env unknown;`, `sudo is true;` */
struct us_test_attr {
	struct us_word filter;
	bool boolean;        /* written with `is` */
	enum us_tri value;   /* boolean */
	struct us_word key;  /* not boolean */
	bool unknown;
	US_LIST(struct us_word) values;
	struct us_loc loc;
};

/* One row of outcome.def each, beside verdict.h. */
enum us_expect_kind {
	US_EXPECT_OUTCOME,
	US_EXPECT_APPROVER,
	US_EXPECT_NOT_APPROVER,
};

struct us_expect {
	enum us_expect_kind kind;
	struct us_word outcome;  /* "granted", "pending", ... */
	struct us_word by;       /* "auto", "persistent", "preapproval"; "" */
	US_LIST(struct us_word) missing; /* `missing reason, duration` */
	US_LIST(struct us_word) rules;   /* exactly these, when not empty */
	struct us_word approver;
	struct us_loc loc;
};

struct us_test {
	struct us_word name;
	bool given;              /* has a `request` */
	bool agent;              /* from agent ... user ... */
	struct us_word client, owner, provider, subject; /* s.p NULL: none */
	struct us_word principal; /* s.p NULL: no human */
	struct us_word by;        /* requestedBy; s.p NULL: the principal */
	struct us_word service, access; /* access.s.p NULL: none */
	US_LIST(struct us_test_attr) attrs;
	struct us_loc request_loc, request_close;
	struct us_word reason;    /* s.p NULL: none */
	struct us_word duration_text;
	int64_t duration;         /* seconds, 0: none */
	struct us_word at_text;
	int64_t at;               /* milliseconds since the epoch */
	bool preapproved, escalated;
	struct us_loc reason_loc, duration_loc, at_loc, preapproved_loc,
	    escalated_loc;
	US_LIST(struct us_expect) expects;
	struct us_loc loc, close;
	bool broken;
};

/* The statements of the file in order, for the printer. */
enum us_testitem_kind { US_TESTITEM_RULES, US_TESTITEM_USER, US_TESTITEM_TEST };

struct us_testitem {
	enum us_testitem_kind kind;
	uint32_t index; /* in the list of its kind */
};

struct us_testset {
	struct us_arena arena;
	struct us_src *src; /* owned */
	US_LIST(struct us_word) rules; /* paths, beside the test file */
	US_LIST(struct us_loc) rules_locs; /* of the whole statements */
	US_LIST(struct us_test_user) users;
	US_LIST(struct us_test) tests;
	US_LIST(struct us_comment) comments;
	US_LIST(struct us_testitem) items;
};

struct us_testset *us_testset_new(struct us_src *src);
void us_testset_free(struct us_testset *ts);

/*
 * Checks the test file against its rules: users and tests named twice, groups,
 * services, filters, rules and outcomes that do not exist, tests without a
 * request or an expectation. Returns how many errors it added.
 */
unsigned us_testset_check(const struct us_testset *ts,
    const struct us_ruleset *rs, struct us_diags *diags);

/*
 * The request of a test, with the facts that the file states about its people
 * (nobody else has any); approver may be NULL. Lives in the arena a.
 */
struct us_request *us_test_request(const struct us_testset *ts,
    const struct us_ruleset *rs, const struct us_test *test,
    const struct us_word *approver, struct us_arena *a);

#endif
