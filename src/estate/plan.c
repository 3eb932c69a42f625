#include "estate/plan.h"

#include "form/json.h"

void ar_plan_make(const ar_connector *connector, const ar_kind *kind, ar_str payload,
                  ar_arena *arena, ar_plan *out_plan)
{
    const ar_kind_column **facts;
    size_t n;

    ar_kind_facts(kind, arena, &facts, &n);
    ar_plan_column *columns = ar_make_n(arena, ar_plan_column, n);
    for (size_t i = 0; i < n; i++) {
        columns[i] = (ar_plan_column){ .name = facts[i]->name, .type = facts[i]->type };
        for (size_t k = 0; k < connector->n_columns; k++)
            if (ar_str_eq(connector->columns[k].name, facts[i]->name))
                columns[i].text = connector->columns[k].text;
    }
    *out_plan = (ar_plan){ .payload = payload,
                           .format = connector->format,
                           .items = connector->items,
                           .by_name = connector->n_columns == 0,
                           .columns = columns,
                           .n_columns = n };
}

void ar_plan_print(const ar_plan *plan, ar_buf *out)
{
    ar_buf_addz(out, "{\"payload\":");
    ar_json_text(out, plan->payload);
    ar_buf_addf(out, ",\"format\":\"%s\",\"items\":", ar_payload_name(plan->format));
    ar_json_text(out, plan->items);
    ar_buf_addf(out, ",\"by_name\":%s,\"columns\":[", plan->by_name ? "true" : "false");
    for (size_t i = 0; i < plan->n_columns; i++) {
        ar_buf_addz(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        ar_json_text(out, plan->columns[i].name);
        ar_buf_addf(out, ",\"type\":\"%s\",\"text\":", ar_type_name(plan->columns[i].type));
        ar_json_text(out, plan->columns[i].text);
        ar_buf_addc(out, '}');
    }
    ar_buf_addz(out, "]}");
}

ar_err ar_plan_parse(ar_str text, ar_arena *arena, ar_plan *out_plan)
{
    ar_str file = AR_LIT("plan"), format = { 0 };
    const ar_node *list = NULL;
    ar_plan plan = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_text(file, root, "payload", true, &plan.payload));
    AR_TRY(ar_node_text(file, root, "format", true, &format));
    AR_TRY(ar_node_text(file, root, "items", true, &plan.items));
    AR_TRY(ar_node_bool(file, root, "by_name", true, &plan.by_name));
    AR_TRY(ar_node_list(file, root, "columns", true, &list));
    if (!ar_payload_parse(format, &plan.format))
        return ar_fail(AR_INVALID, "plan: '%.*s' is not a format", AR_FMT(format));
    ar_plan_column *columns = ar_make_n(arena, ar_plan_column, list->n);
    for (size_t i = 0; i < list->n; i++) {
        ar_str type = { 0 };
        AR_TRY(ar_node_text(file, list->items[i], "name", true, &columns[i].name));
        AR_TRY(ar_node_text(file, list->items[i], "type", true, &type));
        AR_TRY(ar_node_text(file, list->items[i], "text", true, &columns[i].text));
        if (!ar_type_parse(type, &columns[i].type) || columns[i].type == AR_NULL)
            return ar_fail(AR_INVALID, "plan: '%.*s' is not a type", AR_FMT(type));
    }
    plan.columns = columns;
    plan.n_columns = list->n;
    *out_plan = plan;
    return ar_ok();
}
