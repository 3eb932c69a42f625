#include "start/template.h"

#include "form/json.h"
#include "gate/gate.h"
#include "standard/row.h"
#include "start/proposal.h"
#include "t.h"

#define DAY0 INT64_C(1798761600000000) /* 2027-01-01T00:00:00Z */

/* What is shipped. */
typedef struct shelf {
    ar_arena arena;
    ar_kinds kinds;
    ar_standards standards;
    ar_templates templates;
} shelf;

static void shelf_init(shelf *s)
{
    const char *source = getenv("ARIGHT_SOURCE");
    ar_place place = { .home = "/nonexistent", .data = source == NULL ? "." : source };

    T_OK(ar_kinds_load(&place, &s->arena, &s->kinds));
    T_OK(ar_standards_load(&place, &s->kinds, &s->arena, &s->standards));
    T_OK(ar_templates_load(&place, &s->standards, &s->kinds, &s->arena, &s->templates));
}

static void shelf_done(shelf *s)
{
    ar_arena_done(&s->arena);
}

static ar_err parse(shelf *s, const char *text, ar_template *out)
{
    return ar_template_parse(AR_LIT("t.yaml"), (ar_str){ 0 }, ar_str_of(text), &s->standards,
                             &s->kinds, &s->arena, out);
}

/* `sets`: "parameter=value" and so on, with blanks between. */
static ar_wish wish_of(shelf *s, const char *sets)
{
    ar_str *list = ar_make_n(&s->arena, ar_str, 16), rest = ar_str_of(sets), set;
    ar_wish wish = {
        .name = AR_LIT("payroll"), .owner = AR_LIT("team:web"), .sets = list, .now = DAY0
    };

    while (*sets != '\0' && ar_str_split(&rest, ' ', &set)) list[wish.n_sets++] = set;
    return wish;
}

static ar_err propose(shelf *s, const char *template, const char *sets, ar_proposal *out)
{
    ar_wish wish = wish_of(s, sets);
    const ar_template *t;

    AR_TRY(ar_templates_find(&s->templates, ar_str_of(template), &t));
    return ar_propose(t, &wish, &s->arena, out);
}

/* As `gate decide` judges a document. */
static ar_gate_decision decide(shelf *s, const ar_template *t, ar_str json)
{
    ar_gate_decision d = { 0 };
    ar_node *node = NULL;
    const ar_gate *gate = NULL;
    ar_row row;

    T_OK(ar_json_parse(AR_LIT("p"), json, NULL, &s->arena, &node));
    T_OK(ar_row_check(AR_LIT("p"), t->kind, node));
    T_OK(ar_row_read(AR_LIT("p"), &t->kind->scope, node, DAY0, &s->arena, &row));
    T_OK(ar_gate_make(&s->standards, t->gate, row.asof, &s->arena, &gate));
    T_OK(ar_gate_decide(gate, &row, &s->arena, &d));
    return d;
}

/* ---- the shipped ones ---- */

static const struct {
    const char *template, *needs, *wrong, *denied_by;
} shipped[] = {
    { "app", "contact=a@example.org", "auth=secret", "ID-5" },
    { "pipeline", "repo=shop", "governed=false", "EN-5" },
    { "pipeline", "repo=shop", "isolated=false", "EN-7" },
    { "repo", "reviewers=@acme/web", "push_protection=false", "EN-2" },
    { "repo", "reviewers=@acme/web", "presence=false", "EN-3" },
    { "repo", "reviewers=@acme/web", "min_reviewers=0", "EN-3" },
    { "repo", "reviewers=@acme/web", "ssh=true", "EN-4b" },
    { "service", "tag=Web firewall_policy=fp-1", "auto_update=false", "SDL-7" },
    { "service", "tag=Web firewall_policy=fp-1", "perimeter=learning", "NW-2c" },
    { "service", "tag=Web firewall_policy=fp-1", "customer_facing=true edge_layers=1", "NW-2e" },
    { "service", "tag=Web firewall_policy=fp-1", "people_sign_in=true mfa=false", "SDL-6" },
    { "tenant", "contact=a@example.org purpose=Trying", "via=self_service", "TN-1" },
    { "vnet", "cidr=10.1.2.0/24", "default_outbound=true", "NW-3" },
    { "vnet", "cidr=10.1.2.0/24", "environments=2", "KL-4" },
    { "vnet", "cidr=10.1.2.0/24", "backend=true peered_corp=true", "NW-2d" },
};

TEST(every_shipped_template_is_good_and_tried_below)
{
    ar_auto(shelf) s = { 0 };

    shelf_init(&s);
    T_INT(s.templates.n, 6);
    for (size_t i = 0; i < s.templates.n_bad; i++) T_STR(s.templates.bad[i].error, "");
    for (size_t i = 0; i < s.templates.n; i++) {
        bool tried = false;

        for (size_t k = 0; k < AR_COUNT(shipped); k++)
            tried |= ar_str_eq(s.templates.list[i].name, ar_str_of(shipped[k].template));
        T_TRUE(tried);
    }
}

TEST(what_a_template_makes_is_not_denied_and_a_wrong_fact_is)
{
    ar_auto(shelf) s = { 0 };

    shelf_init(&s);
    for (size_t i = 0; i < AR_COUNT(shipped); i++) {
        const char *both =
            ar_arena_printf(&s.arena, "%s %s", shipped[i].needs, shipped[i].wrong).ptr;
        ar_gate_decision d;
        ar_proposal p;

        T_OK(propose(&s, shipped[i].template, shipped[i].needs, &p));
        d = decide(&s, p.template, p.json);
        T_STR(ar_str_of(ar_gate_effect_name(d.effect)), "none");
        T_TRUE(d.n > 0);

        T_OK(propose(&s, shipped[i].template, both, &p));
        d = decide(&s, p.template, p.json);
        T_STR(ar_str_of(ar_gate_effect_name(d.effect)), "deny");
        for (size_t k = 0; k < d.n; k++)
            T_TRUE((d.verdicts[k].effect == AR_GATE_DENY) ==
                   ar_str_eq(d.verdicts[k].standard->id, ar_str_of(shipped[i].denied_by)));
        if (t_bad > 0) printf("# %s %s\n", shipped[i].template, both);
    }
}

/* Every class with an end ends when it must, and what is temporary ends within 90 days. */
TEST(what_is_ephemeral_lives_ninety_days_at_most)
{
    ar_auto(shelf) s = { 0 };
    const ar_template *t = NULL;
    ar_proposal p;

    shelf_init(&s);
    for (size_t i = 0; i < s.templates.n; i++)
        for (size_t k = 0; k < s.templates.list[i].n_classes; k++)
            if (ar_str_eq(s.templates.list[i].classes[k].name, AR_LIT("ephemeral")))
                T_INT(s.templates.list[i].classes[k].life_max, 90 * AR_DAY);

    ar_wish wish = wish_of(&s, "contact=a@example.org purpose=Trying");

    T_OK(ar_templates_find(&s.templates, AR_LIT("tenant"), &t));
    wish.class = AR_LIT("ephemeral");
    T_OK(ar_propose(t, &wish, &s.arena, &p));
    T_INT(p.expires_at.i, DAY0 + 90 * AR_DAY);
    wish.expires = AR_LIT("+90d");
    T_OK(ar_propose(t, &wish, &s.arena, &p));
    wish.expires = AR_LIT("+91d");
    T_FAILS(ar_propose(t, &wish, &s.arena, &p), AR_INVALID,
            "--expires: what is ephemeral lives 90d at most, until 2027-04-01T00:00:00Z, and this "
            "one would live until 2027-04-02T00:00:00Z");
    wish.expires = AR_LIT("-1d");
    T_FAILS(ar_propose(t, &wish, &s.arena, &p), AR_INVALID, "ended before it began");
    wish.class = AR_LIT("production");
    wish.expires = (ar_str){ 0 };
    T_OK(ar_propose(t, &wish, &s.arena, &p));
    T_TRUE(p.expires_at.type == AR_NULL);
    wish.class = AR_LIT("eternal");
    T_FAILS(ar_propose(t, &wish, &s.arena, &p), AR_INVALID,
            "(want one of: ephemeral, test, productivity, production)");
}

TEST(only_what_who_makes_it_knows_is_registered)
{
    ar_auto(shelf) s = { 0 };
    ar_auto(ar_buf) json = { 0 };
    ar_proposal p;

    shelf_init(&s);
    T_OK(propose(&s, "vnet", "cidr=10.1.2.0/24", &p));
    ar_json_node(&json, p.registered);
    T_STR(ar_buf_str(&json),
          "{\"id\":\"payroll\",\"env\":\"production\",\"created_via\":\"template\",\"name\":"
          "\"payroll\",\"owner_id\":\"team:web\",\"created_at\":\"2027-01-01T00:00:00Z\","
          "\"inventoried_at\":\"2027-01-01T00:00:00Z\"}");
}

TEST(the_same_words_make_the_same_thing)
{
    ar_auto(shelf) s = { 0 };
    ar_proposal a, b;

    shelf_init(&s);
    T_OK(propose(&s, "vnet", "cidr=10.1.2.0/24", &a));
    T_OK(propose(&s, "vnet", "cidr=10.1.2.0/24", &b));
    T_TRUE(ar_str_eq(a.hash, b.hash));
    T_OK(propose(&s, "vnet", "cidr=10.1.3.0/24", &b));
    T_TRUE(!ar_str_eq(a.hash, b.hash));
}

/* ---- what is asked ---- */

TEST(what_does_not_fit_a_template_is_refused)
{
    static const struct {
        const char *template, *sets, *says;
    } bad[] = {
        { "vent", "", "did you mean 'vnet'?" },
        { "vnet", "", "needs --set cidr=…: Its addresses" },
        { "vnet", "cidr", "want PARAMETER=VALUE" },
        { "vnet", "cidr=", "--set cidr: want something" },
        { "vnet", "cdir=10.0.0.0/8", "asks for no 'cdir'; did you mean 'cidr'?" },
        { "vnet", "owner=x", "`aright template show vnet`" },
        { "vnet", "cidr=a cidr=b", "gives 'cidr' twice" },
        { "vnet", "cidr=1;flush", "'1;flush' is no word" },
        { "vnet", "cidr=a env=moon", "'moon' is none of: production, productivity, test" },
        { "vnet", "cidr=a environments=two", "environments" },
        { "vnet", "cidr=a backend=yes", "backend" },
        { "vnet", "cidr=a reviewed=soon", "reviewed" },
        { "tenant", "contact=a purpose=a\nb", "one line of text" },
    };
    ar_auto(shelf) s = { 0 };
    ar_proposal p;

    shelf_init(&s);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_err err = propose(&s, bad[i].template, bad[i].sets, &p);

        T_TRUE(err.code == AR_INVALID || err.code == AR_NOT_FOUND);
        T_TRUE(ar_str_contains(ar_err_text(err), ar_str_of(bad[i].says)));
        if (t_bad > 0) printf("# %s: %.*s\n", bad[i].sets, AR_FMT(ar_err_text(err)));
    }
}

TEST(names_and_owners_that_are_none_are_refused)
{
    static const char *const names[] = { "", "a b", "../x", "-x", ".x", "a/b", "a\nb", "{x}" };
    static const char *const owners[] = { "", "web", "team:", "robot:x", "team:a b" };
    ar_auto(shelf) s = { 0 };
    const ar_template *t = NULL;
    ar_wish wish;
    ar_proposal p;

    shelf_init(&s);
    T_OK(ar_templates_find(&s.templates, AR_LIT("vnet"), &t));
    for (size_t i = 0; i < AR_COUNT(names); i++) {
        wish = wish_of(&s, "cidr=a");
        wish.name = ar_str_of(names[i]);
        T_FAILS(ar_propose(t, &wish, &s.arena, &p), AR_INVALID, "name");
    }
    for (size_t i = 0; i < AR_COUNT(owners); i++) {
        wish = wish_of(&s, "cidr=a");
        wish.owner = ar_str_of(owners[i]);
        T_FAILS(ar_propose(t, &wish, &s.arena, &p), AR_INVALID, "owner");
    }
}

TEST(what_is_given_stays_one_text_of_its_file)
{
    static const char purpose[] = "purpose=\",\"admin\":\"{name}\\";
    ar_auto(shelf) s = { 0 };
    ar_node *json = NULL;
    ar_proposal p;

    shelf_init(&s);
    T_OK(propose(&s, "tenant", ar_arena_printf(&s.arena, "contact=a %s", purpose).ptr, &p));
    T_OK(ar_json_parse(p.files[0].path, p.files[0].text, NULL, &s.arena, &json));
    T_TRUE(ar_node_get(json, AR_LIT("admin")) == NULL);
    T_STR(ar_node_get(json, AR_LIT("purpose"))->text, purpose + strlen("purpose="));
}

/* ---- files that are no templates ---- */

#define HEAD "template: x\ntitle: X\nmeaning: X.\nkind: vnet\ngate: vnet.create\n"
#define LIFE "class: {lasting: }\n"

TEST(a_small_template_is_read)
{
    ar_auto(shelf) s = { 0 };
    ar_template t;

    shelf_init(&s);
    T_OK(parse(&s, HEAD LIFE "asset: {}\nfiles: []\n", &t));
    T_STR(t.kind->name, "vnet");
    T_INT(t.n_classes, 1);
    T_INT(t.classes[0].life_max, 0);
}

TEST(files_that_are_no_templates_are_refused_with_their_place)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "[]", "want a map" },
        { HEAD LIFE "asset: {}\nfiles: []\nfile: x\n", "t.yaml:9:1: unknown key 'file'" },
        { "template: X-1\n", "is no name of a template" },
        { "template: x\ntitle: X\nmeaning: X.\nkind: vent\n", "did you mean" },
        { "template: x\ntitle: X\nmeaning: X.\nkind: waiver\n", "is a view" },
        { "template: x\ntitle: X\nmeaning: X.\nkind: vnet\ngate: vnet.craete\n",
          "did you mean 'vnet.create'?" },
        { "template: x\ntitle: X\nmeaning: X.\nkind: vnet\ngate: app.create\n",
          "app.create judges kind app, and this makes kind vnet" },
        { HEAD "asset: {}\nfiles: []\n", "class" },
        { HEAD "class: {}\nasset: {}\nfiles: []\n", "want 1 to 16 classes" },
        { HEAD "class: {short: {max: 0d}}\nasset: {}\nfiles: []\n", "above zero" },
        { HEAD "class: {short: {min: 1d}}\nasset: {}\nfiles: []\n", "unknown key 'min'" },
        { HEAD "ask: [{name: owner, meaning: x}]\n", "there is a parameter 'owner' already" },
        { HEAD "ask: [{name: a, meaning: x}, {name: a, meaning: x}]\n", "parameter 'a' already" },
        { HEAD "ask: [{name: a, meaning: x, type: number}]\n", "want word, text, int" },
        { HEAD "ask: [{name: a, meaning: x, type: int, default: many}]\n", "default: " },
        { HEAD "ask: [{name: a, meaning: x, required: true, default: y}]\n", "no default then" },
        { HEAD "ask: [{name: a, meaning: x, choices: [b], default: c}]\n", "is none of: b" },
        { HEAD "ask: [{name: A, meaning: x}]\n", "is no name of a parameter" },
        { HEAD LIFE "asset: {owner_id: x}\nfiles: []\n", "is filled in by the program" },
        { HEAD LIFE "asset: {source: x}\nfiles: []\n", "is filled in by the program" },
        { HEAD LIFE "asset: {bakend: true}\nfiles: []\n", "did you mean 'backend'?" },
        { HEAD LIFE "asset: {backend: 1}\nfiles: []\n", "'backend' is bool" },
        { HEAD LIFE "asset: {backend: '{name}'}\nfiles: []\n", "one parameter of type bool" },
        { HEAD LIFE "asset: {env: '{nmae}'}\nfiles: []\n", "did you mean {name}?" },
        { HEAD LIFE "asset: {}\nfiles: [{path: ../x, text: a}]\n", "leads out of the folder" },
        { HEAD LIFE "asset: {}\nfiles: [{path: .git/x, text: a}]\n", "whose files are run" },
        { HEAD LIFE "asset: {}\nfiles: [{path: x, text: '{'}]\n", "line 1, column 1" },
        { HEAD LIFE "asset: {}\nfiles: [{path: x, as: toml, text: a}]\n", "want plain, json" },
    };
    ar_auto(shelf) s = { 0 };

    shelf_init(&s);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_template t = { .n_files = 77 };

        T_FAILS(parse(&s, bad[i].text, &t), AR_INVALID, bad[i].says);
        T_INT(t.n_files, 77);
    }
}

TEST(what_a_parameter_makes_of_a_path_or_a_format_is_looked_at)
{
    static const struct {
        const char *file, *set, *says;
    } bad[] = {
        { "{path: '{a}', text: x}", "a=../x", "t.yaml:9: '../x' leads out of the folder" },
        { "{path: '{a}', text: x}", "a=x/.git/y", "whose files are run" },
        { "{path: x, text: x}, {path: '{a}', text: x}", "a=x", "'x' is in the way of 'x'" },
        { "{path: x, text: x}, {path: '{a}', text: x}", "a=x/y", "'x' is in the way of 'x/y'" },
        { "{path: x/y, text: x}, {path: '{a}', text: x}", "a=x", "'x/y' is in the way of 'x'" },
        { "{path: x, as: json, text: '[{a}]'}", "a=b", "x:1:2" },
        { "{path: x, as: yaml, text: '{a}'}", "a=*b", "x:1:1" },
    };
    ar_auto(shelf) s = { 0 };

    shelf_init(&s);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        const char *text =
            ar_arena_printf(&s.arena,
                            HEAD "ask: [{name: a, meaning: A.}]\n" LIFE "asset: {}\nfiles: [%s]\n",
                            bad[i].file)
                .ptr;
        ar_wish wish = wish_of(&s, bad[i].set);
        ar_template t;
        ar_proposal p;

        T_OK(parse(&s, text, &t));
        T_FAILS(ar_propose(&t, &wish, &s.arena, &p), AR_INVALID, bad[i].says);
    }
}
