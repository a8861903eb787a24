/* SPDX-License-Identifier: Apache-2.0 */
/* Finding one's way in the world. */
#include "daemon/world.h"

struct us_org *
us_world_org(const struct us_world *world, struct us_str name)
{
	for (unsigned i = 0; i < world->org_count; i++) {
		if (us_str_eq(world->orgs[i]->name, name))
			return world->orgs[i];
	}
	return NULL;
}
