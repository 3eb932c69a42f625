/* tables: where the judge keeps what it found, and the views `finding`, `waiver` and `standard`
 * that `query` and the standards themselves see. */
#pragma once

#include "op/migrate.h"

extern const ar_migration ar_standard_migrations[]; /* 300 to 399; ends with a zero entry */
