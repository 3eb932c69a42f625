/* ops: what people can ask of the estate, and bring into it. */
#pragma once

#include "estate/child.h"
#include "estate/import.h"

/* Each ends with a zero entry. */
extern const ar_op ar_kind_ops[];
extern const ar_op ar_asset_ops[];
extern const ar_op ar_connector_ops[];
extern const ar_op ar_import_ops[];
extern const ar_op ar_fetch_ops[];
extern const ar_op ar_owner_ops[];
extern const ar_op ar_claim_ops[];

/* For `status`: the imports that failed or are held, and nothing was imported since. */
ar_err ar_import_status(ar_ctx *ctx, ar_reply *reply);

/* ---- what they share ---- */

/* The parameter KIND:ID. */
extern const ar_param ar_asset_param[];
/* "repo:git/a:b" is the asset with id "git/a:b" of kind repo. AR_INVALID; AR_NOT_FOUND: no such
 * kind, or none of it has that id. */
ar_err ar_ops_asset(ar_ctx *ctx, const ar_kinds *kinds, ar_str text, const ar_kind **out_kind,
                    ar_str *out_id);
/* Adds " WHERE …" over the kind's view `t`: a condition of a person in the expression language, so
 * that it can name columns only. Nothing when it is empty. */
ar_err ar_ops_where(ar_ctx *ctx, const ar_kind *kind, ar_str where, ar_buf *sql);
/* A fact as people read it, its name and its value as the text of a row; a time stays one. What a
 * source says of owners is named so, and told in words. */
ar_str ar_ops_fact_name(ar_str column);
ar_value ar_ops_fact_text(ar_ctx *ctx, ar_str column, ar_value value);
/* The payload's rows, read by a child; by this process itself where there is no program to start,
 * as in the tests of this folder. The caller frees both. */
ar_err ar_ops_feed(ar_ctx *ctx, const ar_plan *plan, int fd, ar_intake **intake,
                   ar_intake_child **child, const ar_feed **out_feed);
/* Reads the payload behind `fd` with the connector and enters it as the spec says; the row is that
 * of `import`. */
ar_err ar_ops_import(ar_ctx *ctx, const ar_kinds *kinds, const ar_connector *connector,
                     const ar_import_spec *spec, ar_str payload, int fd, ar_reply *reply);
extern const ar_column ar_import_columns[];
/* `asset links`: what an asset leads to, and what leads to it. */
ar_err ar_asset_run_links(ar_ctx *ctx, const ar_args *args, ar_reply *reply);
extern const ar_column ar_asset_link_columns[];
