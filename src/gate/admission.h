/* admission: what an API server of Kubernetes asks a webhook, and the answer to it: AdmissionReview
 * of admission.k8s.io/v1. */
#pragma once

#include "gate/gate.h"

enum {
    AR_ADMISSION_WARNING_MAX = 256,   /* bytes of one warning: the server may cut what is longer */
    AR_ADMISSION_WARNINGS_MAX = 4096, /* of all; it leaves out what is more */
};

typedef struct ar_admission {
    ar_str uid;            /* of the request; the answer repeats it */
    const ar_node *object; /* what would be there; what is there, when it is to be `gone` */
    bool gone;
} ar_admission;

/* Whether the document says that it is one, of whatever version. */
bool ar_admission_is(const ar_node *document);
/* An object without a uid yet is known by its namespace and name. `what` names the document.
 *   AR_INVALID  another version, no request, no uid, no object, a part of an object, or an
 *               operation that changes none: nothing that a gate could answer */
ar_err ar_admission_read(ar_str what, const ar_node *document, ar_arena *arena,
                         ar_admission *out_admission);
/* The answer, a JSON document: allowed or not, why not, and what is warned of. `decision` is its
 * id. */
void ar_admission_answer(const ar_admission *admission, const ar_gate_decision *decision,
                         ar_str gate, ar_str id, ar_buf *out);
