#include "engine/guard.h"

#include "form/json.h"

enum { JSON_BYTES_MAX = 64 << 20, JSON_NODES_MAX = 2000000, JSON_DEPTH_MAX = 500 };

/* What a query may call: nothing that reaches outside, tells about the engine, calls by name, or
 * makes something huge of something small (repeat, lpad, printf, range). */
static const char functions[] =
    /* operators */
    "+ - * / // % || ~~ !~~ ~~* !~~* ~~~ ^@ & | ~ << >> xor ** ^ ->> add subtract "
    "multiply divide mod like_escape not_like_escape ilike_escape not_ilike_escape "
    "regexp_full_match constant_or_null nullif "
    /* aggregates */
    "any_value approx_count_distinct approx_quantile arbitrary arg_max arg_min argmax "
    "argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if "
    "count_star countif covar_pop covar_samp entropy favg first fsum group_concat kurtosis "
    "last list listagg mad max max_by mean median min min_by mode product quantile "
    "quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 "
    "regr_slope skewness stddev stddev_pop stddev_samp string_agg sum var_pop var_samp "
    "variance "
    /* windows */
    "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank "
    "row_number "
    /* text */
    "ascii bit_length char_length character_length chr concat concat_ws contains "
    "damerau_levenshtein ends_with hamming hash hex instr jaccard jaro_similarity "
    "jaro_winkler_similarity lcase left len length levenshtein lower ltrim md5 "
    "nfc_normalize octet_length ord position prefix regexp_extract regexp_matches "
    "regexp_replace replace reverse right rtrim sha1 sha256 split_part starts_with "
    "str_split string_split string_to_array strip_accents strlen strpos substr substring "
    "suffix to_base64 translate trim ucase unhex unicode upper "
    /* numbers */
    "abs acos asin atan atan2 bit_count cbrt ceil ceiling cos cot degrees even exp floor "
    "gcd greatest isfinite isinf isnan lcm least ln log log10 log2 pi pow power radians "
    "round round_even sign signbit sin sqrt tan trunc fdiv fmod "
    /* times */
    "age century current_date date_add date_diff date_part date_sub "
    "date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek "
    "dayofyear decade epoch epoch_ms epoch_us get_current_timestamp hour isodow isoyear "
    "last_day make_date make_timestamp microsecond millisecond minute month monthname now "
    "quarter second strftime strptime time_bucket timezone to_days to_hours to_microseconds "
    "to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks "
    "to_years today try_strptime week weekday weekofyear year yearweek "
    /* lists and structures */
    "array_contains array_distinct array_extract array_has array_has_all array_has_any "
    "array_length array_position array_slice array_to_string cardinality element_at flatten "
    "json_array_length json_contains json_exists json_extract json_extract_string json_keys "
    "json_type json_valid json_value list_concat list_contains list_distinct list_extract "
    "list_has list_has_all list_has_any list_position list_reverse list_slice list_sort "
    "list_unique list_value map_keys map_values row struct_extract struct_pack unnest "
    "typeof ";

static const char expressions[] =
    "BETWEEN CASE CAST COLLATE CONSTANT COLUMN_REF FUNCTION COMPARISON OPERATOR CONJUNCTION "
    "STAR POSITIONAL_REFERENCE SUBQUERY WINDOW ";

/* Queries, what they read from, what follows them. */
static const char parts[] =
    "SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE BASE_TABLE SUBQUERY JOIN "
    "EXPRESSION_LIST EMPTY TABLE_FUNCTION LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER "
    "ORDER_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING ";

static const char cast_types[] =
    "BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT "
    "UHUGEINT FLOAT DOUBLE DECIMAL VARCHAR DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS "
    "TIMESTAMP_NS INTERVAL UUID ";

/* Whether `name` is one of the words of a list. */
static bool among(ar_str name, const char *list)
{
    ar_str rest = ar_str_of(list), word;

    while (name.len > 0 && ar_str_split(&rest, ' ', &word))
        if (ar_str_eq(name, word)) return true;
    return false;
}

/* Names that a WITH has put in reach, the nearest first. */
typedef struct scope {
    const struct scope *outer;
    ar_str name;
} scope;

typedef struct walk {
    ar_arena *arena;
    ar_map tables; /* of the main schema, and views; in lower case, as the engine compares names
                      without regard to the case of ASCII letters */
} walk;

static ar_err walk_any(walk *w, const ar_node *node, const scope *in_reach);

/* The text of `key`, or empty. */
static ar_str text_of(const ar_node *map, const char *key)
{
    const ar_node *node = ar_node_get(map, ar_str_of(key));

    return node != NULL && node->kind == AR_NODE_TEXT ? node->text : (ar_str){ 0 };
}

static bool plain_or_main(ar_str schema)
{
    return schema.len == 0 || ar_str_eq(schema, AR_LIT("main"));
}

static ar_str nearest_function(ar_arena *arena, ar_str name)
{
    ar_str rest = ar_str_of(functions), *names = NULL;
    size_t n = 0, cap = 0;

    for (ar_str word; ar_str_split(&rest, ' ', &word);) {
        if (word.len == 0) continue;
        ar_grow(arena, names, n, cap);
        names[n++] = word;
    }
    return ar_str_nearest(name, names, n);
}

static ar_err check_function(walk *w, const ar_node *call)
{
    ar_str name = ar_arena_lower(w->arena, text_of(call, "function_name"));

    if (text_of(call, "catalog").len > 0 || !plain_or_main(text_of(call, "schema")))
        return ar_fail(AR_DENIED,
                       "the function %.*s is named with a schema; its name alone is enough",
                       AR_FMT(name));
    if (among(name, functions)) return ar_ok();

    ar_str near = nearest_function(w->arena, name);
    if (near.len > 0)
        return ar_fail(AR_DENIED, "a query may not call %.*s; it may call %.*s", AR_FMT(name),
                       AR_FMT(near));
    return ar_fail(AR_DENIED,
                   "a query may not call %.*s; it may call functions of text, numbers, times and "
                   "lists, and aggregates",
                   AR_FMT(name));
}

static ar_err check_cast(const ar_node *cast)
{
    ar_str type = text_of(ar_node_get(cast, AR_LIT("cast_type")), "id");

    if (!among(type, cast_types) && !ar_str_eq(type, AR_LIT("TIMESTAMP WITH TIME ZONE")))
        return ar_fail(AR_DENIED,
                       "a query may not cast to %.*s; plain types are what it may cast to",
                       AR_FMT(type));
    return ar_ok();
}

static ar_err refuse_part(walk *w, ar_str name)
{
    ar_str said = ar_arena_lower(w->arena, name);

    return ar_fail(AR_DENIED, "a query may not use %.*s", AR_FMT(said));
}

static ar_err check_expression(walk *w, const ar_node *node, ar_str class)
{
    if (!among(class, expressions)) return refuse_part(w, class);
    if (ar_str_eq(class, AR_LIT("FUNCTION")) || ar_str_eq(class, AR_LIT("WINDOW")))
        return check_function(w, node);
    if (ar_str_eq(class, AR_LIT("CAST"))) return check_cast(node);
    return ar_ok();
}

static ar_err check_table(walk *w, const ar_node *table, const scope *in_reach)
{
    ar_str name = ar_arena_lower(w->arena, text_of(table, "table_name"));
    ar_str schema = text_of(table, "schema_name");

    if (text_of(table, "catalog_name").len > 0 || !plain_or_main(schema))
        return ar_fail(AR_DENIED,
                       "%.*s is outside of what a query sees; `kind list` names what is in it",
                       AR_FMT(name));
    for (const scope *s = schema.len == 0 ? in_reach : NULL; s != NULL; s = s->outer)
        if (ar_str_eq(s->name, name)) return ar_ok();
    if (ar_map_get(&w->tables, name) == NULL)
        return ar_fail(AR_NOT_FOUND,
                       "no table or view is called %.*s; `kind list` names those there are",
                       AR_FMT(name));
    return ar_ok();
}

static ar_err check_part(walk *w, const ar_node *node, ar_str type, const scope *in_reach)
{
    if (!among(type, parts)) return refuse_part(w, type);
    if (ar_str_eq(type, AR_LIT("BASE_TABLE"))) return check_table(w, node, in_reach);
    if (ar_str_eq(type, AR_LIT("TABLE_FUNCTION"))) {
        ar_str name = ar_arena_lower(
            w->arena, text_of(ar_node_get(node, AR_LIT("function")), "function_name"));

        if (!ar_str_eq(name, AR_LIT("unnest")))
            return ar_fail(AR_DENIED, "a query may not read from %.*s(); it reads from kinds",
                           AR_FMT(name));
    }
    return ar_ok();
}

/* A query and what its WITH names: each is in reach of those behind it and of the query, and in
 * reach of itself only on the right of a recursive one. */
static ar_err walk_query(walk *w, const ar_node *node, const scope *in_reach)
{
    const ar_node *named = ar_node_at(node, AR_LIT("cte_map.map"));

    for (size_t i = 0; named != NULL && i < named->n; i++) {
        scope *inner = ar_make(w->arena, scope);

        AR_TRY(walk_any(w, ar_node_get(named->items[i], AR_LIT("value")), in_reach));
        *inner = (scope){ in_reach, ar_arena_lower(w->arena, text_of(named->items[i], "key")) };
        in_reach = inner;
    }

    scope self = { in_reach, ar_arena_lower(w->arena, text_of(node, "cte_name")) };
    bool recursive = ar_str_eq(text_of(node, "type"), AR_LIT("RECURSIVE_CTE_NODE"));
    for (size_t i = 0; i < node->n; i++) {
        ar_str key = node->pairs[i].key;
        bool sees_itself = recursive && ar_str_eq(key, AR_LIT("right"));

        if (ar_str_eq(key, AR_LIT("cte_map"))) continue;
        AR_TRY(walk_any(w, node->pairs[i].value, sees_itself ? &self : in_reach));
    }
    return ar_ok();
}

/* Every map is an expression (it has a class), a part of a query (it has a type), or holds such. */
static ar_err walk_map(walk *w, const ar_node *node, const scope *in_reach)
{
    ar_str class = text_of(node, "class");
    ar_str type = text_of(node, "type");

    if (class.len > 0)
        AR_TRY(check_expression(w, node, class));
    else if (type.len > 0)
        AR_TRY(check_part(w, node, type, in_reach));
    if (ar_str_eq(class, AR_LIT("CONSTANT"))) return ar_ok();
    if (ar_node_get(node, AR_LIT("cte_map")) != NULL) return walk_query(w, node, in_reach);
    for (size_t i = 0; i < node->n; i++)
        if (!ar_str_eq(node->pairs[i].key, AR_LIT("cast_type")))
            AR_TRY(walk_any(w, node->pairs[i].value, in_reach));
    return ar_ok();
}

static ar_err walk_any(walk *w, const ar_node *node, const scope *in_reach)
{
    if (node == NULL) return ar_ok();
    if (node->kind == AR_NODE_MAP) return walk_map(w, node, in_reach);
    for (size_t i = 0; node->kind == AR_NODE_LIST && i < node->n; i++)
        AR_TRY(walk_any(w, node->items[i], in_reach));
    return ar_ok();
}

/* The engine's own parse, as JSON. */
static ar_err parse(ar_engine *engine, ar_str sql, ar_arena *arena, ar_node **out_root)
{
    ar_value text = ar_text(sql), json;
    ar_form_limits limits = { JSON_BYTES_MAX, JSON_NODES_MAX, JSON_DEPTH_MAX };

    AR_TRY(ar_engine_value(engine, AR_LIT("SELECT json_serialize_sql($1::VARCHAR)"), &text, 1,
                           arena, &json));
    AR_TRY(ar_json_parse(AR_LIT("query"), json.s, &limits, arena, out_root));

    const ar_node *failed = ar_node_get(*out_root, AR_LIT("error"));
    if (failed == NULL || failed->kind != AR_NODE_BOOL)
        return ar_fail(AR_INVALID, "this is no query (want one SELECT)");
    if (failed->b && ar_str_eq(text_of(*out_root, "error_type"), AR_LIT("not implemented")))
        return ar_fail(AR_DENIED, "a query is a SELECT; it changes nothing");
    if (failed->b) return ar_fail(AR_INVALID, "%.*s", AR_FMT(text_of(*out_root, "error_message")));
    return ar_ok();
}

static ar_err load_tables(ar_engine *engine, walk *w)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        engine,
        AR_LIT("SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main' "
               "AND database_name = current_database() UNION ALL "
               "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' "
               "AND database_name = current_database()"),
        NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        bool is_new;

        (void)ar_map_put(&w->tables, w->arena, ar_arena_lower(w->arena, ar_rows_get(rows, 0).s),
                         &is_new);
    }
    return ar_ok();
}

ar_err ar_engine_guard(ar_engine *engine, ar_str sql)
{
    ar_auto(ar_arena) arena = { 0 };
    walk w = { .arena = &arena };
    ar_node *root = NULL;

    if (sql.len > AR_GUARD_SQL_MAX)
        return ar_fail(AR_LIMIT, "a query of %zu bytes; %d is the most", sql.len,
                       (int)AR_GUARD_SQL_MAX);
    if (ar_str_find(sql, '\0') != sql.len)
        return ar_fail(AR_INVALID, "a query is text; this one has a NUL in it");
    AR_TRY(parse(engine, sql, &arena, &root));

    const ar_node *statements = ar_node_get(root, AR_LIT("statements"));
    if (statements == NULL || statements->kind != AR_NODE_LIST || statements->n != 1)
        return ar_fail(AR_INVALID, "want one SELECT, not %zu",
                       statements == NULL ? (size_t)0 : statements->n);
    AR_TRY(load_tables(engine, &w));
    return walk_any(&w, statements, NULL);
}
