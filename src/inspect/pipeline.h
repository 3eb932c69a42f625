/* pipeline: what the definition file of a build pipeline shows of itself, read line by line: no
 * anchor, template or macro is followed, so only what stands in the file counts. */
#pragma once

#include "base/base.h"

typedef struct ar_pipeline {
    int64_t foreign; /* steps and images that come from elsewhere */
    int64_t pinned;  /* of these, by commit or digest */
    bool uses_secrets;
    bool untrusted_trigger;
    bool provenance;
    ar_str runner; /* the one pool that all jobs name; empty when none or several */
} ar_pipeline;

/* The system that reads a file of this path ("github", "gitlab", "azure", "jenkins", "other"), or
 * NULL when it is no pipeline. */
const char *ar_pipeline_system(ar_str path);
void ar_pipeline_read(ar_str text, ar_pipeline *out_pipeline);
