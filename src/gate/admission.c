#include "gate/admission.h"

#include "form/json.h"
#include "form/utf.h"

enum { DENIED = 403, ALLOWED = 200 };

static const char version[] = "admission.k8s.io/v1";

/* ---- the request ---- */

bool ar_admission_is(const ar_node *document)
{
    const ar_node *kind = ar_node_get(document, AR_LIT("kind"));

    return kind != NULL && ar_str_eq(kind->text, AR_LIT("AdmissionReview"));
}

/* The text of a field; empty when it is not there. */
static ar_err read_text(ar_str what, const ar_node *map, const char *field, ar_str *out)
{
    *out = (ar_str){ 0 };
    return ar_node_text(what, map, field, false, out);
}

static ar_err check_version(ar_str what, const ar_node *document)
{
    ar_str said;

    AR_TRY(read_text(what, document, "apiVersion", &said));
    if (ar_str_eq(said, ar_str_of(version))) return ar_ok();
    return ar_node_fail(what, document,
                        "apiVersion is '%.*s' (want %s: say admissionReviewVersions: [v1] where "
                        "the webhook is registered)",
                        AR_FMT(said), version);
}

static ar_err check_part(ar_str what, const ar_node *request)
{
    ar_str part;

    AR_TRY(read_text(what, request, "subResource", &part));
    if (part.len == 0) return ar_ok();
    return ar_node_fail(what, request,
                        "it asks about %.*s, a part of an object, which is judged whole (register "
                        "the webhook for the resource, without its parts)",
                        AR_FMT(part));
}

static ar_err read_operation(ar_str what, const ar_node *request, bool *out_gone)
{
    ar_str operation = { 0 };

    AR_TRY(ar_node_text(what, request, "operation", true, &operation));
    *out_gone = ar_str_eq(operation, AR_LIT("DELETE"));
    if (*out_gone || ar_str_eq(operation, AR_LIT("CREATE")) ||
        ar_str_eq(operation, AR_LIT("UPDATE")))
        return ar_ok();
    return ar_node_fail(what, request,
                        "%.*s changes no object (register the webhook for CREATE, UPDATE and "
                        "DELETE)",
                        AR_FMT(operation));
}

/* "default/web", as far as the request or the object says. */
static ar_err read_name(ar_str what, const ar_node *request, const ar_node *metadata,
                        ar_arena *arena, ar_str *out)
{
    ar_str space, name, prefix;

    AR_TRY(read_text(what, request, "namespace", &space));
    AR_TRY(read_text(what, request, "name", &name));
    AR_TRY(read_text(what, metadata, "generateName", &prefix));
    if (name.len == 0) AR_TRY(read_text(what, metadata, "name", &name));
    if (name.len == 0) name = prefix;
    *out =
        ar_arena_printf(arena, "%.*s%s%.*s", AR_FMT(space), space.len > 0 ? "/" : "", AR_FMT(name));
    return ar_ok();
}

static ar_node *with_pair(const ar_node *map, ar_str key, ar_node *value, ar_arena *arena)
{
    ar_node *copy = ar_make(arena, ar_node);
    size_t n = 0;

    *copy = *map;
    copy->pairs = ar_make_n(arena, ar_pair, map->n + 1);
    for (size_t i = 0; i < map->n; i++)
        if (!ar_str_eq(map->pairs[i].key, key)) copy->pairs[n++] = map->pairs[i];
    copy->pairs[n++] = (ar_pair){ .key = key, .line = map->line, .value = value };
    copy->n = n;
    return copy;
}

/* What is to be created may have no uid yet, and a thing is known by one. */
static ar_err read_object(ar_str what, const ar_node *request, const char *field, ar_arena *arena,
                          const ar_node **out_object)
{
    const ar_node *object = NULL, *metadata = NULL;
    ar_str uid;

    AR_TRY(ar_node_map(what, request, field, true, &object));
    AR_TRY(ar_node_map(what, object, "metadata", true, &metadata));
    AR_TRY(read_text(what, metadata, "uid", &uid));
    *out_object = object;
    if (uid.len > 0) return ar_ok();

    ar_node *name = ar_make(arena, ar_node);

    name->kind = AR_NODE_TEXT;
    AR_TRY(read_name(what, request, metadata, arena, &name->text));
    *out_object = with_pair(object, AR_LIT("metadata"),
                            with_pair(metadata, AR_LIT("uid"), name, arena), arena);
    return ar_ok();
}

ar_err ar_admission_read(ar_str what, const ar_node *document, ar_arena *arena,
                         ar_admission *out_admission)
{
    const ar_node *request = NULL;
    ar_admission a = { 0 };

    AR_TRY(check_version(what, document));
    AR_TRY(ar_node_map(what, document, "request", true, &request));
    AR_TRY(ar_node_text(what, request, "uid", true, &a.uid));
    if (a.uid.len == 0) return ar_node_fail(what, request, "its uid is empty");
    AR_TRY(check_part(what, request));
    AR_TRY(read_operation(what, request, &a.gone));
    AR_TRY(read_object(what, request, a.gone ? "oldObject" : "object", arena, &a.object));
    *out_admission = a;
    return ar_ok();
}

/* ---- the answer ---- */

/* "TN-3 Applications …: Sign in to it, bring it to the baseline, or remove it." */
static void add_sentence(ar_buf *out, const ar_standard *standard)
{
    ar_buf_addf(out, "%.*s %.*s: %.*s", AR_FMT(standard->id), AR_FMT(standard->title),
                AR_FMT(standard->right));
}

static void add_status(const ar_gate_decision *decision, ar_str gate, ar_str id, ar_buf *out)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "%.*s denies it (%.*s)", AR_FMT(gate), AR_FMT(id));
    for (size_t i = 0; i < decision->n; i++) {
        const ar_gate_verdict *v = &decision->verdicts[i];

        if (v->effect != AR_GATE_DENY) continue;
        ar_buf_addc(&text, '\n');
        add_sentence(&text, v->standard);
        ar_buf_addf(&text, "\n%.*s", AR_FMT(v->why));
    }
    ar_buf_addf(&text, "\nWas that right? aright gate answer %.*s yes|no", AR_FMT(id));
    ar_buf_addf(out, ",\"status\":{\"code\":%d,\"reason\":\"Forbidden\",\"message\":", DENIED);
    ar_json_text(out, ar_buf_str(&text));
    ar_buf_addc(out, '}');
}

static void add_warnings(const ar_gate_decision *decision, ar_buf *out)
{
    size_t room = AR_ADMISSION_WARNINGS_MAX;
    const char *before = ",\"warnings\":[";

    for (size_t i = 0; i < decision->n; i++) {
        ar_auto(ar_buf) text = { 0 };

        if (decision->verdicts[i].effect != AR_GATE_WARN) continue;
        add_sentence(&text, decision->verdicts[i].standard);

        ar_str warning = ar_utf8_cut(ar_buf_str(&text), AR_ADMISSION_WARNING_MAX);

        if (warning.len > room) break;
        room -= warning.len;
        ar_buf_addz(out, before);
        ar_json_text(out, warning);
        before = ",";
    }
    if (before[1] == '\0') ar_buf_addc(out, ']');
}

void ar_admission_answer(const ar_admission *admission, const ar_gate_decision *decision,
                         ar_str gate, ar_str id, ar_buf *out)
{
    bool allowed = decision->effect != AR_GATE_DENY;

    ar_buf_addf(
        out, "{\"apiVersion\":\"%s\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":", version);
    ar_json_text(out, admission->uid);
    ar_buf_addf(out, ",\"allowed\":%s", allowed ? "true" : "false");
    if (allowed)
        ar_buf_addf(out, ",\"status\":{\"code\":%d}", ALLOWED);
    else
        add_status(decision, gate, id, out);
    add_warnings(decision, out);
    ar_buf_addf(out, ",\"auditAnnotations\":{\"decision\":\"%.*s\",\"effect\":\"%s\"}}}",
                AR_FMT(id), ar_gate_effect_name(decision->effect));
}
