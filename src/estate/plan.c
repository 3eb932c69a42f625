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
                           .bad_rows_max = connector->bad_rows_max,
                           .by_name = connector->n_columns == 0,
                           .columns = columns,
                           .n_columns = n,
                           .owners = connector->owners,
                           .n_owners = connector->n_owners };
}

static void print_texts(ar_buf *out, const ar_str *texts, size_t n)
{
    ar_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        ar_buf_addz(out, i > 0 ? "," : "");
        ar_json_text(out, texts[i]);
    }
    ar_buf_addc(out, ']');
}

static void print_items(ar_buf *out, const ar_items_text *items)
{
    ar_buf_addz(out, "{\"steps\":");
    print_texts(out, items->steps, items->n_steps);
    ar_buf_addz(out, ",\"where\":");
    print_texts(out, items->where, items->n_where);
    ar_buf_addz(out, ",\"refuse\":[");
    for (size_t i = 0; i < items->n_refuse; i++) {
        ar_buf_addz(out, i > 0 ? "," : "");
        print_texts(out, (ar_str[]){ items->refuse[i].when, items->refuse[i].because }, 2);
    }
    ar_buf_addz(out, "],\"lookups\":[");
    for (size_t i = 0; i < items->n_lookups; i++) {
        const ar_lookup_text *l = &items->lookups[i];
        ar_buf_addz(out, i > 0 ? ",[" : "[");
        print_texts(out, (ar_str[]){ l->name, l->where, l->key, l->value }, 4);
        ar_buf_addc(out, ',');
        print_texts(out, l->steps, l->n_steps);
        ar_buf_addc(out, ']');
    }
    ar_buf_addz(out, "],\"partial\":");
    ar_json_text(out, items->partial);
    ar_buf_addc(out, '}');
}

void ar_plan_print(const ar_plan *plan, ar_buf *out)
{
    ar_buf_addz(out, "{\"payload\":");
    ar_json_text(out, plan->payload);
    ar_buf_addf(out, ",\"format\":\"%s\",\"items\":", ar_payload_name(plan->format));
    print_items(out, &plan->items);
    ar_buf_addf(out, ",\"bad_rows_max\":%lld,\"survey\":%s,\"by_name\":%s,\"columns\":[",
                (long long)plan->bad_rows_max, plan->survey ? "true" : "false",
                plan->by_name ? "true" : "false");
    for (size_t i = 0; i < plan->n_columns; i++) {
        const ar_plan_column *c = &plan->columns[i];
        ar_buf_addz(out, i > 0 ? "," : "");
        print_texts(out, (ar_str[]){ c->name, ar_str_of(ar_type_name(c->type)), c->text }, 3);
    }
    ar_buf_addz(out, "],\"owners\":[");
    for (size_t i = 0; i < plan->n_owners; i++) {
        const ar_connector_owner *o = &plan->owners[i];
        ar_buf_addz(out, i > 0 ? "," : "");
        print_texts(out, (ar_str[]){ o->evidence, o->confidence, o->owner, o->at }, 4);
    }
    ar_buf_addz(out, "]}");
}

/* ---- and back ---- */

static ar_err not_a_plan(void)
{
    return ar_fail(AR_INVALID, "plan: it is not what was printed");
}

static ar_err read_texts(const ar_node *list, ar_arena *arena, const ar_str **out, size_t *out_n)
{
    if (list == NULL || list->kind != AR_NODE_LIST) return not_a_plan();
    ar_str *texts = ar_make_n(arena, ar_str, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i]->kind != AR_NODE_TEXT) return not_a_plan();
        texts[i] = list->items[i]->text;
    }
    *out = texts;
    *out_n = list->n;
    return ar_ok();
}

static ar_err read_some(const ar_node *list, size_t want, ar_arena *arena, const ar_str **out)
{
    size_t n;

    AR_TRY(read_texts(list, arena, out, &n));
    return n == want ? ar_ok() : not_a_plan();
}

static ar_err read_lookup(const ar_node *node, ar_arena *arena, ar_lookup_text *out)
{
    const ar_str *texts;

    if (node->kind != AR_NODE_LIST || node->n != 2) return not_a_plan();
    AR_TRY(read_some(node->items[0], 4, arena, &texts));
    *out =
        (ar_lookup_text){ .name = texts[0], .where = texts[1], .key = texts[2], .value = texts[3] };
    return read_texts(node->items[1], arena, &out->steps, &out->n_steps);
}

static ar_err read_items(const ar_node *node, ar_arena *arena, ar_items_text *out)
{
    const ar_node *refuse = ar_node_get(node, AR_LIT("refuse"));
    const ar_node *lookups = ar_node_get(node, AR_LIT("lookups"));
    ar_items_text items = { 0 };

    AR_TRY(read_texts(ar_node_get(node, AR_LIT("steps")), arena, &items.steps, &items.n_steps));
    AR_TRY(read_texts(ar_node_get(node, AR_LIT("where")), arena, &items.where, &items.n_where));
    AR_TRY(ar_node_text(AR_LIT("plan"), node, "partial", true, &items.partial));
    if (refuse == NULL || refuse->kind != AR_NODE_LIST || lookups == NULL ||
        lookups->kind != AR_NODE_LIST)
        return not_a_plan();

    ar_refusal_text *rules = ar_make_n(arena, ar_refusal_text, refuse->n);
    for (size_t i = 0; i < refuse->n; i++) {
        const ar_str *texts;
        AR_TRY(read_some(refuse->items[i], 2, arena, &texts));
        rules[i] = (ar_refusal_text){ .when = texts[0], .because = texts[1] };
    }
    ar_lookup_text *tables = ar_make_n(arena, ar_lookup_text, lookups->n);
    for (size_t i = 0; i < lookups->n; i++)
        AR_TRY(read_lookup(lookups->items[i], arena, &tables[i]));
    items.refuse = rules, items.n_refuse = refuse->n;
    items.lookups = tables, items.n_lookups = lookups->n;
    *out = items;
    return ar_ok();
}

static ar_err read_column(const ar_node *node, ar_arena *arena, ar_plan_column *out)
{
    const ar_str *texts;

    AR_TRY(read_some(node, 3, arena, &texts));
    out->name = texts[0];
    out->text = texts[2];
    if (!ar_type_parse(texts[1], &out->type) || out->type == AR_NULL)
        return ar_fail(AR_INVALID, "plan: '%.*s' is not a type", AR_FMT(texts[1]));
    return ar_ok();
}

static ar_err read_owner(const ar_node *node, ar_arena *arena, ar_connector_owner *out)
{
    const ar_str *texts;

    AR_TRY(read_some(node, 4, arena, &texts));
    *out = (ar_connector_owner){
        .evidence = texts[0], .confidence = texts[1], .owner = texts[2], .at = texts[3]
    };
    return ar_ok();
}

ar_err ar_plan_parse(ar_str text, ar_arena *arena, ar_plan *out_plan)
{
    const ar_node *list = NULL, *items = NULL, *owners_list = NULL;
    ar_str file = AR_LIT("plan"), format = { 0 };
    ar_plan plan = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_text(file, root, "payload", true, &plan.payload));
    AR_TRY(ar_node_text(file, root, "format", true, &format));
    AR_TRY(ar_node_map(file, root, "items", true, &items));
    AR_TRY(ar_node_int(file, root, "bad_rows_max", true, &plan.bad_rows_max));
    AR_TRY(ar_node_bool(file, root, "survey", true, &plan.survey));
    AR_TRY(ar_node_bool(file, root, "by_name", true, &plan.by_name));
    AR_TRY(ar_node_list(file, root, "columns", true, &list));
    AR_TRY(ar_node_list(file, root, "owners", true, &owners_list));
    if (!ar_payload_parse(format, &plan.format))
        return ar_fail(AR_INVALID, "plan: '%.*s' is not a format", AR_FMT(format));
    AR_TRY(read_items(items, arena, &plan.items));
    ar_plan_column *columns = ar_make_n(arena, ar_plan_column, list->n);
    for (size_t i = 0; i < list->n; i++) AR_TRY(read_column(list->items[i], arena, &columns[i]));
    ar_connector_owner *owners = ar_make_n(arena, ar_connector_owner, owners_list->n);
    for (size_t i = 0; i < owners_list->n; i++)
        AR_TRY(read_owner(owners_list->items[i], arena, &owners[i]));
    plan.columns = columns;
    plan.n_columns = list->n;
    plan.owners = owners;
    plan.n_owners = owners_list->n;
    *out_plan = plan;
    return ar_ok();
}
