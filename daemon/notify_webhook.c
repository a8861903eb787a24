/* SPDX-License-Identifier: Apache-2.0 */
/* Notifier webhook: POST of the notice with a signed token; any 2xx is fine. */
#include "daemon/clock.h"
#include "daemon/notify.h"
#include "daemon/token.h"
#include "daemon/world.h"

bool
us_notify_webhook(const struct us_world *world,
    const struct us_conf_notifier *conf, const struct us_work *work,
    struct us_post *post, const atomic_bool *stop, struct us_buf *error)
{
	struct us_buf token = {0}, answer = {0};
	long status;

	us_token_sign_post(world->key,
	    &(struct us_post_token){work->org, us_str(conf->url), work->body,
		us_clock_now(), work->seq},
	    &token);
	status = us_post(post,
	    &(struct us_post_call){conf->url, us_buf_str(&token), work->body,
		conf->timeout_seconds, stop},
	    &answer, error);
	if (status && (status < 200 || status > 299))
		us_buf_printf(error, "it answered with status %ld", status);
	us_buf_free(&token);
	us_buf_free(&answer);
	return status >= 200 && status <= 299;
}
