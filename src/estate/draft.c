#include "estate/draft.h"

enum { WIDTH = 96, WORD_MAX = 80 };

/* What a field is called when it is known by another word than the column. */
static const struct {
    const char *column;
    const char *fields[12];
} known[] = {
    { "id",
      { "id", "appid", "sysid", "arn", "uuid", "uid", "deviceid", "hostid", "assetid", "key" } },
    { "name", { "displayname", "title", "label", "username" } },
    { "created", { "creation", "creationtimestamp", "syscreated", "createdate", "registration" } },
    { "ownerid", { "owner", "ownedby", "owneremail", "ownermail", "responsible" } },
    { "deleted", { "deletion", "deletiontimestamp" } },
    { "lastsignin", { "lastlogin", "lastlogon", "lastused", "approximatelastsignin" } },
    { "env", { "environment", "stage" } },
    { "hostname", { "host", "fqdn", "dnshostname", "computername" } },
    { "os", { "operatingsystem", "osname" } },
    { "osversion", { "operatingsystemversion" } },
    { "serial", { "serialnumber", "serialno" } },
};

/* A name as it sounds: small letters and digits only, without what only says its type. */
static ar_str sound(ar_str name, char out[WORD_MAX])
{
    static const char *const ends[] = { "datetime", "timestamp", "time", "date", "at", "on" };
    size_t n = 0;

    for (size_t i = 0; i < name.len && n < WORD_MAX; i++) {
        char c = ar_lower(name.ptr[i]);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out[n++] = c;
    }
    ar_str word = { out, n };
    if (ar_str_starts(name, AR_LIT("is")) && name.len > 2 &&
        (name.ptr[2] < 'a' || name.ptr[2] > 'z'))
        word = ar_str_cut(word, 2, word.len);
    for (size_t i = 0; i < AR_COUNT(ends); i++) {
        size_t len = strlen(ends[i]);
        if (word.len > len + 3 && ar_str_ends(word, ar_str_of(ends[i])))
            return ar_str_cut(word, 0, word.len - len);
    }
    return word;
}

static bool is_known(ar_str column, ar_str field)
{
    for (size_t i = 0; i < AR_COUNT(known); i++)
        for (size_t k = 0; k < AR_COUNT(known[i].fields) && known[i].fields[k] != NULL; k++)
            if (ar_str_eq(column, ar_str_of(known[i].column)) &&
                ar_str_eq(field, ar_str_of(known[i].fields[k])))
                return true;
    return false;
}

/* Whether the field names the column behind the kind: "App Name" of an app, "device_id". */
static bool is_of_kind(ar_str column, ar_str field, ar_str kind)
{
    char kind_word[WORD_MAX];
    ar_str before = sound(kind, kind_word);

    return ar_str_starts(field, before) &&
           ar_str_eq(ar_str_cut(field, before.len, field.len), column);
}

/* The field that fits the column best: one that sounds like it, then one that names the kind before
 * it, then one that is known to mean it; empty when there is none. */
static ar_str find_field(const ar_draft *draft, ar_str column)
{
    char column_word[WORD_MAX], field_word[WORD_MAX];
    ar_str wanted = sound(column, column_word), field, known_as = { 0 }, of_kind = { 0 };

    for (ar_str rest = draft->fields; ar_str_split(&rest, '\n', &field);) {
        ar_str word = sound(field, field_word);
        if (ar_str_eq(word, wanted)) return field;
        if (of_kind.len == 0 && is_of_kind(wanted, word, draft->kind->name)) of_kind = field;
        if (known_as.len == 0 && is_known(wanted, word)) known_as = field;
    }
    return of_kind.len > 0 ? of_kind : known_as;
}

/* A path, which is written as in a mapping, as YAML. */
static void add_path(ar_buf *out, ar_str path)
{
    bool plain = path.len > 0;

    for (size_t i = 0; i < path.len; i++) {
        char c = ar_lower(path.ptr[i]);
        plain &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    }
    ar_buf_addz(out, plain ? "" : "'");
    for (size_t i = 0; i < path.len; i++) {
        if (!plain && path.ptr[i] == '\'') ar_buf_addc(out, '\'');
        ar_buf_addc(out, path.ptr[i]);
    }
    ar_buf_addz(out, plain ? "" : "'");
}

/* Words of a comment, a few a line. */
static void add_word(ar_buf *out, size_t *width, const char *head, ar_str word)
{
    if (*width == 0) {
        ar_buf_addf(out, "# %s", head);
        *width = strlen(head) + 2;
    } else if (*width + word.len > WIDTH) {
        ar_buf_addz(out, "\n#  ");
        *width = 3;
    }
    ar_buf_addf(out, " %.*s", AR_FMT(word));
    *width += word.len + 1;
}

static bool is_taken(const ar_draft *draft, ar_str field, const ar_kind_column *const *facts,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(find_field(draft, facts[i]->name), field)) return true;
    return false;
}

/* The facts of the kind but for those that aright makes itself of other words of a connector. */
static size_t columns_of(const ar_kind *kind, ar_arena *arena, const ar_kind_column ***out)
{
    size_t n, kept = 0;

    ar_kind_facts(kind, arena, out, &n);
    for (size_t i = 0; i < n; i++)
        if ((*out)[i]->name.ptr[0] != '_') (*out)[kept++] = (*out)[i];
    return kept;
}

static void add_items(ar_buf *out, const ar_draft *draft)
{
    if (draft->n_items == 0) return;
    ar_buf_addz(out, "items: ");
    ar_buf_addz(out, draft->n_items > 1 ? "[" : "");
    for (size_t i = 0; i < draft->n_items; i++) {
        ar_buf_addz(out, i > 0 ? ", " : "");
        add_path(out, draft->items[i]);
    }
    ar_buf_addz(out, draft->n_items > 1 ? "]\n" : "\n");
}

void ar_draft_connector(const ar_draft *draft, ar_buf *out)
{
    ar_auto(ar_arena) scratch = { 0 };
    const ar_kind_column **facts;
    ar_str rest = draft->fields, field;
    size_t n, width = 0;

    n = columns_of(draft->kind, &scratch, &facts);
    ar_str id = find_field(draft, AR_LIT("id"));
    ar_buf_addf(out, "connector: %.*s\ntitle: What it reads, in a sentence\n", AR_FMT(draft->name));
    add_items(out, draft);
    ar_buf_addf(out, "kind: %.*s\nid: ", AR_FMT(draft->kind->name));
    add_path(out, id.len > 0 ? id : AR_LIT("id"));
    ar_buf_addf(out, "   # %severy item must have one, unique in the payload\ncolumns:\n",
                id.len > 0 ? "" : "no field is called like it: ");
    for (size_t i = 0; i < n; i++) {
        field = find_field(draft, facts[i]->name);
        if (ar_str_eq(facts[i]->name, AR_LIT("id")) || field.len == 0) continue;
        ar_buf_addf(out, "  %.*s: ", AR_FMT(facts[i]->name));
        add_path(out, field);
        ar_buf_addc(out, '\n');
    }
    while (ar_str_split(&rest, '\n', &field))
        if (field.len > 0 && !is_taken(draft, field, facts, n))
            add_word(out, &width, "fields that nothing takes yet:", field);
    if (width > 0) ar_buf_addc(out, '\n');
    width = 0;
    for (size_t i = 0; i < n; i++)
        if (find_field(draft, facts[i]->name).len == 0 && !ar_str_eq(facts[i]->name, AR_LIT("id")))
            add_word(out, &width, "columns that nothing fills yet:", facts[i]->name);
    if (width > 0) ar_buf_addc(out, '\n');
}
