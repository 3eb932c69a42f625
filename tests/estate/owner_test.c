#include "estate/evidence.h"
#include "estate/look.h"
#include "estate/resolve.h"
#include "home.h"

#include "op/reply.h"

static void owners(home *h, const char *text)
{
    T_OK(ar_file_write(ar_path_join(&h->arena, h->place.home, "owners.yaml"), ar_str_of(text),
                       0600));
}

static const char tree[] = "owners:\n"
                           "  - {id: 'division:eng', domain: eng}\n"
                           "  - {id: 'team:web', name: Web, in: 'division:eng'}\n"
                           "  - {id: 'person:kim', in: 'team:web'}\n"
                           "  - {id: 'person:old', in: 'team:web', left: 1972-01-01}\n"
                           "domains:\n"
                           "  - {id: eng, name: Engineering, deputy_ciso: 'person:kim'}\n"
                           "  - {id: rest, owner: 'team:web', default: true}\n";

static const char apps[] = "id,owner_id,domain_id\na,team:web,\nb,,\nc,,eng\nd,person:new,rest\n";

#define OWNED "SELECT id, owner_id, owner_source, domain_id FROM app ORDER BY id"

TEST(what_a_row_says_of_its_owners_is_printed_in_words)
{
    ar_auto(ar_arena) arena = { 0 };

    T_STR(ar_evidence_print(AR_LIT("register\t0.95\t\tperson:ada\n"
                                   "creator\t0.5\t1767225600000000\tSam, of the team"),
                            &arena),
          "person:ada (register), Sam, of the team (creator, 2026-01-01T00:00:00Z)");
}

TEST(owners_come_from_facts_then_evidence_then_the_domain)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_evidence found[] = {
        { AR_LIT("app"), AR_LIT("b"), AR_LIT("person:kim"), AR_LIT("git_history"), 0.5, 100 },
        { AR_LIT("app"), AR_LIT("b"), AR_LIT("person:old"), AR_LIT("codeowners"), 0.9, 100 },
        { AR_LIT("app"), AR_LIT("a"), AR_LIT("person:kim"), AR_LIT("git_history"), 0.9, 100 },
    };

    T_OK(import_text(&h, "crm", false, apps, &r));
    T_STR(text_of(&h, OWNED), "a|team:web|crm|;b|||;c|||eng;d|person:new|crm|rest;");

    T_OK(ar_evidence_replace(h.ctx.engine, AR_LIT("git"), found, AR_COUNT(found), h.ctx.now));
    owners(&h, tree);
    reopen(&h);
    T_STR(text_of(&h, OWNED), "a|team:web|crm|eng;b|person:kim|git_history|eng;c|||eng;"
                              "d|person:new|crm|rest;");
    T_STR(text_of(&h, "SELECT id, owner_team FROM asset ORDER BY id"),
          "a|team:web;b|team:web;c|;d|;");
    T_STR(text_of(&h, "SELECT id, deputy_ciso, deputy_active FROM domain ORDER BY id"),
          "eng|person:kim|true;rest||;");

    /* kim leaves: her evidence is void, and the domain that takes the rest has an owner */
    ar_connector generic = { .name = AR_LIT("generic") };
    T_OK(import_with(&h, &generic, "person", "hr", false, false, AR_LIT("id,active\nkim,false\n"),
                     &r));
    T_STR(text_of(&h, OWNED), "a|team:web|crm|eng;b|team:web|default|rest;c|||eng;"
                              "d|person:new|crm|rest;");
    T_STR(text_of(&h, "SELECT deputy_active FROM domain WHERE id = 'eng'"), "false;");

    /* without the file nothing that came from it stays */
    owners(&h, "");
    T_OK(ar_evidence_replace(h.ctx.engine, AR_LIT("git"), NULL, 0, h.ctx.now));
    reopen(&h);
    T_STR(text_of(&h, OWNED), "a|team:web|crm|;b|||;c|||eng;d|person:new|crm|rest;");
    home_done(&h);
}

TEST(who_left_is_no_owner_whoever_names_them)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_evidence found[] = {
        { AR_LIT("app"), AR_LIT("e"), AR_LIT("person:kim"), AR_LIT("git_history"), 0.5, 100 },
    };

    /* of a home without owners file it is known too, once persons are */
    T_OK(import_text(&h, "crm", false,
                     "id,owner_id\na,person:old\nb,person:old\ne,person:old\nk,person:kim\n", &r));
    T_OK(import_text(&h, "cmdb", false, "id,owner_id\nb,person:kim\nz,person:old\n", &r));
    T_STR(text_of(&h, OWNED), "a|person:old|crm|;b|person:old|crm|;e|person:old|crm|;"
                              "k|person:kim|crm|;z|person:old|cmdb|;");
    T_OK(import_with(&h, &generic, "person", "hr", false, false,
                     AR_LIT("id,active\nold,false\nkim,true\n"), &r));
    T_STR(text_of(&h, OWNED), "a||left|;b|person:kim|cmdb|;e||left|;k|person:kim|crm|;z||left|;");

    /* the domain of who left has the asset; its own owner answers, unless that one left too */
    T_OK(ar_evidence_replace(h.ctx.engine, AR_LIT("git"), found, AR_COUNT(found), h.ctx.now));
    owners(&h, "owners:\n  - {id: 'person:old', domain: eng}\n  - {id: 'team:web'}\n"
               "domains:\n  - {id: eng, owner: 'team:web'}\n");
    reopen(&h);
    T_STR(text_of(&h, OWNED), "a|team:web|default|eng;b|person:kim|cmdb|;e|person:kim|git_history|;"
                              "k|person:kim|crm|;z|team:web|default|eng;");
    owners(&h, "owners:\n  - {id: 'person:old', domain: eng}\n"
               "domains:\n  - {id: eng, owner: 'person:old'}\n");
    reopen(&h);
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source, domain_id FROM app WHERE id = 'a'"),
          "a||left|eng;");

    /* a date in the owners file is as good; who comes back speaks again */
    T_OK(import_with(&h, &generic, "person", "hr", false, false,
                     AR_LIT("id,active\nold,true\nkim,true\n"), &r));
    T_STR(text_of(&h, OWNED), "a|person:old|crm|eng;b|person:old|crm|eng;e|person:old|crm|eng;"
                              "k|person:kim|crm|;z|person:old|cmdb|eng;");
    owners(&h, "owners:\n  - {id: 'person:old', left: 1972-01-01}\n");
    reopen(&h);
    T_STR(text_of(&h, OWNED), "a||left|;b|person:kim|cmdb|;e|person:kim|git_history|;"
                              "k|person:kim|crm|;z||left|;");
    home_done(&h);
}

TEST(classes_of_evidence_have_an_order_that_no_confidence_and_no_date_can_turn)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    /* by rank, the weakest first: each in turn outweighs all before it */
    static const char *const words[] = { "parent",   "cost_centre", "committer", "creator",
                                         "pipeline", "codeowners",  "register",  "claim" };
    ar_evidence list[AR_COUNT(words)];

    T_OK(import_text(&h, "crm", false, "id\na\n", &r));
    for (size_t i = 0; i < AR_COUNT(words); i++) {
        list[i] = (ar_evidence){ AR_LIT("app"),
                                 AR_LIT("a"),
                                 ar_arena_printf(&h.arena, "person:%s", words[i]),
                                 ar_str_of(words[i]),
                                 1 - 0.1 * (double)i,
                                 (ar_time)(100 - i) };
        T_OK(ar_evidence_replace(h.ctx.engine, AR_LIT("git"), list, i + 1, h.ctx.now));
        T_OK(ar_owners_resolve(h.ctx.engine, &h.kinds, NULL, NULL, h.ctx.now));
        T_STR(text_of(&h, "SELECT owner_id || ' ' || owner_source FROM app"),
              ar_arena_printf(&h.arena, "person:%s %s;", words[i], words[i]).ptr);
    }

    /* what a source says of its own is of the class owner, and the first in it */
    T_OK(import_text(&h, "crm", false, "id,owner_id\na,team:web\n", &r));
    T_STR(text_of(&h, "SELECT owner_id FROM app"), "person:claim;");
    T_OK(ar_evidence_replace(h.ctx.engine, AR_LIT("git"), list, 6, h.ctx.now));
    T_OK(ar_owners_resolve(h.ctx.engine, &h.kinds, NULL, NULL, h.ctx.now));
    T_STR(text_of(&h, "SELECT owner_id, owner_source FROM app"), "team:web|crm;");
    home_done(&h);
}

TEST(a_name_is_mapped_to_the_owner_who_is_known_by_it)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_connector generic = { .name = AR_LIT("generic") };

    put_file(&h, "kinds", "person.yaml",
             "kind: person\ntitle: Person\nmeaning: Someone.\ncolumns:\n"
             "  active: {type: bool, meaning: Here.}\n  mail: {type: text, meaning: Mail.}\n"
             "  login: {type: text, meaning: Login.}\n");
    owners(&h, "owners:\n  - {id: 'team:web', aliases: ['acme/web', 'Web Team']}\n"
               "  - {id: 'person:kim', in: 'team:web', aliases: [kim@example.org]}\n"
               "  - {id: 'division:web'}\n");
    reopen(&h);
    T_OK(import_with(&h, &generic, "person", "hr", false, false,
                     AR_LIT("id,mail,login,active\n1,KIM@example.org,kk,true\n"
                            "2,lee@example.org,lee,true\n3,twin@example.org,,true\n"
                            "4,twin@example.org,,true\n"),
                     &r));
    T_OK(import_text(&h, "crm", false,
                     "id,owner_id\na,Kim@Example.org\nb,person:kk\nc,team:ACME/Web\nd, web team \n"
                     "e,web\nf,lee\ng,person:lee@example.org\nh,twin@example.org\ni,person:4\n"
                     "j,Some Vendor Ltd\n",
                     &r));
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source FROM app ORDER BY id"),
          "a|person:kim|crm;b|person:kim|crm;c|team:web|crm;d|team:web|crm;e|web|crm;"
          "f|person:2|crm;g|person:2|crm;h|twin@example.org|crm;i|person:4|crm;"
          "j|Some Vendor Ltd|crm;");

    /* by whatever name they are known, who left has left; of two records of one person both must */
    T_OK(import_with(&h, &generic, "person", "hr", false, false,
                     AR_LIT("id,mail,login,active\n1,kim@example.org,kk,false\n"
                            "2,lee@example.org,lee,true\n3,x@example.org,,true\n"
                            "4,kim@example.org,,true\n"),
                     &r));
    T_STR(text_of(&h, "SELECT owner_id FROM app WHERE id IN ('a', 'i') ORDER BY id"),
          "person:kim;person:kim;");
    T_OK(import_with(&h, &generic, "person", "hr", false, false,
                     AR_LIT("id,mail,login,active\n1,kim@example.org,kk,false\n"
                            "2,lee@example.org,lee,false\n"
                            "4,kim@example.org,,false\n"),
                     &r));
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source FROM app WHERE id <= 'g' ORDER BY id"),
          "a||left;b||left;c|team:web|crm;d|team:web|crm;e|web|crm;f||left;g||left;");
    home_done(&h);
}

TEST(who_leaves_voids_their_evidence_on_the_day_without_an_import)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;

    owners(&h, "owners:\n  - {id: 'person:kim', left: 1972-10-01}\n  - {id: 'team:web'}\n"
               "domains:\n  - {id: rest, owner: 'team:web', default: true}\n");
    reopen(&h);
    T_OK(import_text(&h, "crm", false, "id,owner_id\na,person:kim\n", &r));
    T_STR(text_of(&h, OWNED), "a|person:kim|crm|rest;");
    T_OK(ar_time_parse(AR_LIT("1972-09-30T23:59:59Z"), &h.ctx.now));
    reopen(&h);
    T_STR(text_of(&h, OWNED), "a|person:kim|crm|rest;");
    T_OK(ar_time_parse(AR_LIT("1972-10-01T00:00:00Z"), &h.ctx.now));
    reopen(&h);
    T_STR(text_of(&h, OWNED), "a|team:web|default|rest;");
    T_STR(text_of(&h, "SELECT unowned_since FROM ar.ownership"), "1972-10-01T00:00:00Z;");
    home_done(&h);
}

TEST(a_dispute_is_who_else_is_named_as_firmly_by_another_source_outside_the_team)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_evidence found[] = {
        { AR_LIT("app"), AR_LIT("e"), AR_LIT("team:db"), AR_LIT("codeowners"), 0.9, 100 },
        { AR_LIT("app"), AR_LIT("f"), AR_LIT("team:db"), AR_LIT("git_history"), 0.9, 100 },
    };

    owners(&h, "owners:\n  - {id: 'division:eng'}\n  - {id: 'team:web', in: 'division:eng'}\n"
               "  - {id: 'team:db', in: 'division:eng'}\n  - {id: 'person:kim', in: 'team:web'}\n"
               "  - {id: 'person:lee', in: 'team:web'}\n"
               "  - {id: 'person:old', in: 'team:db', left: 1972-01-01}\n");
    reopen(&h);
    T_OK(ar_evidence_replace(h.ctx.engine, AR_LIT("git"), found, 2, h.ctx.now));
    T_OK(import_text(&h, "crm", false,
                     "id,owner_id\na,person:kim\nb,person:kim\nc,person:kim\nd,person:kim\n"
                     "e,team:web\nf,team:web\ng,team:web\n",
                     &r));
    T_OK(import_text(&h, "cmdb", false,
                     "id,owner_id\na,division:eng\nb,person:lee\nc,team:db\nd,person:old\n"
                     "g,stranger\n",
                     &r));
    T_STR(text_of(&h, "SELECT id, owner FROM ar.ownership WHERE disputed ORDER BY id"),
          "c|person:kim;e|team:web;g|team:web;");
    T_STR(text_of(&h, "SELECT count(*) FROM ar.ownership"), "3;");
    home_done(&h);
}

TEST(a_source_that_shows_an_asset_no_more_says_nothing_of_its_owner_and_domain)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;

    owners(&h, tree);
    reopen(&h);
    T_OK(import_text(&h, "crm", false, "id,owner_id,domain_id\na,person:kim,\nb,,eng\nc,,\n", &r));
    T_OK(import_text(&h, "cmdb", false, "id\na\nb\n", &r));
    T_STR(text_of(&h, OWNED), "a|person:kim|crm|eng;b|||eng;c|team:web|default|rest;");
    T_OK(import_text(&h, "crm", false, "id\nc\nd\n", &r));
    T_STR(text_of(&h, OWNED), "a|team:web|default|rest;b|team:web|default|rest;"
                              "c|team:web|default|rest;d|team:web|default|rest;");
    home_done(&h);
}

TEST(a_part_belongs_to_who_owns_its_whole_and_is_no_asset_of_its_own)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_connector generic = { .name = AR_LIT("generic") };

    put_file(&h, "kinds", "plugin.yaml",
             "kind: plugin\ntitle: Plugin\nmeaning: A part of an app.\n"
             "part_of: {kind: app, by: app_id}\ncolumns:\n"
             "  app_id: {type: text, meaning: Its app.}\n");
    reopen(&h);
    T_OK(import_text(&h, "crm", false, "id,owner_id\na,team:web\nb,\n", &r));
    T_OK(import_with(&h, &generic, "plugin", "crm", false, false,
                     AR_LIT("id,app_id,owner_id\np,a,\nq,b,\nr,a,team:own\ns,x,\n"), &r));
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source FROM plugin ORDER BY id"),
          "p|team:web|whole;q||;r|team:own|crm;s||;");
    T_STR(text_of(&h, "SELECT kind, id FROM asset ORDER BY id"), "app|a;app|b;");

    /* a new owner of the whole is the part's at once */
    T_OK(import_text(&h, "crm", false, "id,owner_id\na,team:new\nb,team:b\n", &r));
    T_STR(text_of(&h, "SELECT id, owner_id FROM plugin ORDER BY id"),
          "p|team:new;q|team:b;r|team:own;s|;");
    home_done(&h);
}

static const char says_owners[] =
    "connector: cloud\ntitle: T\nkind: app\nid: id\ncolumns: {name: name}\nowners:\n"
    "  - {evidence: owner, owner: owners | each(mail)}\n"
    "  - {evidence: creator, owner: by, at: made, confidence: 0.3}\n"
    "  - {evidence: cost_centre, owner: tags.cost}\n";

TEST(a_connector_tells_who_owns_what_and_one_row_may_name_several)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_connector cloud;

    owners(&h, "owners:\n  - {id: 'person:kim', aliases: [kim@x.org]}\n"
               "  - {id: 'team:web', left: 1972-01-01}\n");
    reopen(&h);
    T_OK(ar_connector_parse(AR_LIT("cloud.yaml"), ar_str_of(says_owners), &h.arena, &cloud));
    T_OK(import_with(
        &h, &cloud, "app", "cloud", false, false,
        AR_LIT("[{\"id\":\"a\",\"owners\":[{\"mail\":\"KIM@x.org\"},{\"mail\":\"lee@x.org\"}],"
               "\"by\":\"bot\",\"made\":\"1972-05-01T00:00:00Z\"},"
               "{\"id\":\"b\",\"owners\":[],\"by\":\"bot\",\"tags\":{\"cost\":\"cc7\"}},"
               "{\"id\":\"c\",\"by\":\"team:web\",\"tags\":{\"cost\":\"cc\\n7\\tx\"}},"
               "{\"id\":\"d\",\"owners\":[{\"mail\":\" \"}]}]"),
        &r));
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source FROM app ORDER BY id"),
          "a|person:kim|owner;b|bot|creator;c|cc 7 x|cost_centre;d||;");
    T_STR(
        text_of(&h, "SELECT id, disputed, observed_at FROM ownership WHERE state = 'owned'"
                    " ORDER BY id"),
        "a|false|1972-09-27T00:00:00Z;b|false|1972-09-27T00:00:00Z;c|false|1972-09-27T00:00:00Z;");

    /* each source keeps its own word, with its history; what changed is resolved again */
    h.ctx.now += AR_DAY;
    T_OK(import_with(&h, &cloud, "app", "cloud", false, false,
                     AR_LIT("[{\"id\":\"a\",\"by\":\"bot\",\"made\":\"1972-05-01T00:00:00Z\"},"
                            "{\"id\":\"b\",\"by\":\"bot\"},{\"id\":\"c\"},{\"id\":\"d\"}]"),
                     &r));
    T_TRUE(r.changed == 3);
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source FROM app ORDER BY id"),
          "a|bot|creator;b|bot|creator;c||;d||;");
    T_STR(text_of(&h, "SELECT observed_at FROM ownership WHERE id = 'a'"), "1972-05-01T00:00:00Z;");
    T_STR(text_of(&h, "SELECT count(*) FROM ar.history WHERE col = '_owners'"), "3;");

    /* a field of that name is no evidence */
    T_OK(import_text(&h, "crm", false, "id,_owners\ne,register\t1\t\tperson:kim\n", &r));
    T_STR(text_of(&h, "SELECT owner_id FROM app WHERE id = 'e'"), ";");
    home_done(&h);
}

TEST(what_a_connector_says_of_owners_is_refused_where_it_is_wrong)
{
    static const struct {
        const char *entry, *says;
    } bad[] = {
        { "{evidence: claim, owner: x}", "'claim' is no class of evidence that a source gives" },
        { "{evidence: whole, owner: x}", "'whole' is no class" },
        { "{evidence: creator}", "'owner' is missing" },
        { "{evidence: creator, owner: x, confidence: 0.6}", "at most 0.5, not '0.6'" },
        { "{evidence: creator, owner: x, confidence: 0}", "more than 0" },
        { "{evidence: creator, owner: 'x |'}", "c.yaml:6:32: 'owner'" },
        { "{evidence: creator, owner: x, whom: y}", "whom" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_connector c;
        ar_str text = ar_arena_printf(&arena,
                                      "connector: c\ntitle: T\nkind: app\nid: id\nowners:\n"
                                      "  - %s\n",
                                      bad[i].entry);
        T_FAILS(ar_connector_parse(AR_LIT("c.yaml"), text, &arena, &c), AR_INVALID, bad[i].says);
    }
}

TEST(the_owner_of_what_a_thing_is_in_speaks_for_it_when_nobody_else_does)
{
    home h;
    home_open(&h, NULL);
    ar_import_result r;
    ar_connector generic = { .name = AR_LIT("generic") };

    put_file(&h, "kinds", "tenant.yaml", "kind: tenant\ntitle: T\nmeaning: T.\n");
    put_file(&h, "kinds", "vault.yaml",
             "kind: vault\ntitle: V\nmeaning: V.\n"
             "owner_from:\n  - {evidence: parent, kind: app, by: app_id}\n"
             "  - {evidence: owner, kind: person, by: user_id}\n"
             "columns:\n  app_id: {type: text, meaning: A.}\n"
             "  user_id: {type: text, meaning: U.}\n");
    owners(&h, "owners:\n  - {id: 'team:it', domain: it}\n  - {id: 'team:web'}\n"
               "domains:\n  - {id: it}\n  - {id: rest, owner: 'team:web', default: true}\n");
    reopen(&h);
    T_OK(
        import_with(&h, &generic, "person", "hr", false, false, AR_LIT("id,active\n7,true\n"), &r));
    T_OK(import_with(&h, &generic, "vault", "crm", false, false,
                     AR_LIT("id,app_id,user_id\np,a,\nq,b,\nr,b,7\ns,x,8\n"), &r));
    T_OK(import_text(&h, "crm", false, "id,tenant_id,owner_id\na,t,\nb,,\nc,t,team:web\n", &r));
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source FROM vault ORDER BY id"),
          "p|team:web|default;q|team:web|default;r|person:7|owner;s|team:web|default;");

    /* what comes last stands above all: it reaches through the kinds between */
    T_OK(import_with(&h, &generic, "tenant", "crm", false, false,
                     AR_LIT("id,owner_id\nt,team:it\n"), &r));
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source, domain_id FROM app ORDER BY id"),
          "a|team:it|parent|it;b|team:web|default|rest;c|team:web|crm|it;");
    T_STR(text_of(&h, "SELECT id, owner_id, owner_source, domain_id FROM vault ORDER BY id"),
          "p|team:it|parent|it;q|team:web|default|rest;r|person:7|owner|rest;"
          "s|team:web|default|rest;");
    home_done(&h);
}

TEST(a_kind_that_is_led_to_its_own_owner_is_refused)
{
    static const struct {
        const char *from, *says;
    } bad[] = {
        { "{evidence: parent, kind: safe, by: app_id}", "kind safe is led to its own owner" },
        { "{evidence: parent, kind: nothing, by: app_id}", "no kind is named 'nothing'" },
        { "{evidence: parent, kind: app, by: nothing}", "has no text column 'nothing'" },
        { "{evidence: claim, kind: app, by: app_id}", "want a class of evidence" },
        { "{evidence: parent, kind: asset, by: app_id}", "want a class of evidence" },
        { "{evidence: parent, kind: vault, by: app_id}", "is led to its own owner" },
    };
    home h;
    home_open(&h, NULL);

    put_file(&h, "kinds", "vault.yaml",
             "kind: vault\ntitle: V\nmeaning: V.\n"
             "owner_from:\n  - {evidence: parent, kind: safe, by: safe_id}\n"
             "columns:\n  safe_id: {type: text, meaning: A.}\n");
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        put_file(&h, "kinds", "safe.yaml",
                 ar_arena_printf(&h.arena,
                                 "kind: safe\ntitle: S\nmeaning: S.\nowner_from:\n  - %s\n"
                                 "columns:\n  app_id: {type: text, meaning: A.}\n",
                                 bad[i].from)
                     .ptr);
        ar_err err = ar_estate_open(&h.ctx, &h.kinds);
        T_FAILS(err, err.code == AR_INVALID ? AR_INVALID : AR_NOT_FOUND, bad[i].says);
    }
    home_done(&h);
}

TEST(an_owners_file_that_is_wrong_is_refused_with_its_place_and_changes_nothing)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "owners: 7\n", "owners.yaml:1" },
        { "people: []\n", "owners.yaml:1:1" },
        { "owners:\n  - {id: kim}\n", "owners.yaml:2:10: 'kim' is not an owner" },
        { "owners:\n  - {id: 'team:a', in: 'team:b'}\n", "no owner is named 'team:b'" },
        { "owners:\n  - {id: 'team:a', domain: x}\n", "no domain is named 'x'" },
        { "owners:\n  - {id: 'team:a'}\n  - {id: 'team:a'}\n",
          "owners.yaml:3:10: 'team:a' is there" },
        { "owners:\n  - {id: 'team:a', in: 'team:b'}\n  - {id: 'team:b', in: 'team:a'}\n",
          "'team:a' is in itself" },
        { "owners:\n  - {id: 'person:a', left: soon}\n", "owners.yaml:2:" },
        { "owners:\n  - {id: 'team:a', aliases: [x]}\n  - {id: 'team:b', aliases: [X]}\n",
          "owners.yaml:3:30: 'X' means 'team:a' already" },
        { "owners:\n  - {id: 'team:a', aliases: ['']}\n", "an alias is a name" },
        { "owners:\n  - {id: 'team:a', aliases: x}\n", "owners.yaml:2:" },
        { "domains:\n  - {id: a, deputy_ciso: 'person:x'}\n", "no owner is named 'person:x'" },
        { "domains:\n  - {id: a, default: true}\n  - {id: b, default: true}\n", "cannot both" },
    };
    home h;
    home_open(&h, NULL);

    owners(&h, tree);
    reopen(&h);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        owners(&h, bad[i].text);
        T_FAILS(ar_estate_open(&h.ctx, &h.kinds), AR_INVALID, bad[i].says);
        T_STR(text_of(&h, "SELECT count(*) FROM ar.owner"), "4;");
    }
    home_done(&h);
}

/* ---- what inspectors say ---- */

typedef struct heard {
    ar_buf rows, notes;
} heard;

static ar_err hear_columns(void *self, const ar_column *columns, size_t n)
{
    (void)self, (void)columns, (void)n;
    return ar_ok();
}

static ar_err hear_row(void *self, const ar_value *values, size_t n)
{
    heard *it = self;

    for (size_t i = 2; i < n; i++) {
        ar_value_print(&it->rows, values[i]);
        ar_buf_addc(&it->rows, i + 1 < n ? ' ' : ';');
    }
    return ar_ok();
}

static void hear_note(void *self, ar_str text)
{
    heard *it = self;

    ar_buf_add(&it->notes, text);
    ar_buf_addc(&it->notes, ';');
}

static ar_err take(home *h, const char *text, heard *it)
{
    ar_sink sink = { .columns = hear_columns, .row = hear_row, .note = hear_note, .self = it };
    const ar_op *op = &ar_look_ops[0];
    ar_reply reply;

    ar_buf_clear(&it->rows);
    ar_buf_clear(&it->notes);
    ar_reply_init(&reply, op, &sink);
    T_OK(ar_engine_begin(h->ctx.engine));
    ar_err err = ar_look_take(&h->ctx, &reply, ar_str_of(text));
    if (err.code == AR_OK)
        T_OK(ar_engine_commit(h->ctx.engine));
    else
        ar_engine_rollback(h->ctx.engine);
    return err;
}

#define HEAD                                                                                      \
    "{\"inspector\":\"host\",\"source\":\"host:x\",\"kinds\":[\"app\",\"person\"],\"partly\":[]}" \
    "\n"
#define PART_HEAD \
    "{\"inspector\":\"host\",\"source\":\"host:x\",\"kinds\":[\"person\"],\"partly\":[\"app\"]}\n"
#define OWNER_OF(id, owner)                                                                     \
    "{\"owner_of\":\"app:" id "\",\"owner\":\"person:" owner "\",\"evidence\":\"git_history\"," \
    "\"confidence\":0.5,\"observed_at\":\"1972-01-01T00:00:00Z\"}\n"

TEST(a_look_is_a_snapshot_of_each_kind_it_looked_at_and_brings_evidence)
{
    home h;
    home_open(&h, NULL);
    heard it = { 0 };

    T_OK(take(&h,
              HEAD
              "{\"kind\":\"app\",\"id\":\"x/a\",\"users\":3}\n"
              "{\"kind\":\"app\",\"id\":\"x/b\",\"odd\":1}\n"
              "{\"could_not\":\"app.share\",\"why\":\"it is not there\"}\n"
              "{\"could_not\":\"app.tone\",\"why\":\"/etc/x: permission denied\"}\n"
              "{\"kind\":\"person\",\"id\":\"sam\",\"active\":true}\n"
              "{\"owner_of\":\"app:x/a\",\"owner\":\"person:sam\",\"evidence\":\"git_history\","
              "\"confidence\":0.5,\"observed_at\":\"1972-01-01T00:00:00Z\"}\n"
              "{\"done\":true,\"rows\":3}\n",
              &it));
    T_STR(ar_buf_str(&it.rows), "app 2 2 0 0;person 1 1 0 0;");
    T_TRUE(ar_str_contains(ar_buf_str(&it.notes), AR_LIT("app.share could not be seen")));
    T_TRUE(ar_str_contains(ar_buf_str(&it.notes), AR_LIT("kind app has no columns for: odd")));
    T_TRUE(ar_str_contains(ar_buf_str(&it.notes), AR_LIT("Root may see it")));
    T_STR(text_of(&h, "SELECT id, users, owner_id, owner_source, source FROM app ORDER BY id"),
          "x/a|3|person:sam|git_history|host:x;x/b||||host:x;");

    /* far fewer, and one kind empty: it looked itself, so nothing is held */
    h.ctx.now += AR_DAY;
    T_OK(take(&h, HEAD "{\"done\":true,\"rows\":0}\n", &it));
    T_STR(ar_buf_str(&it.rows), "app 0 0 0 2;person 0 0 0 1;");
    T_STR(ar_buf_str(&it.notes), "");
    T_STR(text_of(&h, "SELECT id, gone, owner_id FROM app ORDER BY id"), "x/a|true|;x/b|true|;");
    ar_buf_done(&it.rows);
    ar_buf_done(&it.notes);
    home_done(&h);
}

TEST(what_a_partial_look_left_out_has_not_gone)
{
    home h;
    home_open(&h, NULL);
    heard it = { 0 };

    T_OK(take(&h,
              HEAD "{\"kind\":\"app\",\"id\":\"x/a\",\"users\":3}\n"
                   "{\"kind\":\"app\",\"id\":\"x/b\",\"users\":4}\n"
                   "{\"kind\":\"person\",\"id\":\"sam\",\"active\":true}\n" OWNER_OF("x/a", "sam")
                       OWNER_OF("x/b", "sam") "{\"done\":true,\"rows\":3}\n",
              &it));
    h.ctx.now += AR_DAY;
    T_OK(take(&h,
              PART_HEAD "{\"kind\":\"app\",\"id\":\"x/b\",\"users\":5}\n"
                        "{\"kind\":\"app\",\"id\":\"x/c\",\"users\":6}\n"
                        "{\"could_not\":\"app\",\"why\":\"too many\"}\n" OWNER_OF("x/b", "kim")
                            OWNER_OF("x/c", "kim") "{\"done\":true,\"rows\":2}\n",
              &it));
    T_STR(ar_buf_str(&it.rows), "person 0 0 0 1;app 2 1 1 0;");
    T_TRUE(ar_str_contains(ar_buf_str(&it.notes), AR_LIT("app could not all be seen: too many")));
    T_TRUE(ar_str_contains(ar_buf_str(&it.notes), AR_LIT("it has not gone")));
    T_STR(text_of(&h, "SELECT id, users, gone, owner_id FROM app ORDER BY id"),
          "x/a|3|false|person:sam;x/b|5|false|person:kim;x/c|6|false|person:kim;");
    T_STR(text_of(&h, "SELECT DISTINCT source FROM ar.evidence"), "host:x;");

    h.ctx.now += AR_DAY; /* one that sees all again */
    T_OK(take(&h,
              HEAD "{\"kind\":\"app\",\"id\":\"x/c\",\"users\":6}\n" OWNER_OF(
                  "x/c", "kim") "{\"done\":true,\"rows\":1}\n",
              &it));
    T_STR(text_of(&h, "SELECT id, gone, owner_id FROM app ORDER BY id"),
          "x/a|true|;x/b|true|;x/c|false|person:kim;");
    ar_buf_done(&it.rows);
    ar_buf_done(&it.notes);
    home_done(&h);
}

TEST(a_report_that_is_cut_short_or_confused_changes_nothing)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "", "ended before its last line" },
        { HEAD, "ended before its last line" },
        { HEAD "{\"kind\":\"app\",\"id\":\"a\"}\n", "ended before its last line" },
        { HEAD "{\"kind\":\"app\",\"id\":\"a\"}\n{\"done\":true,\"rows\":2}\n",
          "counts other rows" },
        { HEAD "{\"kind\":\"asset\",\"id\":\"a\"}\n", "of a kind that its first line" },
        { HEAD "{\"id\":\"a\"}\n", "says nothing known" },
        { HEAD
          "{\"owner_of\":\"app\",\"owner\":\"person:x\",\"evidence\":\"owner\",\"confidence\":1}\n",
          "KIND:ID" },
        { HEAD "{\"owner_of\":\"app:a\",\"owner\":\"person:x\",\"evidence\":\"owner\","
               "\"confidence\":2}\n",
          "between 0 and 1" },
        { HEAD "{\"owner_of\":\"app:a\",\"owner\":\"person:x\",\"evidence\":\"hunch\","
               "\"confidence\":1}\n",
          "'hunch' is no class of evidence (want register, owner, " },
        { HEAD "{\"kind\":\"app\",\"id\":\"a\",\"users\":\"x\"}\n{\"done\":true,\"rows\":1}\n",
          "column 'users'" },
        { HEAD "{\"kind\":\n", "inspector:2" },
        { "{\"failed\":\"/x: no such folder\",\"code\":5}\n", "/x: no such folder" },
        { HEAD "{\"failed\":\"it broke\",\"code\":5}\n", "it broke" },
        { HEAD "{\"failed\":\"it broke\",\"code\":0}\n", "fails without a cause" },
        { HEAD "{\"failed\":\"it broke\"}\n", "fails without a cause" },
    };
    home h;
    home_open(&h, NULL);
    heard it = { 0 };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_err err = take(&h, bad[i].text, &it);
        T_FAILS(err, err.code == AR_INVALID ? AR_INVALID : AR_UNAVAILABLE, bad[i].says);
        T_STR(text_of(&h, "SELECT count(*) FROM ar.src_app"), "0;");
        T_STR(text_of(&h, "SELECT count(*) FROM ar.evidence"), "0;");
    }
    ar_buf_done(&it.rows);
    ar_buf_done(&it.notes);
    home_done(&h);
}
