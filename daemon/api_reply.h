/* SPDX-License-Identifier: Apache-2.0 */
/* How calls that read or write the store end. */
#ifndef US_API_REPLY_H
#define US_API_REPLY_H

#include "daemon/http.h"
#include "daemon/store.h"
#include "daemon/writer.h"

/* 503, with what the store says. */
#define US_API_UNREAD "the store cannot be read: %s"

/*
 * Ends a read transaction and answers with what was read, as JSON; 503 when
 * the store could not be read. Frees body.
 */
void us_api_reply(
    struct us_call *call, struct us_txn *txn, int status, struct us_buf *body);

/* 503 for a write that the store could not do. */
void us_api_unwritten(struct us_ticket ticket, enum us_write_result result);

#endif
