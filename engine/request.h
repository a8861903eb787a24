/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request as the matcher sees it (SPEC 4): who asks, for what, and the facts
 * about both. All strings are borrowed from whoever built it.
 */
#ifndef US_REQUEST_H
#define US_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/str.h"

/* Three answers wherever something is asked. */
enum us_tri { US_NO, US_YES, US_CANNOT_TELL };

struct us_group_id {
	struct us_str directory, id;
};
typedef US_LIST(struct us_group_id) us_group_ids;

struct us_profile_fact {
	struct us_str directory, property, value;
};

struct us_oncall_fact {
	struct us_str integration;
	enum us_tri state;
};

/* The principal. */
struct us_person {
	struct us_str uid;
	us_group_ids groups;
	US_LIST(struct us_profile_fact) profile;
	US_LIST(struct us_oncall_fact) oncall; /* not listed: not on call */
};

/* An agent's session. Absent members have p == NULL. */
struct us_session {
	struct us_str client_id, owner, provider_id, subject;
	us_group_ids owner_groups;
};

/* The values under one filter name and key. */
struct us_attr_key {
	struct us_str key;
	US_LIST(struct us_str) values;
	bool unknown; /* there may be other values than those listed */
};

enum us_attr_kind { US_ATTR_KEYED, US_ATTR_BOOLEAN, US_ATTR_UNKNOWN };

struct us_attr {
	struct us_str filter;
	enum us_attr_kind kind;
	bool value;                     /* BOOLEAN */
	US_LIST(struct us_attr_key) keys; /* KEYED */
};
typedef US_LIST(struct us_attr) us_attr_list;

/* A request's attributes have so many values of so many bytes (SPEC 18). */
#define US_VALUES_MAX 256
#define US_VALUE_MAX 1024

struct us_oncall_service {
	struct us_str integration, service;
};

/* The person who would approve. */
struct us_approver {
	struct us_str uid;
	us_group_ids groups;
	US_LIST(struct us_str) roles;
	US_LIST(struct us_oncall_service) oncall;
};

struct us_request {
	struct us_person *principal; /* NULL: an agent with no human */
	struct us_session *agent;    /* NULL: a person's own session */
	struct us_str service;
	struct us_str access;        /* p NULL: none given */
	us_attr_list attrs;
	bool attrs_unknown;          /* nothing is known about attributes */
	struct us_str requested_by;  /* p NULL: the principal asked */
	struct us_str reason;        /* p NULL: none */
	int64_t duration;            /* seconds; 0: none */
	bool preapproved, escalated;
	bool has_at;
	int64_t at;                  /* milliseconds since the epoch */
	struct us_approver *approver; /* NULL: not asked about */
};

#define US_ROLE_REVIEWER "security-reviewer"

#endif
