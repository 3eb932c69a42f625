/* due: by when a case must be mitigated: what its table of decision points says, and never later
 * than the date that the catalogue of exploited vulnerabilities (KEV) gives. */
#pragma once

#include "response/case.h"

/* The parameters `point` and `kev_due` of an operation that decides. */
#define AR_CASE_DUE_PARAMS                                                                   \
    { "point", AR_PARAM_TEXT, AR_REPEATED,                                                   \
      "a decision point of the table in tables/ and its value: exploitation=active", NULL }, \
    {                                                                                        \
        "kev_due", AR_PARAM_TIME, 0,                                                         \
            "the due date in CISA's catalogue of exploited vulnerabilities", NULL            \
    }

/* Decides by these parameters and by what was decided before: sets points, decision, severity, KEV
 * date and due date. Until it is triaged the clock runs from when the case was opened, a later
 * decision gives its time from now on, and can only make the date earlier; so can any after a miss.
 *   AR_INVALID   no such point or value
 *   AR_CONFLICT  the date would become later */
ar_err ar_case_decide(ar_ctx *ctx, const ar_args *args, ar_case *c);
