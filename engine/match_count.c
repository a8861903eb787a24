/* SPDX-License-Identifier: Apache-2.0 */
/* How many lines the index offers: for who measures, not for who decides. */
#include "engine/match_parts.h"

uint32_t
us_match_offered(struct us_matcher *m, const struct us_request *req)
{
	uint32_t n = 0;

	us_match_prepare(m, req);
	if (m->loops)
		return m->prog->index->lines.n;
	us_match_offer(m);
	for (uint32_t i = 0; i < m->word_count * 64; i++) {
		n += (uint32_t)__builtin_popcountll(m->lines[i]);
		m->lines[i] = 0;
	}
	for (uint32_t i = 0; i < m->word_count; i++)
		m->words[i] = 0;
	return n;
}
