/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying an audit log, event by event. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "cli/chain.h"
#include "engine/err.h"
#include "engine/json_canon.h"

void
us_chain_begin(struct us_chain *chain)
{
	chain->seq = 0;
	memset(chain->hash, '0', US_CHAIN_HASH);
	chain->hash[US_CHAIN_HASH] = '\0';
}

/* SHA-256 of the event, which loses its hash, as hexadecimal digits. */
static void
hash_event(struct json_object *event, char hex[US_CHAIN_HASH + 1])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	struct us_buf text = {0};
	unsigned n = 0;

	json_object_object_del(event, "hash");
	us_canon(event, &text);
	if (!EVP_Digest(text.p, text.n, bytes, &n, EVP_sha256(), NULL))
		us_out_of_memory();
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	us_buf_free(&text);
}

static const char *
text_of(struct json_object *event, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(event, name, &value);
	return json_object_is_type(value, json_type_string)
		   ? json_object_get_string(value)
		   : "";
}

bool
us_chain_add(
    struct us_chain *chain, struct json_object *event, struct us_buf *wrong)
{
	struct json_object *seq = NULL;
	char hash[US_CHAIN_HASH + 1], said[US_CHAIN_HASH + 2];
	uint64_t next = chain->seq + 1;

	if (!json_object_object_get_ex(event, "seq", &seq) ||
	    !json_object_is_type(seq, json_type_int)) {
		us_buf_printf(wrong,
		    "behind event %" PRIu64 " is something that is no event",
		    chain->seq);
		return false;
	}
	if (json_object_get_uint64(seq) != next) {
		us_buf_printf(wrong,
		    "event %" PRIu64 " is missing: event %" PRIu64
		    " stands in its place",
		    next, json_object_get_uint64(seq));
		return false;
	}
	if (strcmp(text_of(event, "prev"), chain->hash) != 0) {
		us_buf_printf(wrong,
		    "event %" PRIu64 " does not follow the one before it: one "
		    "of the two was replaced",
		    next);
		return false;
	}
	snprintf(said, sizeof(said), "%s", text_of(event, "hash"));
	hash_event(event, hash);
	if (strcmp(said, hash) != 0) {
		us_buf_printf(wrong,
		    "event %" PRIu64 " was changed: its hash is not that of "
		    "what it says",
		    next);
		return false;
	}
	chain->seq = next;
	memcpy(chain->hash, hash, sizeof(hash));
	return true;
}
