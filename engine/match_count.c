/* SPDX-License-Identifier: Apache-2.0 */
/* How many lines the index offers: for who measures, not for who decides. */
#include "engine/match_parts.h"

uint32_t
us_match_offered(struct us_matcher *m, const struct us_request *req)
{
	us_match_prepare(m, req);
	return m->loops ? m->prog->index->lines.n : us_match_offer(m);
}
