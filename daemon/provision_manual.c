/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioner manual: the work stands in GET /provisioning until a manager
 * posts that it is done. There is nothing that could be asked.
 */
#include "daemon/provision.h"

enum us_work_result
us_provision_manual(struct us_provision *p)
{
	(void)p;
	return US_WORK_ACCEPTED;
}
