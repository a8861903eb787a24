/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots: where calls wait that are answered later. A ticket names a slot of
 * its loop and the slot's generation, which goes up when the call is answered
 * or its client has gone.
 */
#include <stdlib.h>

#include "daemon/http_parts.h"
#include "engine/err.h"

static struct us_slot *
slot_at(const struct us_http_loop *loop, uint32_t number)
{
	unsigned block = 0;

	while (number >= (uint32_t)US_SLOTS << block)
		number -= (uint32_t)US_SLOTS << block++;
	return &loop->slots[block][number];
}

/* Another block; all of it is free. There are as many as connections. */
static void
add_block(struct us_http_loop *loop)
{
	unsigned block = loop->slot_blocks++;
	uint32_t first = (uint32_t)US_SLOTS * ((1u << block) - 1);
	uint32_t n = (uint32_t)US_SLOTS << block;

	if (block == US_SLOT_BLOCKS)
		us_out_of_memory();
	loop->slots[block] = us_calloc(n, sizeof(struct us_slot));
	for (uint32_t i = 0; i < n; i++)
		loop->slots[block][i].next_free = i + 1 < n ? first + i + 2 : 0;
	loop->slot_free = first + 1;
}

struct us_ticket
us_slot_take(struct us_http_loop *loop, struct us_http_request *r)
{
	struct us_slot *slot;

	if (loop->slot_free == 0)
		add_block(loop);
	r->slot = loop->slot_free - 1;
	slot = slot_at(loop, r->slot);
	loop->slot_free = slot->next_free;
	slot->conn = r->conn;
	return (struct us_ticket){
	    loop->http, loop->index, r->slot, atomic_load(&slot->generation)};
}

void
us_slot_free(struct us_http_loop *loop, uint32_t number)
{
	struct us_slot *slot = slot_at(loop, number);

	slot->conn = NULL;
	atomic_fetch_add(&slot->generation, 1);
	slot->next_free = loop->slot_free;
	loop->slot_free = number + 1;
}

bool
us_slot_waits(const struct us_ticket *ticket)
{
	const struct us_http_loop *loop = &ticket->http->loops[ticket->loop];
	const struct us_slot *slot = slot_at(loop, ticket->slot);

	return atomic_load(&slot->generation) == ticket->generation;
}

struct us_conn *
us_slot_conn(const struct us_ticket *ticket)
{
	const struct us_http_loop *loop = &ticket->http->loops[ticket->loop];

	if (!us_slot_waits(ticket))
		return NULL;
	return slot_at(loop, ticket->slot)->conn;
}
