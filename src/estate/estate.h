/* estate: the views that merge what each source says of the assets of a kind.
 *
 * The view main."K" has one row per id: the columns of the kind, and `gone`, which is true when no
 * source shows the asset any more: it is then unknown, neither fixed nor deleted. While no id has
 * two sources the view is a plain SELECT, so a scan costs no more than the table. */
#pragma once

#include "estate/kind.h"
#include "op/migrate.h"

/* The kinds, with tables and views that fit them and HOME/owners.yaml. Cheap when neither changed.
 *   AR_INVALID   a kind file or owners.yaml is wrong; file, line and column are named
 *   AR_CONFLICT  a column came back with another type than its data has */
ar_err ar_estate_open(ar_ctx *ctx, ar_kinds *out_kinds);

/* For the table of what is called when an estate has been opened. */
ar_err ar_estate_opened(ar_ctx *ctx);

/* Makes the view of the kind anew: after a source came, or after ids came to have several. */
ar_err ar_estate_view(ar_engine *engine, const ar_kind *kind);

extern const ar_migration ar_estate_migrations[]; /* ends with a zero entry */
