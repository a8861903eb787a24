/* SPDX-License-Identifier: Apache-2.0 */
/* How calls that read or write the store end. */
#include "daemon/api_reply.h"

void
us_api_reply(
    struct us_call *call, struct us_txn *txn, int status, struct us_buf *body)
{
	enum us_store_error error = us_txn_error(txn);

	us_txn_abort(txn);
	if (error)
		us_call_error(
		    call, 503, US_API_UNREAD, us_store_error_text(error));
	else
		us_call_reply(call, status, NULL, us_buf_str(body));
	us_buf_free(body);
}

void
us_api_unwritten(struct us_ticket ticket, enum us_write_result result)
{
	if (result == US_WRITE_FULL)
		us_ticket_error(ticket, 503,
		    "the store has no room: nothing was changed, reading goes "
		    "on");
	else
		us_ticket_error(ticket, 503,
		    "the store cannot be written: nothing was changed, the log "
		    "says why");
}
