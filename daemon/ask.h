/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submissions: request, grant and allow, from arguments to what is stored. The
 * loop decides; the writer checks that this was decided under what is so now,
 * and makes it happen. When it was not, the worker decides anew; so it does
 * when there are several items, and they take long.
 */
#ifndef US_ASK_H
#define US_ASK_H

#include "daemon/http.h"
#include "daemon/item.h"

/* Ends the call. argv: behind the verb; strings that live as the call does. */
void us_ask(struct us_call *call, enum us_wish_verb verb,
    const struct us_str *argv, uint32_t argc);

/* The same for ls. all: everything that there is, whoever may ask for it. */
void us_ls(struct us_call *call, const struct us_str *argv, uint32_t argc,
    bool all);

#endif
