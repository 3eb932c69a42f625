/* tables: what is kept of work beside the findings, and the view `work_item` by which standards and
 * metrics see items as assets. */
#pragma once

#include "op/migrate.h"

extern const ar_migration ar_work_migrations[]; /* 420 to 429; ends with a zero entry */
