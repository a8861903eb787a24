/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: what the values of the store say. Each starts with its version;
 * older versions are read, and written back as the newest when they change.
 * Strings of a decoded record point into the value.
 */
#ifndef US_RECORDS_H
#define US_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buf.h"
#include "engine/str.h"

/* A saved workflow. The newest version of an organisation is the active one. */
struct us_workflow_record {
	int64_t created;             /* ms since the epoch */
	struct us_str author;
	struct us_str rules;         /* the JSON array as it was sent */
	struct us_str services;      /* JSON array; empty: none */
	struct us_str preapprovals;  /* JSON array; empty: none */
	struct us_str text;          /* when it was sent in the language */
	uint32_t rule_count, added, changed, removed; /* since the one before */
};

struct us_apikey_record {
	struct us_str name;
	uint8_t hash[32];            /* SHA-256 of the secret */
	uint32_t roles;              /* bits of enum us_role */
	int64_t created, expires;    /* ms; expires 0: never */
	struct us_str created_by;
	bool for_others;             /* may ask on behalf of others */
};

/* A binding, or a setting, is there or not; its value says since when. */
struct us_mark_record {
	int64_t created;
	struct us_str created_by;
};

/* Encoders append to out. Decoders return false on what they cannot read. */
void us_workflow_encode(const struct us_workflow_record *r, struct us_buf *out);
bool us_workflow_decode(struct us_str value, struct us_workflow_record *r);
void us_apikey_encode(const struct us_apikey_record *r, struct us_buf *out);
bool us_apikey_decode(struct us_str value, struct us_apikey_record *r);
void us_mark_encode(const struct us_mark_record *r, struct us_buf *out);
bool us_mark_decode(struct us_str value, struct us_mark_record *r);

#endif
