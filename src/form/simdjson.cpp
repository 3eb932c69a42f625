#include "form/simdjson.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <simdjson.h>
#include <string_view>

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

struct ar_simd {
    simdjson::dom::parser parser;
    ar_simd_step *steps = nullptr;
    ar_simd_value *values = nullptr;
    void *out = nullptr;
    uint64_t record = 0;
};

namespace
{

/* A value of a type that was asked for a moment ago. */
template <typename T> T get(element e)
{
    T value{};

    if (e.get(value) != simdjson::SUCCESS) std::abort();
    return value;
}

void put(ar_simd *s, const char *text)
{
    (void)ar_simd_put(s->out, text, std::strlen(text));
}

void put_element(ar_simd *s, element e);

void put_list(ar_simd *s, array list)
{
    const char *before = "[";

    for (element e : list) {
        put(s, before);
        put_element(s, e);
        before = ",";
    }
    put(s, *before == '[' ? "[]" : "]");
}

void put_map(ar_simd *s, object map)
{
    const char *before = "{";

    for (auto field : map) {
        put(s, before);
        ar_simd_put_text(s->out, field.key.data(), field.key.size());
        put(s, ":");
        put_element(s, field.value);
        before = ",";
    }
    put(s, *before == '{' ? "{}" : "}");
}

void put_element(ar_simd *s, element e)
{
    switch (e.type()) {
    case element_type::ARRAY: return put_list(s, get<array>(e));
    case element_type::OBJECT: return put_map(s, get<object>(e));
    case element_type::INT64: return ar_simd_put_int(s->out, get<int64_t>(e));
    case element_type::UINT64:
        return ar_simd_put_double(s->out, static_cast<double>(get<uint64_t>(e)));
    case element_type::DOUBLE: return ar_simd_put_double(s->out, get<double>(e));
    case element_type::BOOL: return put(s, get<bool>(e) ? "true" : "false");
    case element_type::NULL_VALUE: return put(s, "null");
    case element_type::STRING: {
        auto text = get<std::string_view>(e);

        return ar_simd_put_text(s->out, text.data(), text.size());
    }
    default: std::abort(); /* a number beyond 64 bits is an error to the parser as we use it */
    }
}

void keep(ar_simd *s, element e, ar_simd_value *value)
{
    switch (e.type()) {
    case element_type::INT64:
        value->kind = AR_SIMD_INT;
        value->i = get<int64_t>(e);
        return;
    case element_type::UINT64:
        value->kind = AR_SIMD_DOUBLE;
        value->d = static_cast<double>(get<uint64_t>(e));
        return;
    case element_type::DOUBLE:
        value->kind = AR_SIMD_DOUBLE;
        value->d = get<double>(e);
        return;
    case element_type::BOOL:
        value->kind = AR_SIMD_BOOL;
        value->b = get<bool>(e);
        return;
    case element_type::NULL_VALUE: value->kind = AR_SIMD_NULL; return;
    case element_type::STRING: {
        auto text = get<std::string_view>(e);

        value->kind = AR_SIMD_TEXT;
        value->text.ptr = text.data();
        value->text.len = text.size();
        return;
    }
    default:
        value->kind = AR_SIMD_JSON;
        value->json.from = ar_simd_put(s->out, "", 0);
        put_element(s, e);
        value->json.to = ar_simd_put(s->out, "", 0);
    }
}

bool visit(ar_simd *s, ar_simd_step *step, element e);

bool has_name(const ar_simd_step *step, std::string_view name)
{
    return step->name_len == name.size() && std::memcmp(step->name, name.data(), name.size()) == 0;
}

/* Records mostly have their fields in one order, so the search goes on where the last one ended. */
bool visit_map(ar_simd *s, const ar_simd_step *step, object map)
{
    ar_simd_step *below = s->steps + step->first;
    uint32_t next = 0;

    for (auto field : map) {
        for (uint32_t tried = 0; tried < step->n; tried++) {
            ar_simd_step *candidate = below + next;

            next = next + 1 == step->n ? 0 : next + 1;
            if (!has_name(candidate, field.key)) continue;
            if (!visit(s, candidate, field.value)) return false;
            break;
        }
    }
    return true;
}

bool visit_list(ar_simd *s, const ar_simd_step *step, array list)
{
    int64_t index = 0, last = -1;

    for (uint32_t i = 0; i < step->n; i++)
        if (s->steps[step->first + i].index > last) last = s->steps[step->first + i].index;
    for (element e : list) {
        if (index > last) break;
        for (uint32_t i = 0; i < step->n; i++) {
            ar_simd_step *candidate = &s->steps[step->first + i];

            if (candidate->index == index && !visit(s, candidate, e)) return false;
        }
        index++;
    }
    return true;
}

bool visit(ar_simd *s, ar_simd_step *step, element e)
{
    if (step->last_seen == s->record) return false; /* the key is there twice */
    step->last_seen = s->record;
    if (step->slot >= 0) keep(s, e, &s->values[step->slot]);
    if (step->n == 0) return true;
    if (e.is_object()) return visit_map(s, step, get<object>(e));
    if (e.is_array()) return visit_list(s, step, get<array>(e));
    return true;
}

} // namespace

ar_simd *ar_simd_new(size_t depth_max)
{
    ar_simd *s = new (std::nothrow) ar_simd;

    if (s == nullptr || s->parser.allocate(4096, depth_max) != simdjson::SUCCESS) std::abort();
    return s;
}

void ar_simd_free(ar_simd *simd)
{
    delete simd;
}

size_t ar_simd_padding(void)
{
    return simdjson::SIMDJSON_PADDING;
}

static bool parse(ar_simd *s, const char *text, size_t len, element *out)
{
    return s->parser.parse(reinterpret_cast<const uint8_t *>(text), len, false).get(*out) ==
           simdjson::SUCCESS;
}

bool ar_simd_read(ar_simd *simd, const char *text, size_t len, ar_simd_step *steps,
                  ar_simd_value *values, void *out)
{
    element root;

    if (!parse(simd, text, len, &root) || !root.is_object()) return false;
    simd->steps = steps;
    simd->values = values;
    simd->out = out;
    simd->record++;
    return visit(simd, &steps[0], root);
}
