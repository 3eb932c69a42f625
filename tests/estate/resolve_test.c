#include "estate/evidence.h"
#include "estate/resolve.h"
#include "home.h"

/* A plain model of who owns what, beside the resolver that works set-wise. */
enum { ASSETS = 6, OWNERS = 4, SOURCES = 2, PIECES = 3, STEPS = 60, LOOKS = 12 };

typedef struct piece {
    const ar_evidence_class *class;
    int owner;
    double confidence;
    ar_time at;
} piece;

typedef struct model {
    unsigned seed;
    int fact[SOURCES][ASSETS]; /* whom it names; -1: nobody */
    bool live[SOURCES][ASSETS];
    piece evidence[ASSETS][PIECES];
    size_t n_evidence[ASSETS];
    ar_time claims[ASSETS][OWNERS]; /* 0: none */
    ar_time left[OWNERS];           /* 0: never */
} model;

static int pick(model *m, int n)
{
    m->seed = m->seed * 1103515245u + 12345u;
    return (int)(m->seed >> 16 & 0x7fff) % n;
}

static bool is_here(const model *m, int owner, ar_time now)
{
    return m->left[owner] == 0 || m->left[owner] > now;
}

static bool is_better(const piece *a, const piece *b)
{
    if (b->class == NULL) return true;
    if (a->class->rank != b->class->rank) return a->class->rank < b->class->rank;
    if (a->confidence != b->confidence) return a->confidence > b->confidence;
    if (a->at != b->at) return a->at > b->at;
    return a->owner < b->owner;
}

/* "id|owner|source;" as it should be. */
static void expect(const model *m, int asset, ar_time now, ar_buf *out)
{
    bool living = m->live[0][asset] || m->live[1][asset], named = false;
    int fact = -1, teller = -1;
    piece best = { 0 };

    for (int s = 0; s < SOURCES; s++) {
        int who = m->fact[s][asset];
        if (who < 0 || (living && !m->live[s][asset])) continue;
        named = true;
        if (fact < 0 && is_here(m, who, now)) fact = who, teller = s;
    }
    for (size_t i = 0; i < m->n_evidence[asset]; i++)
        if (is_here(m, m->evidence[asset][i].owner, now) &&
            is_better(&m->evidence[asset][i], &best))
            best = m->evidence[asset][i];
    for (int who = 0; who < OWNERS; who++) {
        piece claim = { &ar_evidence_classes[0], who, 1, m->claims[asset][who] };
        if (claim.at != 0 && is_here(m, who, now) && is_better(&claim, &best)) best = claim;
    }
    if (fact >= 0 && (best.class == NULL || best.class->rank >= AR_EVIDENCE_NAMING))
        ar_buf_addf(out, "a%d|person:%d|s%d;", asset, fact, teller);
    else if (best.class != NULL)
        ar_buf_addf(out, "a%d|person:%d|%s;", asset, best.owner, best.class->word);
    else
        ar_buf_addf(out, "a%d||%s;", asset, named ? "left" : "");
}

/* ---- what happens ---- */

static void import_source(home *h, model *m, int s, bool all)
{
    int without = all ? -1 : pick(m, ASSETS + 2);
    ar_auto(ar_buf) text = { 0 };
    ar_import_result r;

    ar_buf_addz(&text, "id,owner_id\n");
    for (int i = 0; i < ASSETS; i++) {
        m->live[s][i] = i != without;
        if (i == without) continue;
        if (all || pick(m, 3) == 0) m->fact[s][i] = pick(m, OWNERS + 2) - 2;
        if (m->fact[s][i] < 0) m->fact[s][i] = -1;
        ar_buf_addf(&text, "a%d,", i);
        if (m->fact[s][i] >= 0) ar_buf_addf(&text, "person:%d", m->fact[s][i]);
        ar_buf_addc(&text, '\n');
    }
    T_OK(import_text(h, s == 0 ? "s0" : "s1", false, text.ptr, &r));
}

static void look(home *h, model *m)
{
    ar_evidence list[ASSETS * PIECES];
    size_t n = 0;

    for (int i = 0; i < ASSETS; i++) {
        m->n_evidence[i] = (size_t)pick(m, PIECES + 1);
        for (size_t k = 0; k < m->n_evidence[i]; k++) {
            piece *p = &m->evidence[i][k];
            *p = (piece){ &ar_evidence_classes[1 + pick(m, 11)], pick(m, OWNERS),
                          0.1 * (1 + pick(m, 2)), 1 + pick(m, 3) };
            list[n++] = (ar_evidence){
                .kind = AR_LIT("app"),
                .id = ar_arena_printf(&h->arena, "a%d", i),
                .owner = ar_arena_printf(&h->arena, "PERSON:%d", p->owner),
                .evidence = ar_str_of(p->class->word),
                .confidence = p->confidence,
                .observed_at = p->at,
            };
        }
    }
    T_OK(ar_evidence_replace(h->ctx.engine, AR_LIT("git"), list, n, h->ctx.now));
    T_OK(ar_owners_resolve(h->ctx.engine, &h->kinds, NULL, NULL, h->ctx.now));
}

static void claim(home *h, model *m)
{
    int asset = pick(m, ASSETS), who = pick(m, OWNERS);
    bool release = pick(m, 3) == 0;
    ar_value row[] = { ar_text(ar_arena_printf(&h->arena, "a%d", asset)),
                       ar_text(ar_arena_printf(&h->arena, "person:%d", who)), ar_at(h->ctx.now) };
    const ar_kind *app;

    T_OK(ar_engine_run(h->ctx.engine, AR_LIT("DELETE FROM ar.claim WHERE id = $1 AND owner = $2"),
                       row, 2, NULL));
    if (!release)
        T_OK(ar_engine_run(h->ctx.engine,
                           AR_LIT("INSERT INTO ar.claim VALUES ('app', $1, $2, $2, $3)"), row, 3,
                           NULL));
    m->claims[asset][who] = release ? 0 : h->ctx.now;
    T_OK(ar_kinds_find(&h->kinds, AR_LIT("app"), &app));
    T_OK(ar_owners_resolve(h->ctx.engine, &h->kinds, app,
                           ar_arena_printf(&h->arena, "SELECT 'a%d'", asset).ptr, h->ctx.now));
}

static void plan_to_leave(home *h, model *m)
{
    ar_auto(ar_buf) text = { 0 };
    char at[AR_TIME_LEN];

    m->left[pick(m, OWNERS)] = pick(m, 3) == 0 ? 0 : h->ctx.now + (pick(m, 6) - 1) * AR_DAY;
    ar_buf_addz(&text, "owners:\n");
    for (int i = 0; i < OWNERS; i++) {
        ar_buf_addf(&text, "  - {id: 'person:%d'", i);
        if (m->left[i] != 0) ar_buf_addf(&text, ", left: %s", ar_time_print(m->left[i], at));
        ar_buf_addz(&text, "}\n");
    }
    T_OK(ar_file_write(ar_path_join(&h->arena, h->place.home, "owners.yaml"), ar_buf_str(&text),
                       0600));
    reopen(h);
}

TEST(whatever_is_said_claimed_and_left_the_owner_is_who_a_plain_reading_gives)
{
    for (int round = 0; round < t_rounds(4, 50) && t_bad == 0; round++) {
        model m = { .seed = (unsigned)round * 7919 + 1 };
        home h;
        home_open(&h, NULL);

        plan_to_leave(&h, &m);
        import_source(&h, &m, 0, true);
        import_source(&h, &m, 1, true);
        for (int step = 0; step < STEPS && t_bad == 0; step++) {
            ar_auto(ar_buf) want = { 0 };

            switch (pick(&m, 6)) {
            case 0: import_source(&h, &m, 0, false); break;
            case 1: import_source(&h, &m, 1, false); break;
            case 2: look(&h, &m); break;
            case 3: claim(&h, &m); break;
            case 4: plan_to_leave(&h, &m); break;
            default: h.ctx.now += AR_DAY; reopen(&h);
            }
            for (int i = 0; i < ASSETS; i++) expect(&m, i, h.ctx.now, &want);
            T_STR(text_of(&h, "SELECT id, owner_id, owner_source FROM app ORDER BY id"), want.ptr);
            if (t_bad > 0) printf("# round %d, step %d\n", round, step);
        }
        home_done(&h);
    }
}

/* ---- what follows ---- */

/* Some rows of a kind as CSV: `facts` are given each from its own few values, or nothing; without a
 * beginning they are mostly true. */
static void import_some(home *h, t_random *random, const char *kind, const char *source,
                        const char *const (*facts)[2], size_t n_facts)
{
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_auto(ar_buf) text = { 0 };
    ar_import_result r;
    ar_import_spec spec;

    ar_buf_addz(&text, "id");
    for (size_t i = 0; i < n_facts; i++) ar_buf_addf(&text, ",%s", facts[i][0]);
    for (int row = 0; row < 5; row++) {
        if (t_below(random, 5) == 0) continue;
        ar_buf_addf(&text, "\n%d", row);
        for (size_t i = 0; i < n_facts; i++) {
            size_t which = t_below(random, 5);

            ar_buf_addz(&text, ",");
            if (facts[i][1] == NULL)
                ar_buf_addz(&text, which == 0 ? "false" : which < 4 ? "true" : "");
            else if (which < 4)
                ar_buf_addf(&text, "%s%zu", facts[i][1], which);
        }
    }
    ar_buf_addc(&text, '\n');
    T_OK(import_with(h, &generic, kind, source, t_below(random, 3) == 0, false, ar_buf_str(&text),
                     &r));
    if (r.state == AR_IMPORT_HELD) T_OK(ar_import_confirm(&h->ctx, &h->kinds, r.run, &spec, &r));
}

/* A person is of another team, and one of another domain, than before; one team has left. */
static void move_team(home *h, t_random *random)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text,
                "owners:\n  - {id: 'team:0', domain: d%zu}\n  - {id: 'team:1', domain: d1}\n"
                "  - {id: 'team:2'}\n  - {id: 'team:3', left: 1990-01-01}\n",
                t_below(random, 4));
    for (int i = 0; i < 3; i++)
        ar_buf_addf(&text, "  - {id: 'person:%d', in: 'team:%zu'}\n", i, t_below(random, 3));
    ar_buf_addz(&text, "domains:\n  - {id: d0, owner: 'team:0'}\n  - {id: d1, owner: 'person:1'}\n"
                       "  - {id: d2, owner: 'team:2', default: true}\n  - {id: d3}\n");
    T_OK(ar_file_write(ar_path_join(&h->arena, h->place.home, "owners.yaml"), ar_buf_str(&text),
                       0600));
    reopen(h);
}

static void import_any(home *h, t_random *random)
{
    static const char *const person[][2] = { { "login", "l" },
                                             { "manager_id", "" },
                                             { "active", NULL } };
    static const char *const tenant[][2] = { { "owner_id", "l" }, { "name", "n" } };
    static const char *const app[][2] = { { "owner_id", "team:" }, { "tenant_id", "" },
                                          { "domain_id", "d" },    { "serial", "S" },
                                          { "made_by", "" },       { "name", "n" } };
    static const char *const vault[][2] = { { "app_id", "" }, { "domain_id", "d" } };

    switch (t_below(random, 6)) {
    case 0: import_some(h, random, "tenant", "crm", tenant, AR_COUNT(tenant)); break;
    case 1: import_some(h, random, "vault", "crm", vault, AR_COUNT(vault)); break;
    case 2: import_some(h, random, "person", "hr", person, AR_COUNT(person)); break;
    case 3: move_team(h, random); break;
    default:
        import_some(h, random, "app", t_below(random, 2) == 0 ? "crm" : "agent", app,
                    AR_COUNT(app));
    }
}

static void chain_home(home *h)
{
    home_open(h, NULL);
    put_file(h, "kinds", "tenant.yaml", "kind: tenant\ntitle: T\nmeaning: T.\n");
    put_file(h, "kinds", "app.yaml",
             "kind: app\ntitle: A\nmeaning: A.\nmatch: [serial]\n"
             "owner_from:\n  - {evidence: creator, kind: person, by: made_by}\n"
             "columns:\n  serial: {type: text, meaning: S.}\n"
             "  made_by: {type: text, meaning: M.}\n");
    put_file(h, "kinds", "vault.yaml",
             "kind: vault\ntitle: V\nmeaning: V.\n"
             "owner_from:\n  - {evidence: parent, kind: app, by: app_id}\n"
             "columns:\n  app_id: {type: text, meaning: A.}\n");
    move_team(h, &(t_random){ .state = 1 });
}

TEST(what_an_import_finds_of_owners_is_what_a_look_at_all_of_them_finds)
{
    static const char found[] =
        "SELECT kind, id, owner_id, owner_source, domain_id, state, evidence, observed_at,"
        " recorded_at, disputed, unowned_since FROM main.ownership ORDER BY ALL";

    for (int round = 0; round < t_rounds(2, 50) && t_bad == 0; round++) {
        t_random random = { .state = (uint64_t)round + 1 };
        home h;

        chain_home(&h);
        for (int step = 0; step < LOOKS && t_bad == 0; step++) {
            h.ctx.now += AR_DAY;
            import_any(&h, &random);
            ar_str now = text_of(&h, found);
            T_OK(ar_owners_resolve(h.ctx.engine, &h.kinds, NULL, NULL, h.ctx.now));
            T_STR(now, ar_arena_cstr(&h.arena, text_of(&h, found)));
            if (t_bad > 0) printf("# round %d, step %d\n", round, step);
        }
        home_done(&h);
    }
}
