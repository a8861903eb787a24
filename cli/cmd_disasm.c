/* SPDX-License-Identifier: Apache-2.0 */
/* usher disasm: what rules compile to. */
#include "cli/args.h"
#include "cli/out.h"
#include "cli/workflow.h"
#include "engine/disasm.h"

int
us_cmd_disasm(struct us_args *args)
{
	struct us_workflow w;
	struct us_buf out = {0};
	int status = us_workflow_open(&w, &args->operands);

	if (!status) {
		us_disasm(w.prog, w.rs, &out);
		us_disasm_index(w.prog, &out);
		us_out(&out);
	}
	us_buf_free(&out);
	us_workflow_free(&w);
	return status;
}
