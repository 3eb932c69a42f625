/* audit: what an operation says of itself in its event, beside its arguments. */
#pragma once

#include "op/args.h"

struct ar_audit {
    ar_buf facts; /* `,"name":value` */
};

void ar_audit_done(struct ar_audit *audit);
/* ar_audit_add of an operation that runs. */
void ar_audit_fact(struct ar_audit *audit, ar_str name, ar_value value);
/* The event's detail, a JSON object: arguments, facts, and what went wrong unless that is empty.
 * Long texts are cut: the event says what was done, it is no copy of it. */
void ar_audit_detail(const struct ar_audit *audit, const ar_args *args, ar_str problem,
                     ar_buf *out);
