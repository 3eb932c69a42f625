#include "estate/owner.h"

#include "estate/estate.h"
#include "estate/table.h"
#include "form/yaml.h"
#include "sys/file.h"

enum {
    OWNERS_FILE_MAX = 16 * 1024 * 1024,
    OWNERS_MAX = 200000,
    OWNER_DEPTH_MAX = 32, /* person, team, team of teams, division, … */
};

typedef struct owner {
    ar_str id, name, parent, team, domain;
    ar_value left_at;
    const ar_node *node;
} owner;

typedef struct domain_row {
    ar_str id, name, kind, owner, deputy_ciso, reports_to;
    ar_value council_member, appointed_at;
    bool is_default;
    const ar_node *node;
} domain_row;

typedef struct owners {
    ar_str file;
    owner *list;
    size_t n;
    domain_row *domains;
    size_t n_domains;
    ar_map by_id, domain_by_id;
} owners;

/* ---- reading the file ---- */

static ar_err read_time(ar_str file, const ar_node *map, const char *key, ar_value *out_time)
{
    ar_str text = { 0 };
    ar_time time;

    AR_TRY(ar_node_text(file, map, key, false, &text));
    if (text.len == 0) return ar_ok();
    ar_err err = ar_time_parse(text, &time);
    if (err.code != AR_OK)
        return ar_node_fail(file, ar_node_get(map, ar_str_of(key)), "%.*s",
                            AR_FMT(ar_err_text(err)));
    *out_time = ar_at(time);
    return ar_ok();
}

static ar_err read_owner(ar_str file, const ar_node *node, owner *out)
{
    static const ar_str keys[] = { AR_LIT("id"), AR_LIT("name"), AR_LIT("in"), AR_LIT("domain"),
                                   AR_LIT("left") };

    out->node = node;
    AR_TRY(ar_node_only(file, node, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, node, "id", true, &out->id));
    AR_TRY(ar_node_text(file, node, "name", false, &out->name));
    AR_TRY(ar_node_text(file, node, "in", false, &out->parent));
    AR_TRY(ar_node_text(file, node, "domain", false, &out->domain));
    AR_TRY(read_time(file, node, "left", &out->left_at));
    if (!ar_str_starts(out->id, AR_LIT("person:")) && !ar_str_starts(out->id, AR_LIT("team:")) &&
        !ar_str_starts(out->id, AR_LIT("division:")))
        return ar_node_fail(file, ar_node_get(node, AR_LIT("id")),
                            "'%.*s' is not an owner (want person:…, team:… or division:…)",
                            AR_FMT(out->id));
    return ar_ok();
}

static ar_err read_domain(ar_str file, const ar_node *node, domain_row *out)
{
    static const ar_str keys[] = { AR_LIT("id"),      AR_LIT("name"),        AR_LIT("kind"),
                                   AR_LIT("owner"),   AR_LIT("deputy_ciso"), AR_LIT("reports_to"),
                                   AR_LIT("council"), AR_LIT("appointed"),   AR_LIT("default") };
    bool council = false;

    out->node = node;
    AR_TRY(ar_node_only(file, node, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, node, "id", true, &out->id));
    AR_TRY(ar_node_text(file, node, "name", false, &out->name));
    AR_TRY(ar_node_text(file, node, "kind", false, &out->kind));
    AR_TRY(ar_node_text(file, node, "owner", false, &out->owner));
    AR_TRY(ar_node_text(file, node, "deputy_ciso", false, &out->deputy_ciso));
    AR_TRY(ar_node_text(file, node, "reports_to", false, &out->reports_to));
    AR_TRY(ar_node_bool(file, node, "council", false, &council));
    AR_TRY(ar_node_bool(file, node, "default", false, &out->is_default));
    AR_TRY(read_time(file, node, "appointed", &out->appointed_at));
    if (ar_node_get(node, AR_LIT("council")) != NULL) out->council_member = ar_bool(council);
    return ar_ok();
}

static ar_err twice(const owners *all, const ar_node *node, ar_str id)
{
    return ar_node_fail(all->file, ar_node_get(node, AR_LIT("id")), "'%.*s' is there twice",
                        AR_FMT(id));
}

static ar_err read_lists(const ar_node *root, ar_arena *arena, owners *all)
{
    static const ar_str keys[] = { AR_LIT("owners"), AR_LIT("domains") };
    const ar_node *list = NULL, *domains = NULL;
    bool is_new;

    if (root->kind == AR_NODE_NULL) return ar_ok();
    AR_TRY(ar_node_only(all->file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_list(all->file, root, "owners", false, &list));
    AR_TRY(ar_node_list(all->file, root, "domains", false, &domains));
    all->n = list == NULL ? 0 : list->n;
    all->n_domains = domains == NULL ? 0 : domains->n;
    if (all->n > OWNERS_MAX || all->n_domains > OWNERS_MAX)
        return ar_fail(AR_LIMIT, "%.*s: at most %d owners and as many domains", AR_FMT(all->file),
                       OWNERS_MAX);
    all->list = ar_make_n(arena, owner, all->n);
    all->domains = ar_make_n(arena, domain_row, all->n_domains);
    for (size_t i = 0; i < all->n; i++) {
        AR_TRY(read_owner(all->file, list->items[i], &all->list[i]));
        ar_map_put(&all->by_id, arena, all->list[i].id, &is_new)->ptr = &all->list[i];
        if (!is_new) return twice(all, list->items[i], all->list[i].id);
    }
    for (size_t i = 0; i < all->n_domains; i++) {
        AR_TRY(read_domain(all->file, domains->items[i], &all->domains[i]));
        ar_map_put(&all->domain_by_id, arena, all->domains[i].id, &is_new)->ptr = &all->domains[i];
        if (!is_new) return twice(all, domains->items[i], all->domains[i].id);
    }
    return ar_ok();
}

/* ---- the tree ---- */

/* Up from `who`: its team is the first team on the way, its domain the first that is named. */
static ar_err climb(const owners *all, owner *who)
{
    const owner *at = who;

    for (int depth = 0;; depth++) {
        if (depth == OWNER_DEPTH_MAX)
            return ar_node_fail(all->file, who->node, "'%.*s' is in itself, or more than %d deep",
                                AR_FMT(who->id), OWNER_DEPTH_MAX);
        if (who->team.len == 0 && ar_str_starts(at->id, AR_LIT("team:"))) who->team = at->id;
        if (who->domain.len == 0) who->domain = at->domain;
        if (at->parent.len == 0) return ar_ok();
        const ar_map_value *up = ar_map_get(&all->by_id, at->parent);
        if (up == NULL)
            return ar_node_fail(all->file, ar_node_get(at->node, AR_LIT("in")),
                                "no owner is named '%.*s'", AR_FMT(at->parent));
        at = up->cptr;
    }
}

static ar_err check_owner_of_domain(const owners *all, const domain_row *d, const char *key,
                                    ar_str who)
{
    if (who.len == 0 || ar_map_get(&all->by_id, who) != NULL) return ar_ok();
    return ar_node_fail(all->file, ar_node_get(d->node, ar_str_of(key)), "no owner is named '%.*s'",
                        AR_FMT(who));
}

static ar_err check(owners *all)
{
    const domain_row *fallback = NULL;

    for (size_t i = 0; i < all->n_domains; i++) {
        const domain_row *d = &all->domains[i];
        AR_TRY(check_owner_of_domain(all, d, "owner", d->owner));
        AR_TRY(check_owner_of_domain(all, d, "deputy_ciso", d->deputy_ciso));
        if (d->is_default && fallback != NULL)
            return ar_node_fail(all->file, d->node, "'%.*s' and '%.*s' cannot both be the default",
                                AR_FMT(fallback->id), AR_FMT(d->id));
        if (d->is_default) fallback = d;
    }
    for (size_t i = 0; i < all->n; i++) {
        owner *who = &all->list[i];
        if (who->domain.len > 0 && ar_map_get(&all->domain_by_id, who->domain) == NULL)
            return ar_node_fail(all->file, ar_node_get(who->node, AR_LIT("domain")),
                                "no domain is named '%.*s'", AR_FMT(who->domain));
    }
    for (size_t i = 0; i < all->n; i++) AR_TRY(climb(all, &all->list[i]));
    return ar_ok();
}

static ar_err read_file(ar_str file, ar_str text, ar_arena *arena, owners *out_all)
{
    owners all = { .file = file };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    AR_TRY(read_lists(root, arena, &all));
    AR_TRY(check(&all));
    *out_all = all;
    return ar_ok();
}

ar_err ar_owners_check(ar_ctx *ctx, const char *path, int64_t *out_n)
{
    ar_str text = { 0 };
    owners all;

    ar_err err = ar_file_read(path, OWNERS_FILE_MAX, ctx->arena, &text);
    if (err.code == AR_NOT_FOUND) return *out_n = -1, ar_ok();
    if (err.code != AR_OK) return err;
    AR_TRY(read_file(ar_str_of(path), text, ctx->arena, &all));
    *out_n = (int64_t)(all.n + all.n_domains);
    return ar_ok();
}

/* ---- the tables ---- */

static ar_err store_lists(ar_engine *engine, const owners *all)
{
    ar_own(ar_append) people = NULL;
    ar_own(ar_append) domains = NULL;

    AR_TRY(ar_append_open(engine, "ar.owner", &people));
    for (size_t i = 0; i < all->n; i++) {
        const owner *who = &all->list[i];
        ar_value row[] = {
            ar_text(who->id),           ar_text_or_null(who->name),   ar_text_or_null(who->parent),
            ar_text_or_null(who->team), ar_text_or_null(who->domain), who->left_at
        };
        AR_TRY(ar_append_row(people, row, AR_COUNT(row)));
    }
    AR_TRY(ar_append_close(&people));

    AR_TRY(ar_append_open(engine, "ar.domain", &domains));
    for (size_t i = 0; i < all->n_domains; i++) {
        const domain_row *d = &all->domains[i];
        ar_value row[] = { ar_text(d->id),
                           ar_text_or_null(d->name),
                           ar_text_or_null(d->kind),
                           ar_text_or_null(d->owner),
                           ar_text_or_null(d->deputy_ciso),
                           ar_text_or_null(d->reports_to),
                           d->council_member,
                           d->appointed_at,
                           ar_bool(d->is_default) };
        AR_TRY(ar_append_row(domains, row, AR_COUNT(row)));
    }
    return ar_append_close(&domains);
}

static ar_err store(ar_engine *engine, const owners *all, ar_str text)
{
    ar_value arg = ar_text(text);

    AR_TRY(ar_engine_exec(engine, "DELETE FROM ar.owner; DELETE FROM ar.domain;"
                                  " DELETE FROM ar.owners_file"));
    AR_TRY(store_lists(engine, all));
    /* last: a crash before it has the file read again */
    return ar_engine_run(engine, AR_LIT("INSERT INTO ar.owners_file VALUES ($1)"), &arg, 1, NULL);
}

ar_err ar_owners_sync(ar_ctx *ctx, bool *out_changed)
{
    const char *path = ar_path_join(ctx->arena, ctx->place->home, "owners.yaml");
    ar_str text = { 0 };
    ar_value known;
    owners all;

    ar_err err = ar_file_read(path, OWNERS_FILE_MAX, ctx->arena, &text);
    if (err.code != AR_OK && err.code != AR_NOT_FOUND) return err;
    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT text FROM ar.owners_file"), NULL, 0,
                           ctx->arena, &known));
    if (ar_str_eq(text, known.type == AR_TEXT ? known.s : (ar_str){ 0 })) return ar_ok();

    AR_TRY(read_file(ar_str_of(path), text, ctx->arena, &all));
    AR_TRY(store(ctx->engine, &all, text));
    *out_changed = true;
    return ar_ok();
}

/* ---- evidence ---- */

static ar_err append_evidence(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n)
{
    ar_own(ar_append) append = NULL;

    AR_TRY(ar_append_open(engine, "ar.evidence", &append));
    for (size_t i = 0; i < n; i++) {
        ar_value row[] = { ar_text(list[i].kind),
                           ar_text(list[i].id),
                           ar_text(list[i].owner),
                           ar_text(list[i].evidence),
                           ar_double(list[i].confidence),
                           ar_at(list[i].observed_at),
                           ar_text(source) };
        AR_TRY(ar_append_row(append, row, AR_COUNT(row)));
    }
    return ar_append_close(&append);
}

ar_err ar_evidence_replace(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n)
{
    ar_value arg = ar_text(source);

    AR_TRY(
        ar_engine_run(engine, AR_LIT("DELETE FROM ar.evidence WHERE source = $1"), &arg, 1, NULL));
    return append_evidence(engine, source, list, n);
}

ar_err ar_evidence_add(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n)
{
    ar_value arg = ar_text(source);

    /* under no source until what it replaces is gone */
    AR_TRY(append_evidence(engine, AR_LIT(""), list, n));
    AR_TRY(ar_engine_run(engine,
                         AR_LIT("DELETE FROM ar.evidence WHERE source = $1 AND (kind, id) IN "
                                "(SELECT (kind, id) FROM ar.evidence WHERE source = '')"),
                         &arg, 1, NULL));
    return ar_engine_run(engine, AR_LIT("UPDATE ar.evidence SET source = $1 WHERE source = ''"),
                         &arg, 1, NULL);
}

/* ---- resolution ---- */

/* away(id): who speaks for nothing any more. $2 is now. */
static const char away[] = "SELECT id FROM ar.owner WHERE left_at <= $2"
                           " UNION SELECT 'person:' || id FROM main.person"
                           " WHERE NOT active OR deleted_at <= $2";

/* In a home without owners, domains, leavers and evidence for the kind there is nothing to find;
 * rows that were found something before are cleaned. */
static ar_err nothing_to_find(ar_engine *engine, const ar_kind *kind, ar_time now,
                              bool *out_nothing)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_value args[] = { ar_text(kind->name), ar_at(now) }, any;

    ar_buf_addf(&sql,
                "SELECT EXISTS (SELECT 1 FROM ar.owner) OR EXISTS (SELECT 1 FROM ar.domain)"
                " OR EXISTS (SELECT 1 FROM ar.evidence WHERE kind = $1) OR EXISTS (%s)"
                " OR EXISTS (SELECT 1 FROM ",
                away);
    ar_sql_said(&sql, kind);
    ar_buf_addz(&sql, " WHERE _owner_source IS NOT NULL OR _domain IS NOT NULL)");
    if (kind->whole.len > 0) {
        ar_buf_addz(&sql, " OR EXISTS (SELECT 1 FROM main.");
        ar_sql_name(&sql, kind->whole);
        ar_buf_addz(&sql, " WHERE owner_id IS NOT NULL OR domain_id IS NOT NULL)");
    }
    AR_TRY(ar_engine_value(engine, ar_buf_str(&sql), args, AR_COUNT(args), &arena, &any));
    *out_nothing = !(any.type == AR_BOOL && any.b);
    return ar_ok();
}

/* What a part has from its whole: whole(id, owner, domain_id) by the part's id. */
static void add_whole(ar_buf *sql, const ar_kind *kind)
{
    if (kind->whole.len == 0) {
        ar_buf_addz(sql, " SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS owner,"
                         " NULL::VARCHAR AS domain_id WHERE false");
        return;
    }
    ar_buf_addz(sql, " SELECT t.id, any_value(q.owner_id) AS owner,"
                     " any_value(q.domain_id) AS domain_id FROM ");
    ar_sql_said(sql, kind);
    ar_buf_addz(sql, " t JOIN main.");
    ar_sql_name(sql, kind->whole);
    ar_buf_addz(sql, " q ON q.id = t.");
    ar_sql_name(sql, kind->whole_by);
    ar_buf_addz(sql, " GROUP BY t.id");
}

/* told(id, named, owner, teller, domain_id): what the sources say together, as the view merges
 * them: in their order, and the gone have no say beside the living. `named` may be away; `owner`,
 * in the words of `teller`, is the first who is not. */
static void add_told(ar_buf *sql, const ar_kind *kind)
{
    static const char *const columns[] = { "named", "owner", "teller", "domain_id" };

    ar_buf_addz(sql, "word AS (SELECT t.id, t.domain_id, t.owner_id AS named,"
                     " CASE WHEN a.id IS NULL THEN t.owner_id END AS owner,"
                     " CASE WHEN a.id IS NULL AND t.owner_id IS NOT NULL THEN p.source END"
                     " AS teller, p.precedence, t._gone_at IS NULL AS live FROM ");
    ar_sql_said(sql, kind);
    ar_buf_addz(sql, " t JOIN ar.source p ON p.number = t._source"
                     " LEFT JOIN away a ON a.id = t.owner_id), told AS (SELECT id");
    for (size_t i = 0; i < AR_COUNT(columns); i++)
        ar_buf_addf(sql,
                    ", CASE WHEN bool_or(live) THEN arg_min(%s, precedence) FILTER (WHERE live)"
                    " ELSE arg_min(%s, precedence) END AS %s",
                    columns[i], columns[i], columns[i]);
    ar_buf_addz(sql, " FROM word GROUP BY id)");
}

static ar_err resolve_kind(ar_engine *engine, const ar_kind *kind, ar_time now)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_value args[] = { ar_text(kind->name), ar_at(now) };
    ar_table table;
    bool nothing;

    AR_TRY(nothing_to_find(engine, kind, now, &nothing));
    if (nothing) return ar_ok();
    AR_TRY(ar_table_open(engine, kind, &arena, &table));
    AR_TRY(ar_table_mark(&table));

    /* found: the best evidence that still stands. The owner leads to the domain, also one who is
     * away when nobody else is known, and the domain to its default owner. Where the first word of
     * the sources holds, nothing is found: the view shows it. */
    ar_buf_addf(&sql, "WITH away AS (%s), ", away);
    add_told(&sql, kind);
    ar_buf_addz(&sql,
                ", found AS (SELECT id, owner, evidence FROM (SELECT e.id, e.owner, e.evidence,"
                " row_number() OVER (PARTITION BY e.id"
                " ORDER BY e.confidence DESC, e.observed_at DESC, e.owner) AS place"
                " FROM ar.evidence e WHERE e.kind = $1"
                " AND e.owner NOT IN (SELECT id FROM away)) ranked WHERE place = 1),"
                " standing AS (SELECT id, owner FROM ar.domain"
                " WHERE owner NOT IN (SELECT id FROM away)),"
                " fallback AS (SELECT id FROM ar.domain WHERE is_default),"
                " whole AS (");
    add_whole(&sql, kind);
    ar_buf_addz(
        &sql,
        "), placed AS (SELECT s.id, coalesce(s.owner = s.named, false) AS holds,"
        " s.named IS NOT NULL AS named, coalesce(s.owner, f.owner, q.owner) AS owner,"
        " CASE WHEN s.owner IS NOT NULL THEN s.teller WHEN f.owner IS NOT NULL THEN f.evidence"
        " ELSE 'whole' END AS owner_source,"
        " coalesce(s.domain_id, w.domain_id, q.domain_id, (SELECT id FROM fallback)) AS domain_id"
        " FROM told s LEFT JOIN found f ON f.id = s.id AND s.owner IS NULL"
        " LEFT JOIN whole q ON q.id = s.id"
        " LEFT JOIN ar.owner w ON w.id = coalesce(s.owner, f.owner, q.owner, s.named)),"
        " answer AS (SELECT a.id, CASE WHEN NOT a.holds THEN coalesce(a.owner, d.owner) END"
        " AS owner, CASE WHEN a.holds THEN NULL WHEN a.owner IS NOT NULL THEN a.owner_source"
        " WHEN d.owner IS NOT NULL THEN 'default' WHEN a.named THEN 'left' END AS owner_source,"
        " a.domain_id FROM placed a LEFT JOIN standing d ON d.id = a.domain_id)"
        " UPDATE ");
    ar_sql_src(&sql, kind);
    ar_buf_addz(&sql, " AS t SET _owner = a.owner, _owner_source = a.owner_source,"
                      " _domain = a.domain_id FROM answer a WHERE a.id = t.id AND"
                      " (t._owner IS DISTINCT FROM a.owner"
                      " OR t._owner_source IS DISTINCT FROM a.owner_source"
                      " OR t._domain IS DISTINCT FROM a.domain_id)");
    return ar_engine_run(engine, ar_buf_str(&sql), args, AR_COUNT(args), NULL);
}

ar_err ar_owners_resolve(ar_engine *engine, const ar_kinds *kinds, const ar_kind *kind, ar_time now)
{
    AR_TRY(resolve_kind(engine, kind, now));
    for (size_t i = 0; i < kinds->n; i++)
        if (ar_str_eq(kinds->list[i].whole, kind->name))
            AR_TRY(resolve_kind(engine, &kinds->list[i], now));
    return ar_ok();
}
