/* estate: the tables in which assets lie, and the views that merge what each source says of them.
 *
 * For each kind K the table ar."src_K" holds one row per source and id: the facts as that source
 * gives them, and beside them
 *   _source, _run        who says so, and the import that wrote the row
 *   _first_seen          when this source first showed it
 *   _seen_at             when it last did; NULL: in the source's last snapshot (ar.source)
 *   _gone_at             since when it does not; NULL: it does
 *   _owner, _owner_source, _domain
 *                        what is found about the owner where the facts do not say, or name someone
 *                        who left; _owner_source is NULL where the facts hold
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

/* A fact is what a source can say: every column but those that are computed (first_seen, last_seen,
 * source, source_count, owner_source). */
bool ar_column_is_fact(const ar_kind_column *column);
/* The facts of a kind in their order, `id` first. */
void ar_kind_facts(const ar_kind *kind, ar_arena *arena, const ar_kind_column ***out_facts,
                   size_t *out_n);

/* Makes the view of the kind anew: after a source came, or after ids came to have several. */
ar_err ar_estate_view(ar_engine *engine, const ar_kind *kind);

/* "src_app" as an SQL name with its schema. */
void ar_sql_src(ar_buf *sql, const ar_kind *kind);

extern const ar_migration ar_estate_migrations[]; /* ends with a zero entry */
