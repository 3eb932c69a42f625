#include "act/request.h"

#include "fetch/page.h"
#include "form/json.h"

enum { SHOWN = 200 /* bytes of a body; all of it is in the deed */ };

/* ---- what the answer must be ---- */

static ar_err read_expected(ar_str file, const ar_node *map, ar_expected *out)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(file, map, "status", false, &list));
    AR_TRY(ar_node_map(file, map, "holds", false, &out->holds));
    if (list != NULL && (list->n == 0 || list->n > AR_REQUEST_STATUSES_MAX))
        return ar_node_fail(file, list, "want 1 to %d statuses", AR_REQUEST_STATUSES_MAX);
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        const ar_node *one = list->items[i];

        if (one->kind != AR_NODE_INT || one->i < 200 || one->i > 599)
            return ar_node_fail(file, one, "'%.*s' is no status (want a number like 204)",
                                AR_FMT(one->text));
        out->statuses[out->n++] = one->i;
    }
    if (out->holds == NULL) return ar_ok();
    if (out->holds->n == 0 || out->holds->n > AR_REQUEST_HOLDS_MAX)
        return ar_node_fail(file, out->holds, "want 1 to %d values that the answer has",
                            AR_REQUEST_HOLDS_MAX);
    for (size_t i = 0; i < out->holds->n; i++)
        if (out->holds->pairs[i].value->kind == AR_NODE_LIST ||
            out->holds->pairs[i].value->kind == AR_NODE_MAP)
            return ar_node_fail(file, out->holds->pairs[i].value, "want one value, found %s",
                                ar_node_kind_name(out->holds->pairs[i].value->kind));
    return ar_ok();
}

static bool is_expected(const ar_expected *expected, int status)
{
    for (size_t i = 0; i < expected->n; i++)
        if (expected->statuses[i] == status) return true;
    return expected->n == 0 && status >= 200 && status < 300;
}

/* What is not there is as good as null. */
static bool is_same(const ar_node *is, const ar_node *wanted)
{
    if (is == NULL) return wanted->kind == AR_NODE_NULL;
    return is->kind == wanted->kind && ar_str_eq(is->text, wanted->text);
}

ar_err ar_expected_check(const ar_expected *expected, const ar_call_answer *answer, ar_arena *arena)
{
    ar_node *root;

    if (!is_expected(expected, answer->status)) {
        if (answer->code != AR_OK) return ar_fail(answer->code, "%.*s", AR_FMT(answer->problem));
        return ar_fail(AR_INVALID, "it answered with status %d", answer->status);
    }
    if (expected->holds == NULL) return ar_ok();
    AR_TRY(ar_call_json(answer, arena, &root));
    for (size_t i = 0; i < expected->holds->n; i++) {
        ar_pair pair = expected->holds->pairs[i];
        const ar_node *is = ar_page_at(root, pair.key);

        if (!is_same(is, pair.value))
            return ar_fail(AR_INVALID, "%.*s is %.*s, and not %.*s", AR_FMT(pair.key),
                           AR_FMT(is == NULL ? AR_LIT("missing") : is->text),
                           AR_FMT(pair.value->text));
    }
    return ar_ok();
}

/* ---- reading ---- */

static bool is_header(ar_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ar_lower(name.ptr[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
    }
    return name.len > 0;
}

ar_err ar_request_read(ar_str file, const ar_node *map, ar_arena *arena, ar_request_part *out_part)
{
    static const ar_str keys[] = { AR_REQUEST_KEYS };
    ar_request_part part = { 0 };

    AR_TRY(ar_node_only(file, map, keys, AR_COUNT(keys)));
    AR_TRY(ar_recipe_read(file, map, arena, &part.recipe));
    AR_TRY(ar_node_text(file, map, "key", false, &part.key));
    if (part.key.len > 0 && !is_header(part.key))
        return ar_node_fail(file, ar_node_get(map, AR_LIT("key")),
                            "'%.*s' is no header (want one like Idempotency-Key)",
                            AR_FMT(part.key));
    AR_TRY(read_expected(file, map, &part.expected));
    *out_part = part;
    return ar_ok();
}

/* ---- text ---- */

void ar_request_show(const char *method, ar_str url, ar_str body, ar_buf *out)
{
    ar_buf_addf(out, "%s %.*s", method, AR_FMT(url));
    if (body.len > SHOWN)
        ar_buf_addf(out, " with %zu bytes", body.len);
    else if (body.len > 0)
        ar_buf_addf(out, " %.*s", AR_FMT(body));
}

void ar_request_print(const ar_request_filled *request, ar_buf *out)
{
    const ar_call *call = &request->call;
    const ar_expected *e = &request->expected;

    ar_buf_addz(out, "{\"method\":"), ar_json_text(out, ar_str_of(call->method));
    ar_buf_addz(out, ",\"url\":"), ar_json_text(out, call->url);
    ar_buf_addz(out, ",\"headers\":"), ar_json_text(out, call->headers);
    if (call->body.ptr != NULL) ar_buf_addz(out, ",\"body\":"), ar_json_text(out, call->body);
    if (request->key.len > 0) ar_buf_addz(out, ",\"key\":"), ar_json_text(out, request->key);
    if (e->holds != NULL) ar_buf_addz(out, ",\"holds\":"), ar_json_node(out, e->holds);
    for (size_t i = 0; i < e->n; i++)
        ar_buf_addf(out, "%s%lld", i == 0 ? ",\"status\":[" : ",", (long long)e->statuses[i]);
    ar_buf_addz(out, e->n > 0 ? "]}" : "}");
}

ar_err ar_request_parse(const ar_node *node, ar_arena *arena, ar_request_filled *out_request)
{
    ar_str file = AR_LIT("deed"), method;
    ar_request_filled r = { 0 };

    AR_TRY(ar_node_text(file, node, "method", true, &method));
    AR_TRY(ar_node_text(file, node, "url", true, &r.call.url));
    AR_TRY(ar_node_text(file, node, "headers", true, &r.call.headers));
    AR_TRY(ar_node_text(file, node, "body", false, &r.call.body));
    AR_TRY(ar_node_text(file, node, "key", false, &r.key));
    if (r.key.len > 0 && !is_header(r.key)) return ar_fail(AR_INVALID, "deed: a key of no header");
    AR_TRY(read_expected(file, node, &r.expected));
    r.call.method = ar_arena_cstr(arena, method);
    *out_request = r;
    return ar_ok();
}
