#include "estate/owner.h"

#include "estate/estate.h"
#include "estate/table.h"
#include "form/yaml.h"
#include "sys/file.h"

enum {
    OWNERS_FILE_MAX = 16 * 1024 * 1024,
    OWNERS_MAX = 200000,
    OWNER_DEPTH_MAX = 32, /* person, team, team of teams, division, … */
    ALIASES_MAX = 32,
    ALIAS_BYTES_MAX = 320, /* a mail address is no longer */
};

typedef struct owner {
    ar_str id, name, parent, team, domain;
    ar_value left_at;
    const ar_node *aliases; /* NULL: none */
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
    ar_map by_alias; /* ids too, in lower case */
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
    static const ar_str keys[] = { AR_LIT("id"),     AR_LIT("name"), AR_LIT("in"),
                                   AR_LIT("domain"), AR_LIT("left"), AR_LIT("aliases") };

    out->node = node;
    AR_TRY(ar_node_only(file, node, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, node, "id", true, &out->id));
    AR_TRY(ar_node_text(file, node, "name", false, &out->name));
    AR_TRY(ar_node_text(file, node, "in", false, &out->parent));
    AR_TRY(ar_node_text(file, node, "domain", false, &out->domain));
    AR_TRY(read_time(file, node, "left", &out->left_at));
    AR_TRY(ar_node_list(file, node, "aliases", false, &out->aliases));
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

/* A name means one owner, whatever the case of its letters. */
static ar_err keep_alias(owners *all, ar_arena *arena, const ar_node *node, ar_str name, owner *who)
{
    bool is_new;
    ar_map_value *place = ar_map_put(&all->by_alias, arena, ar_arena_lower(arena, name), &is_new);

    if (!is_new && place->cptr != who)
        return ar_node_fail(all->file, node, "'%.*s' means '%.*s' already", AR_FMT(name),
                            AR_FMT(((const owner *)place->cptr)->id));
    place->ptr = who;
    return ar_ok();
}

static ar_err keep_aliases(owners *all, ar_arena *arena, owner *who)
{
    size_t n = who->aliases == NULL ? 0 : who->aliases->n;

    if (n > ALIASES_MAX)
        return ar_node_fail(all->file, who->aliases, "an owner may have %d aliases, this has %zu",
                            ALIASES_MAX, n);
    AR_TRY(keep_alias(all, arena, who->node, who->id, who));
    for (size_t i = 0; i < n; i++) {
        const ar_node *node = who->aliases->items[i];
        ar_str name = ar_str_trim(node->text);

        if (node->kind == AR_NODE_MAP || node->kind == AR_NODE_LIST || name.len == 0 ||
            name.len > ALIAS_BYTES_MAX)
            return ar_node_fail(all->file, node,
                                "an alias is a name of up to %d bytes: a mail address, a login, a "
                                "team's slug",
                                ALIAS_BYTES_MAX);
        AR_TRY(keep_alias(all, arena, node, name, who));
    }
    return ar_ok();
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
    for (size_t i = 0; i < all->n; i++) AR_TRY(keep_aliases(all, arena, &all->list[i]));
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

static ar_err store_aliases(ar_engine *engine, const owners *all)
{
    ar_own(ar_append) append = NULL;

    AR_TRY(ar_append_open(engine, "ar.owner_alias", &append));
    for (size_t i = 0; i < all->n; i++) {
        const owner *who = &all->list[i];

        for (size_t k = 0; who->aliases != NULL && k < who->aliases->n; k++) {
            ar_value row[] = { ar_text(ar_str_trim(who->aliases->items[k]->text)),
                               ar_text(who->id) };
            AR_TRY(ar_append_row(append, row, AR_COUNT(row)));
        }
    }
    return ar_append_close(&append);
}

/* Who is in whom, at any depth: what is theirs is no contradiction. */
static ar_err store_tree(ar_engine *engine, const owners *all)
{
    ar_own(ar_append) append = NULL;

    AR_TRY(ar_append_open(engine, "ar.owner_up", &append));
    for (size_t i = 0; i < all->n; i++)
        for (const owner *at = &all->list[i]; at->parent.len > 0;) {
            ar_value row[] = { ar_text(all->list[i].id), ar_text(at->parent) };
            AR_TRY(ar_append_row(append, row, AR_COUNT(row)));
            at = ar_map_get(&all->by_id, at->parent)->cptr;
        }
    return ar_append_close(&append);
}

static ar_err store(ar_engine *engine, const owners *all, ar_str text)
{
    ar_value arg = ar_text(text);

    AR_TRY(ar_engine_exec(engine, "DELETE FROM ar.owner; DELETE FROM ar.domain;"
                                  " DELETE FROM ar.owner_alias; DELETE FROM ar.owner_up;"
                                  " DELETE FROM ar.owners_file"));
    AR_TRY(store_lists(engine, all));
    AR_TRY(store_aliases(engine, all));
    AR_TRY(store_tree(engine, all));
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

/* ---- names ---- */

/* The columns of a person that name them, of those that the kind has. */
static void add_persons(ar_buf *sql, const ar_kind *person)
{
    static const char *const words[] = { "mail", "upn", "login" };

    ar_buf_addz(sql, "SELECT id, lower(trim(id)) AS word FROM main.person");
    for (size_t i = 0; i < AR_COUNT(words); i++) {
        const ar_kind_column *column = ar_kind_column_find(person, ar_str_of(words[i]));
        if (column == NULL || column->type != AR_TEXT) continue;
        ar_buf_addf(sql, " UNION SELECT id, lower(trim(%s)) FROM main.person", words[i]);
    }
}

/* clang-format off */
static const char name_sql[] =
    /* what the file says is sure; a bare name behind the colon, and what a person is known by, only
     * where it means one owner */
    ", known AS (SELECT lower(id) AS alias, id AS owner, 1 AS place FROM ar.owner"
    "  UNION ALL SELECT lower(alias), owner, 1 FROM ar.owner_alias"
    "  UNION ALL SELECT split_part(owner, ':', 1) || ':' || lower(alias), owner, 1"
    "   FROM ar.owner_alias"
    "  UNION ALL SELECT lower(substr(id, strpos(id, ':') + 1)), id, 2 FROM ar.owner),"
    " same AS (SELECT p.id, coalesce(min(k.owner), 'person:' || p.id) AS owner FROM person p"
    "  LEFT JOIN known k ON k.alias = 'person:' || p.word GROUP BY p.id)";

static const char names_of_persons[] =
    ", said AS (SELECT * FROM known"
    "  UNION ALL SELECT p.word, s.owner, 2 FROM person p JOIN same s ON s.id = p.id"
    "  UNION ALL SELECT 'person:' || p.word, s.owner, 2 FROM person p JOIN same s ON s.id = p.id)"
    " SELECT alias, min(owner) FROM (SELECT *, min(place) OVER (PARTITION BY alias) AS best"
    "  FROM said WHERE alias <> '') WHERE place = best"
    " GROUP BY alias HAVING min(owner) = max(owner)";

/* Someone has left who is known as several persons when all of them have; once, though the file and
 * the persons may both say so. */
static const char gone_persons[] =
    ", ended AS (SELECT s.owner, CASE WHEN NOT p.active THEN TIMESTAMP '1970-01-01'"
    "  ELSE p.deleted_at END AS since FROM same s JOIN main.person p ON p.id = s.id),"
    " away AS (SELECT id AS owner, left_at AS since FROM ar.owner WHERE left_at IS NOT NULL"
    "  UNION ALL SELECT owner, max(since) FROM ended GROUP BY owner"
    "  HAVING bool_and(since IS NOT NULL))"
    " SELECT owner, min(since) FROM away GROUP BY owner";
/* clang-format on */

/* What the two tables say, in one. */
#define NAMES                                                                  \
    "SELECT alias, owner, CAST(NULL AS TIMESTAMP) AS since FROM ar.owner_name" \
    " UNION ALL SELECT NULL, owner, since FROM ar.owner_away"

ar_err ar_owners_name(ar_engine *engine, const ar_kinds *kinds, bool *out_other)
{
    ar_auto(ar_buf) sql = { 0 }, person = { 0 };
    ar_auto(ar_arena) arena = { 0 };
    const ar_kind *kind;
    ar_value other;

    AR_TRY(ar_kinds_find(kinds, AR_LIT("person"), &kind));
    ar_buf_addz(&person, " WITH person AS (");
    add_persons(&person, kind);
    ar_buf_addf(&person, ")%s", name_sql);
    ar_buf_addf(&sql,
                "CREATE OR REPLACE TEMP TABLE owner_was AS " NAMES ";"
                "DELETE FROM ar.owner_name; DELETE FROM ar.owner_away;"
                "INSERT INTO ar.owner_name%s%s; INSERT INTO ar.owner_away%s%s",
                person.ptr, names_of_persons, person.ptr, gone_persons);
    AR_TRY(ar_engine_exec(engine, sql.ptr));
    AR_TRY(ar_engine_value(engine,
                           AR_LIT("SELECT EXISTS ((FROM owner_was EXCEPT (" NAMES "))"
                                  " UNION ALL ((" NAMES ") EXCEPT FROM owner_was))"),
                           NULL, 0, &arena, &other));
    *out_other = other.b;
    return ar_engine_exec(engine, "DROP TABLE owner_was");
}

ar_err ar_owner_known(ar_engine *engine, ar_str name, ar_arena *arena, ar_str *out_owner,
                      bool *out_known)
{
    ar_value arg = ar_text(name), found;

    AR_TRY(ar_engine_value(
        engine, AR_LIT("SELECT min(owner) FROM ar.owner_name WHERE alias = lower(trim($1))"), &arg,
        1, arena, &found));
    *out_known = found.type == AR_TEXT;
    *out_owner = *out_known ? found.s : name;
    return ar_ok();
}

ar_err ar_owner_same(ar_engine *engine, ar_str one, ar_str other, bool *out_same)
{
    ar_auto(ar_arena) arena = { 0 };
    bool known;

    AR_TRY(ar_owner_known(engine, one, &arena, &one, &known));
    AR_TRY(ar_owner_known(engine, other, &arena, &other, &known));
    *out_same = ar_str_same(one, other);
    return ar_ok();
}
