#include "http/openapi.h"

#include "form/json.h"
#include "http/api.h"

static void add_text(ar_buf *out, const char *key, const char *text)
{
    ar_buf_addf(out, "\"%s\":", key);
    ar_json_text(out, ar_str_of(text));
}

static void add_choices(ar_buf *out, const char *choices)
{
    ar_str rest = ar_str_of(choices), choice;
    const char *comma = "";

    ar_buf_addz(out, ",\"enum\":[");
    while (ar_str_split(&rest, ' ', &choice)) {
        ar_buf_addz(out, comma);
        ar_json_text(out, choice);
        comma = ",";
    }
    ar_buf_addc(out, ']');
}

static void add_one(ar_buf *out, const ar_param *p)
{
    static const char *const types[] = {
        [AR_PARAM_TEXT] = "string",  [AR_PARAM_INT] = "integer", [AR_PARAM_TIME] = "string",
        [AR_PARAM_FLAG] = "boolean", [AR_PARAM_FILE] = "string", [AR_PARAM_PATH] = "string",
    };

    ar_buf_addf(out, "{\"type\":\"%s\"", types[p->type]);
    if (p->choices != NULL) add_choices(out, p->choices);
    ar_buf_addc(out, '}');
}

static void add_schema(ar_buf *out, const ar_param *p)
{
    if (p->flags & AR_REPEATED) ar_buf_addz(out, "{\"type\":\"array\",\"items\":");
    add_one(out, p);
    if (p->flags & AR_REPEATED) ar_buf_addc(out, '}');
}

static void add_query(ar_buf *out, const ar_op *op)
{
    ar_buf_addz(out, ",\"parameters\":[{\"$ref\":\"#/components/parameters/format\"}");
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
        ar_buf_addz(out, ",{\"in\":\"query\",");
        add_text(out, "name", p->name);
        ar_buf_addc(out, ',');
        add_text(out, "description", p->help);
        if (p->flags & AR_REQUIRED) ar_buf_addz(out, ",\"required\":true");
        ar_buf_addz(out, ",\"schema\":");
        add_schema(out, p);
        ar_buf_addc(out, '}');
    }
    ar_buf_addc(out, ']');
}

static void add_required(ar_buf *out, const ar_op *op)
{
    const char *comma = "";

    ar_buf_addz(out, ",\"required\":[");
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
        if (!(p->flags & AR_REQUIRED)) continue;
        ar_buf_addf(out, "%s\"%s\"", comma, p->name);
        comma = ",";
    }
    ar_buf_addc(out, ']');
}

static void add_body(ar_buf *out, const ar_op *op)
{
    ar_buf_addz(out, ",\"parameters\":[{\"$ref\":\"#/components/parameters/door\"}],"
                     "\"requestBody\":{\"content\":{\"application/json\":{\"schema\":"
                     "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
        ar_buf_addf(out, "%s\"%s\":", p == op->params ? "" : ",", p->name);
        add_schema(out, p);
    }
    ar_buf_addc(out, '}');
    add_required(out, op);
    ar_buf_addz(out, "}}}}");
}

static void add_op(ar_buf *out, const ar_op *op, ar_arena *arena)
{
    bool changes = op->effect == AR_CHANGES;
    ar_str path = ar_api_path(op, arena);

    ar_buf_addf(out, "\"/api/v1/%.*s\":{\"%s\":{", AR_FMT(path), changes ? "post" : "get");
    add_text(out, "operationId", op->name);
    ar_buf_addc(out, ',');
    add_text(out, "summary", op->help);
    if (op->more != NULL) {
        ar_buf_addc(out, ',');
        add_text(out, "description", op->more);
    }
    ar_buf_addc(out, ',');
    add_text(out, "x-grant", op->grant);
    if (changes)
        add_body(out, op);
    else
        add_query(out, op);
    ar_buf_addz(out, ",\"responses\":{\"200\":{\"$ref\":\"#/components/responses/rows\"},"
                     "\"default\":{\"$ref\":\"#/components/responses/rows\"}}}}");
}

/* What operations share: who asks, how, and what comes back. */
static const char components[] =
    "\"security\":[{\"session\":[]}],\n\"components\":{"
    "\"securitySchemes\":{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"aright\","
    "\"description\":\"what opening the link of `aright web link` sets\"}},"
    "\"parameters\":{"
    "\"format\":{\"in\":\"query\",\"name\":\"_format\",\"description\":\"as the command line prints"
    " it\",\"schema\":{\"type\":\"string\",\"enum\":[\"table\",\"json\",\"ndjson\",\"csv\"]}},"
    "\"door\":{\"in\":\"header\",\"name\":\"Aright-Door\",\"required\":true,\"description\":\"which"
    " no form and no other site sends\",\"schema\":{\"type\":\"string\",\"enum\":[\"page\"]}}},"
    "\"responses\":{\"rows\":{\"description\":\"rows, or why there are none\",\"content\":{"
    "\"application/json\":{\"schema\":{\"type\":\"object\",\"additionalProperties\":false,"
    "\"required\":[\"columns\",\"rows\",\"notes\"],\"properties\":{"
    "\"columns\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":false,"
    "\"required\":[\"name\",\"type\"],\"properties\":{\"name\":{\"type\":\"string\"},\"type\":{"
    "\"type\":\"string\",\"enum\":[\"bool\",\"int\",\"double\",\"text\",\"time\"]},\"share\":{"
    "\"type\":\"boolean\"},\"quiet\":{\"type\":\"boolean\"},\"help\":{\"type\":\"string\"}}}},"
    "\"rows\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":[\"null\","
    "\"boolean\",\"integer\",\"number\",\"string\"]}}},"
    "\"notes\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"about\":{\"type\":\"object\"}"
    ","
    "\"error\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"code\","
    "\"message\"],\"properties\":{\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}"
    "}"
    "}}},\"text/csv\":{},\"application/x-ndjson\":{},\"text/event-stream\":{}}}}}}\n";

void ar_openapi(const ar_tables *tables, ar_buf *out)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *comma = "";
    size_t n;
    const ar_op **ops = ar_tables_all(tables, &arena, &n);

    ar_buf_addz(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"aright\",");
    add_text(out, "version", tables->version);
    ar_buf_addz(out, "},\"paths\":{");
    for (size_t i = 0; i < n; i++) {
        if (!ar_api_offers(ops[i])) continue;
        ar_buf_addf(out, "%s\n", comma);
        add_op(out, ops[i], &arena);
        comma = ",";
    }
    ar_buf_addz(out, "},\n");
    ar_buf_addz(out, components);
}
