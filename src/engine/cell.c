/* cell: any value of DuckDB's, however nested, as the text that DuckDB prints for it. */
#include "engine/duck.h"

/* Types whose vector data is what their constructor takes. */
#define PLAIN(X)                                              \
    X(BOOLEAN, bool, create_bool)                             \
    X(TINYINT, int8_t, create_int8)                           \
    X(SMALLINT, int16_t, create_int16)                        \
    X(INTEGER, int32_t, create_int32)                         \
    X(BIGINT, int64_t, create_int64)                          \
    X(UTINYINT, uint8_t, create_uint8)                        \
    X(USMALLINT, uint16_t, create_uint16)                     \
    X(UINTEGER, uint32_t, create_uint32)                      \
    X(UBIGINT, uint64_t, create_uint64)                       \
    X(HUGEINT, duckdb_hugeint, create_hugeint)                \
    X(UHUGEINT, duckdb_uhugeint, create_uhugeint)             \
    X(FLOAT, float, create_float)                             \
    X(DOUBLE, double, create_double)                          \
    X(TIMESTAMP, duckdb_timestamp, create_timestamp)          \
    X(TIMESTAMP_TZ, duckdb_timestamp, create_timestamp_tz)    \
    X(TIMESTAMP_S, duckdb_timestamp_s, create_timestamp_s)    \
    X(TIMESTAMP_MS, duckdb_timestamp_ms, create_timestamp_ms) \
    X(TIMESTAMP_NS, duckdb_timestamp_ns, create_timestamp_ns) \
    X(DATE, duckdb_date, create_date)                         \
    X(TIME, duckdb_time, create_time)                         \
    X(TIME_NS, duckdb_time_ns, create_time_ns)                \
    X(TIME_TZ, duckdb_time_tz, create_time_tz_value)          \
    X(INTERVAL, duckdb_interval, create_interval)

static duckdb_value cell(duckdb_vector vector, duckdb_logical_type type, idx_t row,
                         ar_arena *arena);

/* An unsigned or signed number of the width that DuckDB has chosen for it. */
static int64_t number(const void *data, duckdb_type width, idx_t row)
{
    switch ((int)width) {
    case DUCKDB_TYPE_UTINYINT: return ((const uint8_t *)data)[row];
    case DUCKDB_TYPE_USMALLINT: return ((const uint16_t *)data)[row];
    case DUCKDB_TYPE_UINTEGER: return ((const uint32_t *)data)[row];
    case DUCKDB_TYPE_SMALLINT: return ((const int16_t *)data)[row];
    case DUCKDB_TYPE_INTEGER: return ((const int32_t *)data)[row];
    default: return ((const int64_t *)data)[row];
    }
}

duckdb_decimal ar_duck_decimal(duckdb_vector vector, duckdb_logical_type type, idx_t row)
{
    duckdb_decimal decimal = { .width = ar_duck.decimal_width(type),
                               .scale = ar_duck.decimal_scale(type) };
    duckdb_type width = ar_duck.decimal_internal_type(type);
    const void *data = ar_duck.vector_get_data(vector);

    if (width == DUCKDB_TYPE_HUGEINT) {
        decimal.value = ((const duckdb_hugeint *)data)[row];
    } else {
        int64_t n = number(data, width, row);

        decimal.value = (duckdb_hugeint){ .lower = (uint64_t)n, .upper = n < 0 ? -1 : 0 };
    }
    return decimal;
}

/* UUIDs are stored with the first bit turned over, so that they sort as signed numbers. */
static duckdb_value uuid(duckdb_hugeint stored)
{
    return ar_duck.create_uuid((duckdb_uhugeint){
        .lower = stored.lower, .upper = (uint64_t)stored.upper ^ UINT64_C(1) << 63 });
}

static duckdb_value bytes(const duckdb_string_t *stored, duckdb_type type, ar_arena *arena)
{
    ar_str s = ar_duck_text(stored);

    if (type == DUCKDB_TYPE_VARCHAR) return ar_duck.create_varchar_length(s.ptr, s.len);
    if (type == DUCKDB_TYPE_BLOB) return ar_duck.create_blob((const uint8_t *)s.ptr, s.len);

    uint8_t *bits = ar_make_n(arena, uint8_t, s.len + 1);
    memcpy(bits, s.ptr, s.len);
    return ar_duck.create_bit((duckdb_bit){ .data = bits, .size = s.len });
}

/* `n` values of one child vector from `from` on. */
static duckdb_value *cells(duckdb_vector vector, duckdb_logical_type type, idx_t from, idx_t n,
                           ar_arena *arena)
{
    duckdb_value *values = ar_make_n(arena, duckdb_value, n + 1);

    for (idx_t i = 0; i < n; i++) values[i] = cell(vector, type, from + i, arena);
    return values;
}

static void destroy_all(duckdb_value *values, idx_t n)
{
    for (idx_t i = 0; i < n; i++) ar_duck.destroy_value(&values[i]);
}

static duckdb_value list(duckdb_vector vector, duckdb_logical_type type, idx_t row, ar_arena *arena)
{
    duckdb_list_entry at = ((const duckdb_list_entry *)ar_duck.vector_get_data(vector))[row];
    duckdb_logical_type item = ar_duck.list_type_child_type(type);
    duckdb_value *items =
        cells(ar_duck.list_vector_get_child(vector), item, at.offset, at.length, arena);
    duckdb_value made = ar_duck.create_list_value(item, items, at.length);

    destroy_all(items, at.length);
    ar_duck.destroy_logical_type(&item);
    return made;
}

static duckdb_value array(duckdb_vector vector, duckdb_logical_type type, idx_t row,
                          ar_arena *arena)
{
    idx_t n = ar_duck.array_type_array_size(type);
    duckdb_logical_type item = ar_duck.array_type_child_type(type);
    duckdb_value *items = cells(ar_duck.array_vector_get_child(vector), item, row * n, n, arena);
    duckdb_value made = ar_duck.create_array_value(item, items, n);

    destroy_all(items, n);
    ar_duck.destroy_logical_type(&item);
    return made;
}

/* A map is stored as a list of structures of key and value. */
static duckdb_value map(duckdb_vector vector, duckdb_logical_type type, idx_t row, ar_arena *arena)
{
    duckdb_list_entry at = ((const duckdb_list_entry *)ar_duck.vector_get_data(vector))[row];
    duckdb_vector pairs = ar_duck.list_vector_get_child(vector);
    duckdb_logical_type key = ar_duck.map_type_key_type(type);
    duckdb_logical_type value = ar_duck.map_type_value_type(type);
    duckdb_value *keys =
        cells(ar_duck.struct_vector_get_child(pairs, 0), key, at.offset, at.length, arena);
    duckdb_value *values =
        cells(ar_duck.struct_vector_get_child(pairs, 1), value, at.offset, at.length, arena);
    duckdb_value made = ar_duck.create_map_value(type, keys, values, at.length);

    destroy_all(keys, at.length);
    destroy_all(values, at.length);
    ar_duck.destroy_logical_type(&key);
    ar_duck.destroy_logical_type(&value);
    return made;
}

static duckdb_value structure(duckdb_vector vector, duckdb_logical_type type, idx_t row,
                              ar_arena *arena)
{
    idx_t n = ar_duck.struct_type_child_count(type);
    duckdb_value *members = ar_make_n(arena, duckdb_value, n + 1);

    for (idx_t i = 0; i < n; i++) {
        duckdb_logical_type member = ar_duck.struct_type_child_type(type, i);

        members[i] = cell(ar_duck.struct_vector_get_child(vector, i), member, row, arena);
        ar_duck.destroy_logical_type(&member);
    }
    duckdb_value made = ar_duck.create_struct_value(type, members);

    destroy_all(members, n);
    return made;
}

/* A union is stored as a structure whose first member says which of the others holds. */
static duckdb_value choice(duckdb_vector vector, duckdb_logical_type type, idx_t row,
                           ar_arena *arena)
{
    const uint8_t *tags = ar_duck.vector_get_data(ar_duck.struct_vector_get_child(vector, 0));
    idx_t tag = tags[row];
    duckdb_logical_type member = ar_duck.union_type_member_type(type, tag);
    duckdb_value held = cell(ar_duck.struct_vector_get_child(vector, tag + 1), member, row, arena);
    duckdb_value made = ar_duck.create_union_value(type, tag, held);

    ar_duck.destroy_value(&held);
    ar_duck.destroy_logical_type(&member);
    return made;
}

static duckdb_value cell(duckdb_vector vector, duckdb_logical_type type, idx_t row, ar_arena *arena)
{
    const uint64_t *valid = ar_duck.vector_get_validity(vector);
    const void *data = ar_duck.vector_get_data(vector);
    duckdb_type id = ar_duck.get_type_id(type);

    if (valid != NULL && (valid[row / 64] >> (row % 64) & 1) == 0)
        return ar_duck.create_null_value();
    switch ((int)id) {
#define X(name, type, create) \
    case DUCKDB_TYPE_##name: return ar_duck.create(((const type *)data)[row]);
        PLAIN(X)
#undef X
    case DUCKDB_TYPE_DECIMAL: return ar_duck.create_decimal(ar_duck_decimal(vector, type, row));
    case DUCKDB_TYPE_UUID: return uuid(((const duckdb_hugeint *)data)[row]);
    case DUCKDB_TYPE_ENUM:
        return ar_duck.create_enum_value(
            type, (uint64_t)number(data, ar_duck.enum_internal_type(type), row));
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_BIT: return bytes((const duckdb_string_t *)data + row, id, arena);
    case DUCKDB_TYPE_LIST: return list(vector, type, row, arena);
    case DUCKDB_TYPE_ARRAY: return array(vector, type, row, arena);
    case DUCKDB_TYPE_MAP: return map(vector, type, row, arena);
    case DUCKDB_TYPE_STRUCT: return structure(vector, type, row, arena);
    case DUCKDB_TYPE_UNION: return choice(vector, type, row, arena);
    default: return ar_duck.create_varchar_length("?", 1);
    }
}

ar_str ar_duck_cell_text(duckdb_vector vector, duckdb_logical_type type, idx_t row, ar_arena *arena)
{
    duckdb_value value = cell(vector, type, row, arena);
    char *printed = ar_duck.get_varchar(value);
    ar_str text = ar_arena_copy(arena, ar_str_of(printed));

    ar_duck.free(printed);
    ar_duck.destroy_value(&value);
    return text;
}
