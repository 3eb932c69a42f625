#include "estate/ops.h"
#include "estate/resolve.h"
#include "home.h"

#include "op/args.h"
#include "op/reply.h"

static ar_err ignore_columns(void *self, const ar_column *columns, size_t n)
{
    (void)self, (void)columns, (void)n;
    return ar_ok();
}

static ar_err keep_row(void *self, const ar_value *values, size_t n)
{
    ar_buf *out = self;

    for (size_t i = 0; i < n; i++) {
        ar_value_print(out, values[i]);
        ar_buf_addc(out, i + 1 < n ? '|' : ';');
    }
    return ar_ok();
}

static void ignore_note(void *self, ar_str text)
{
    (void)self, (void)text;
}

typedef struct asked {
    const char *name, *value;
} asked;

/* As the core runs it: all or nothing. `who` asks, and holds what is said. */
static ar_err run(home *h, const char *op_name, const char *who, ar_str grant, const asked *list,
                  ar_buf *out)
{
    ar_sink sink = { .columns = ignore_columns, .row = keep_row, .note = ignore_note, .self = out };
    ar_person person = { .name = ar_str_of(who), .uid = -1, .grants = &grant, .n_grants = 1 };
    const ar_op *op = ar_claim_ops;
    ar_reply reply;

    while (strcmp(op->name, op_name) != 0) op++;
    ar_args args = { .op = op, .arena = &h->arena };
    for (; list->name != NULL; list++)
        T_OK(ar_args_add(&args, ar_param_find(op, ar_str_of(list->name)), ar_str_of(list->value),
                         -1, h->ctx.now));
    ar_buf_clear(out);
    ar_reply_init(&reply, op, &sink);
    h->ctx.who = &person;
    T_OK(ar_engine_begin(h->ctx.engine));
    ar_err err = op->run(&h->ctx, &args, &reply);
    if (err.code == AR_OK)
        T_OK(ar_engine_commit(h->ctx.engine));
    else
        ar_engine_rollback(h->ctx.engine);
    return err;
}

#define CLAIM  AR_LIT("owner.claim")
#define ASSIGN AR_LIT("owner.assign")
#define ARGS(...)      \
    (const asked[])    \
    {                  \
        __VA_ARGS__,   \
        {              \
            NULL, NULL \
        }              \
    }
#define OWNED "SELECT id, owner_id, owner_source FROM app ORDER BY id"

static void small_company(home *h)
{
    ar_import_result r;

    T_OK(ar_file_write(ar_path_join(&h->arena, h->place.home, "owners.yaml"),
                       AR_LIT("owners:\n  - {id: 'division:eng'}\n"
                              "  - {id: 'team:web', in: 'division:eng'}\n"
                              "  - {id: 'team:db', in: 'division:eng'}\n"
                              "  - {id: 'person:kim', in: 'team:web', aliases: ['person:k']}\n"
                              "  - {id: 'person:lee', in: 'team:db', left: 1973-01-01}\n"),
                       0600));
    reopen(h);
    T_OK(import_text(h, "crm", false, "id,name,owner_id\na,Ant,team:db\nb,Bee,\nc,Cat,\n", &r));
}

TEST(a_claim_outweighs_all_other_evidence_until_it_is_released)
{
    home h;
    home_open(&h, NULL);
    ar_auto(ar_buf) out = { 0 };

    small_company(&h);
    T_OK(run(&h, "owner.claim", "person:k", CLAIM, ARGS({ "asset", "app:a" }, { "asset", "app:b" }),
             &out));
    T_STR(ar_buf_str(&out), "app:a|Ant|team:db|crm|person:kim|claim;app:b|Bee|||person:kim|claim;");
    T_STR(text_of(&h, OWNED), "a|person:kim|claim;b|person:kim|claim;c||;");
    T_STR(text_of(&h, "SELECT id, disputed FROM ownership WHERE state = 'owned' ORDER BY id"),
          "a|true;b|false;");

    /* a later one, of others, decides; the earlier stays beside it */
    h.ctx.now += AR_DAY;
    T_OK(run(&h, "owner.assign", "person:boss", ASSIGN,
             ARGS({ "to", "TEAM:DB" }, { "asset", "app:a" }), &out));
    T_STR(text_of(&h, "SELECT owner_id FROM app WHERE id = 'a'"), "team:db;");
    T_STR(text_of(&h, "SELECT count(*) FROM ar.claim"), "3;");
    T_OK(run(&h, "owner.claims", "person:kim", CLAIM, ARGS({ "state", "outweighed" }), &out));
    T_STR(ar_buf_str(&out), "app:a|person:kim|outweighed|person:k|1972-09-27T00:00:00Z;");
    /* made again, it is the later one */
    h.ctx.now += AR_DAY;
    T_OK(run(&h, "owner.claim", "person:kim", CLAIM, ARGS({ "asset", "app:a" }), &out));
    T_STR(text_of(&h, "SELECT owner_id FROM app WHERE id = 'a'"), "person:kim;");
    T_STR(text_of(&h, "SELECT count(*) FROM ar.claim"), "3;");

    T_FAILS(run(&h, "owner.release", "person:kim", CLAIM, ARGS({ "asset", "app:a" }), &out),
            AR_DENIED, "app:a is claimed for team:db; want someone of theirs");
    T_OK(run(&h, "owner.release", "person:boss", ASSIGN,
             ARGS({ "asset", "app:a" }, { "asset", "app:c" }), &out));
    T_STR(ar_buf_str(&out), "app:a|Ant|person:kim|claim|team:db|crm;"); /* nobody claims c */
    T_STR(text_of(&h, OWNED), "a|team:db|crm;b|person:kim|claim;c||;");
    T_FAILS(run(&h, "owner.release", "person:kim", CLAIM, ARGS({ "asset", "app:a" }), &out),
            AR_NOT_FOUND, "nobody claims any of that");
    home_done(&h);
}

TEST(a_condition_claims_many_and_a_dry_run_none)
{
    home h;
    home_open(&h, NULL);
    ar_auto(ar_buf) out = { 0 };

    small_company(&h);
    T_OK(run(&h, "owner.claim", "person:kim", CLAIM,
             ARGS({ "kind", "app" }, { "where", "name IN ('Bee', 'Cat')" }, { "for", "team:web" },
                  { "dry_run", "" }),
             &out));
    T_STR(ar_buf_str(&out), "app:b|Bee|||team:web|claim;app:c|Cat|||team:web|claim;");
    T_STR(text_of(&h, OWNED), "a|team:db|crm;b||;c||;");
    T_OK(run(
        &h, "owner.claim", "person:kim", CLAIM,
        ARGS({ "kind", "app" }, { "where", "name IN ('Bee', 'Cat')" }, { "for", "division:eng" }),
        &out));
    T_STR(text_of(&h, OWNED), "a|team:db|crm;b|division:eng|claim;c|division:eng|claim;");
    home_done(&h);
}

TEST(who_may_not_claim_is_told_why_and_nothing_changes)
{
    static const struct {
        const char *op, *who;
        asked list[4];
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "owner.claim",
          "person:kim",
          { { "for", "team:db" }, { "asset", "app:b" } },
          AR_DENIED,
          "person:kim is not in team:db and cannot claim for it; want someone of theirs, or"
          " `owner assign` by who holds owner.assign" },
        { "owner.claim",
          "person:kim",
          { { "for", "team:x" }, { "asset", "app:b" } },
          AR_NOT_FOUND,
          "no owner is known as 'team:x'" },
        { "owner.claim",
          "person:lee",
          { { "asset", "app:b" } },
          AR_CONFLICT,
          "person:lee has left and can own nothing" },
        { "owner.assign",
          "person:kim",
          { { "to", "person:lee" }, { "asset", "app:b" } },
          AR_CONFLICT,
          "person:lee has left" },
        { "owner.assign",
          "person:kim",
          { { "to", "person:x" }, { "asset", "app:b" } },
          AR_NOT_FOUND,
          "no owner is known as 'person:x'" },
        { "owner.claim",
          "person:kim",
          { { "asset", "app:z" } },
          AR_NOT_FOUND,
          "no app has the id 'z'" },
        { "owner.claim", "person:kim", { { "asset", "asset:a" } }, AR_INVALID, "is a view" },
        { "owner.claim",
          "person:kim",
          { { "kind", "asset" }, { "where", "true" } },
          AR_INVALID,
          "is a view" },
        { "owner.claim",
          "person:kim",
          { { "kind", "app" } },
          AR_INVALID,
          "--kind and --where go together" },
        { "owner.claim",
          "person:kim",
          { { "for", "team:web" } },
          AR_INVALID,
          "want KIND:ID …, or --kind with --where" },
        { "owner.claim",
          "person:kim",
          { { "asset", "app:b" }, { "kind", "app" }, { "where", "true" } },
          AR_INVALID,
          "not both" },
        { "owner.claim",
          "person:kim",
          { { "kind", "app" }, { "where", "nme = 'x'" } },
          AR_INVALID,
          "did you mean 'name'" },
    };
    home h;
    home_open(&h, NULL);
    ar_auto(ar_buf) out = { 0 };

    small_company(&h);
    h.ctx.now = 1200 * AR_DAY;
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        asked list[5] = { 0 };

        for (size_t k = 0; k < AR_COUNT(bad[i].list); k++) list[k] = bad[i].list[k];
        T_FAILS(run(&h, bad[i].op, bad[i].who, CLAIM, list, &out), bad[i].code, bad[i].says);
        T_STR(text_of(&h, "SELECT count(*) FROM ar.claim"), "0;");
    }
    home_done(&h);
}

TEST(a_claim_ages_with_time_and_when_who_made_it_leaves_and_is_void_without_its_owner)
{
    home h;
    home_open(&h, NULL);
    ar_auto(ar_buf) out = { 0 };

    small_company(&h);
    T_OK(run(&h, "owner.claim", "person:kim", CLAIM, ARGS({ "asset", "app:a" }), &out));
    T_OK(run(&h, "owner.claim", "person:lee", CLAIM, ARGS({ "asset", "app:b" }), &out));
    T_OK(run(&h, "owner.claim", "person:lee", CLAIM,
             ARGS({ "asset", "app:c" }, { "for", "team:db" }), &out));
    T_OK(run(&h, "owner.claims", "person:kim", CLAIM, ARGS({ "state", "holds" }), &out));
    T_STR(ar_buf_str(&out), "app:a|person:kim|holds|person:kim|1972-09-27T00:00:00Z;"
                            "app:b|person:lee|holds|person:lee|1972-09-27T00:00:00Z;"
                            "app:c|team:db|holds|person:lee|1972-09-27T00:00:00Z;");

    T_OK(ar_time_parse(AR_LIT("1973-01-01T00:00:00Z"), &h.ctx.now)); /* lee leaves */
    T_OK(run(&h, "owner.claims", "person:kim", CLAIM, ARGS({ "state", "void" }), &out));
    T_STR(ar_buf_str(&out), "app:b|person:lee|void|person:lee|1972-09-27T00:00:00Z;");
    T_OK(run(&h, "owner.claims", "person:kim", CLAIM, ARGS({ "state", "ageing" }), &out));
    T_STR(ar_buf_str(&out), "app:c|team:db|ageing|person:lee|1972-09-27T00:00:00Z;");
    T_STR(text_of(&h, OWNED), "a|person:kim|claim;b||;c|team:db|claim;");

    h.ctx.now = (1000 + AR_OWNER_CURRENT_DAYS) * AR_DAY - 1;
    T_OK(run(&h, "owner.claims", "person:kim", CLAIM, ARGS({ "state", "holds" }), &out));
    T_STR(ar_buf_str(&out), "app:a|person:kim|holds|person:kim|1972-09-27T00:00:00Z;");
    h.ctx.now++;
    T_OK(run(&h, "owner.claims", "person:kim", CLAIM, ARGS({ "state", "holds" }), &out));
    T_STR(ar_buf_str(&out), "");
    T_STR(text_of(&h, OWNED), "a|person:kim|claim;b||;c|team:db|claim;");
    home_done(&h);
}
