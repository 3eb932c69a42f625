/* estate: the views of what the sources of a kind say of its assets together.
 *
 * The view main."K" has one row per asset: the columns of the kind, and `gone`, which is true when
 * no source shows the asset any more: it is then unknown, neither fixed nor deleted. An asset of
 * one row is read where it lies, the others from where they are kept merged (merge.h), so that a
 * scan costs no more than the tables. */
#pragma once

#include "estate/kind.h"
#include "estate/table.h"
#include "op/migrate.h"

/* What a source is to what it shows: the register where it is recorded, or someone who saw it. */
enum ar_role { AR_ROLE_NONE, AR_ROLE_REGISTER, AR_ROLE_OBSERVATION };

/* The kinds, with tables and views that fit them and HOME/owners.yaml. Cheap when neither changed.
 *   AR_INVALID   a kind file or owners.yaml is wrong; file, line and column are named
 *   AR_CONFLICT  a column came back with another type than its data has */
ar_err ar_estate_open(ar_ctx *ctx, ar_kinds *out_kinds);

/* For the table of what is called when an estate has been opened. */
ar_err ar_estate_opened(ar_ctx *ctx);

/* Puts the sources of the kind in the order in which its file says that they are believed, the
 * others behind them as they came. */
ar_err ar_estate_rank(ar_engine *engine, const ar_kind *kind);

/* Makes the view of the kind anew: after a source came, or its first asset of several rows. */
ar_err ar_estate_view(ar_engine *engine, const ar_table *table);

/* Adds SQL: rows of the kind's view that lie in the table `from`, as main.asset shows them; behind
 * UNION ALL where there is some before, and nothing for a kind that it does not show. It spares
 * planning the views of all kinds for a few rows of one. */
ar_err ar_estate_assets(ar_engine *engine, const ar_kind *asset, const ar_kind *kind, ar_str from,
                        ar_buf *sql);

extern const ar_migration ar_estate_migrations[]; /* ends with a zero entry */
