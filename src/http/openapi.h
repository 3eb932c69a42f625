/* openapi: the API as an OpenAPI 3.1 document, from the table of operations. */
#pragma once

#include "op/op.h"

void ar_openapi(const ar_tables *tables, ar_buf *out);
