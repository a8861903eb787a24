/* SPDX-License-Identifier: Apache-2.0 */
/* What the store can be made to say again. */
#ifndef US_DERIVE_H
#define US_DERIVE_H

#include "daemon/store.h"

/* Fills the derived tables of all organisations; a us_store_derive. */
void us_derive(struct us_txn *txn);

#endif
