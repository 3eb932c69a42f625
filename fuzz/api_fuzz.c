/* What a request says over HTTP, a line each: the path of an operation, then name=value as a query
 * has it; or, behind an empty line, a body. What is answered of it must be JSON, whatever it
 * quotes. */
#include "daemon/tables.h"
#include "form/json.h"
#include "http/answer.h"
#include "http/api.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ar_time now = INT64_C(1795262400) * AR_SECOND;

static ar_err read_pairs(ar_args *args, ar_str rest)
{
    ar_str line;

    while (ar_str_split(&rest, '\n', &line)) {
        size_t at = ar_str_find(line, '=');

        if (line.len == 0) return ar_api_add_body(args, rest, now);
        AR_TRY(ar_api_add(args, ar_str_cut(line, 0, at),
                          ar_str_cut(line, at < line.len ? at + 1 : at, line.len), now));
    }
    return ar_ok();
}

/* Only what the operation knows, and nothing that names a file of the one who answers. */
static void check_args(const ar_args *args)
{
    assert(args->n <= AR_ARGS_MAX);
    for (size_t i = 0; i < args->n; i++) {
        const ar_param *param = args->list[i].param;

        assert(ar_param_find(args->op, ar_str_of(param->name)) == param);
        assert(param->type != AR_PARAM_FILE && (param->flags & AR_WRITTEN) == 0);
        assert(args->list[i].text.len <= AR_ARG_BYTES_MAX);
    }
}

/* Every argument comes back as a row, as a note and as something about the answer. */
static void check_answer(const ar_args *args, ar_err err)
{
    static const ar_column columns[] = { { "value", AR_TEXT, 0, "v" } };
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_answer) answer = { .op = args->op };
    ar_sink sink = ar_answer_sink(&answer);
    ar_err quoted =
        ar_fail(err.code == AR_OK ? AR_INVALID : err.code, "%.*s", AR_FMT(ar_err_text(err)));
    ar_form_limits limits = { .nodes_max = 1 << 20, .depth_max = 8 };
    ar_node *root;

    if (sink.columns(sink.self, columns, 1).code != AR_OK) abort();
    for (size_t i = 0; i < args->n; i++) {
        ar_value value = ar_text(args->list[i].text);

        if (sink.row(sink.self, &value, 1).code != AR_OK) abort();
        sink.note(sink.self, value.s);
    }
    if (args->n > 0) sink.about(sink.self, AR_LIT("after"), ar_text(args->list[0].text));
    ar_answer_end(&answer, quoted);
    limits.bytes_max = answer.body.len + 1;
    if (ar_json_parse(AR_LIT("answer"), ar_buf_str(&answer.body), &limits, &arena, &root).code !=
        AR_OK)
        abort();
    assert(ar_node_get(root, AR_LIT("rows"))->n == args->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str rest = { (const char *)data, size }, path;
    ar_args args = { .arena = &arena };

    if (!ar_str_split(&rest, '\n', &path)) return 0;
    args.op = ar_api_find(&ar_all_tables, path);
    if (args.op == NULL) return 0;
    assert(ar_api_offers(args.op));

    ar_err err = read_pairs(&args, rest);

    check_args(&args);
    check_answer(&args, err);
    return 0;
}
