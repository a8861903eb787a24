/* SPDX-License-Identifier: Apache-2.0 */
/* Files of facts: directory, inventory, on-call. */
#include "daemon/json_file.h"
#include "engine/check.h"
#include "grammar/load.h"

/* So many of what is wrong are told; a file can be wrong in every line. */
#define TOLD_MAX 20

static void
tell(struct us_diags *diags, struct us_buf *error)
{
	us_diags_sort(diags);
	for (uint32_t i = 0; i < diags->list.n && i < TOLD_MAX; i++)
		us_diag_text(&diags->list.v[i], false, error);
	if (diags->list.n > TOLD_MAX)
		us_buf_printf(error, "and %u more\n",
		    (unsigned)(diags->list.n - TOLD_MAX));
}

bool
us_json_file_read(const char *path, struct us_arena *a,
    void (*read)(
	struct us_json_reader *r, struct us_json_value value, void *what),
    void *what, struct us_buf *error)
{
	struct us_diags diags = {0};
	struct us_json_reader r = {.diags = &diags, .arena = a};
	struct us_json_value value;
	bool good;

	r.src = us_load_file(path, US_FORMAT_JSON, US_WORKFLOW_MAX, &diags);
	if (r.src && us_json_parse(r.src, &diags, &value))
		read(&r, value, what);
	good = diags.errors == 0;
	if (!good)
		tell(&diags, error);
	us_diags_free(&diags);
	if (r.src)
		us_src_free(r.src);
	return good;
}
