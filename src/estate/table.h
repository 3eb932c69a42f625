/* table: where the rows of a kind lie as its sources give them.
 *
 * For each kind K the table ar."src_K" holds one row per source and id: the facts, and beside them
 *   _source              who says so: a number of ar.source
 *   _first_seen          when this source first showed it; NULL: in its first import (ar.source)
 *   _seen_at             when it last did; NULL: in the source's last snapshot (ar.source)
 *   _gone_at             since when it does not; NULL: it does
 *   _asset               the asset it belongs to; NULL: the one of its own id (match.h)
 *   _shared              true: the asset has other rows too, and lies merged in ar."merged_K"
 *   _told                as of when its columns are known, of whom facts were told (told.h)
 *   _owner, _owner_source, _domain
 *                        what is found about the owner where the facts do not say, or name someone
 *                        who left; _owner_source is NULL where the facts hold
 * A kind has forty columns, a source gives ten: a column is there from the first time that
 * something is put into it. The view ar."said_K" shows them all, NULL where nothing was put; what
 * reads, reads it. There `id` is the asset's, `_id` the one that the source gives. Of a kind that
 * matches, ar."alias_K" (source, id, asset) tells which of a source's ids are other assets. */
#pragma once

#include "estate/kind.h"

enum { AR_TABLE_MARKS = 8 };

typedef struct ar_table {
    ar_engine *engine;
    const ar_kind *kind;
    const ar_kind_column **facts; /* of the kind in their order, `id` first */
    size_t n_facts;
    bool *stored; /* per fact */
    bool marks[AR_TABLE_MARKS];
    bool tells;  /* has _told */
    bool marked; /* has all the others too, and there is a table of merged rows */
    bool shares; /* that has any */
} ar_table;

/* "src_app", "merged_app", the views of all their columns, "said_app" and "whole_app", and
 * "alias_app", as SQL names with their schema. */
void ar_sql_src(ar_buf *sql, const ar_kind *kind);
void ar_sql_merged(ar_buf *sql, const ar_kind *kind);
void ar_sql_said(ar_buf *sql, const ar_kind *kind);
void ar_sql_whole(ar_buf *sql, const ar_kind *kind);
void ar_sql_alias(ar_buf *sql, const ar_kind *kind);
/* The asset of row `t` of the table itself. */
void ar_sql_asset(ar_buf *sql, const ar_table *table);

/* The kind's table, made when there is none. A column that left the kind's file stays in the table:
 * its data come back with it.
 *   AR_CONFLICT  a column came back with another type than its data has */
ar_err ar_table_open(ar_engine *engine, const ar_kind *kind, ar_arena *arena, ar_table *out_table);

/* Makes room for these facts, one bool for each; for what an asset is given that comes later than
 * its source, changes, goes, is found an owner or is shown by several rows. Nothing is done twice.
 * The engine refuses a transaction that makes room after it has changed rows. */
ar_err ar_table_store(ar_table *table, const bool *facts);
ar_err ar_table_mark(ar_table *table);
ar_err ar_table_tell(ar_table *table);
/* Throws the merged rows away and makes room for them anew, with the columns of today. */
ar_err ar_table_remake(ar_table *table);
/* Makes the views; for when the kind's file is new or changed. */
ar_err ar_table_view(const ar_table *table);
