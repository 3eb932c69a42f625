/* facts: facts told at a fixed rate of an estate of a million assets under 31 standards, whatever
 * the answers: how long until each is durable, and until a state, an item and the counts say what
 * one of them changed; beside it the disk for one durable write. First, in a small estate, told and
 * imported facts leave the same. In a FOLDER the estate stays, and serves the next time.
 *   bench_facts [RATE [SECONDS [ASSETS [AT_ONCE [FOLDER]]]]]
 * the program is $ARIGHT_PROGRAM, or build/aright */
#include "served.h"

enum { TELLERS = 8, PROBES_MAX = 4096 };

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* ---- an estate ---- */

/* Whole days, so that a verdict is the same as long as the bench takes. */
static ar_time today(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (now.tv_sec - now.tv_sec % 86400) * INT64_C(1000000);
}

/* A value that the standards want; in 1 of 64 one that they do not. */
static void add_value(ar_buf *out, const char *column, uint64_t h)
{
    static const char *const wrong_texts[] = { "manual", "none", "legacy" };
    bool wrong = h % 64 == 0;
    bool yes = column[1] == '1' || column[1] == '3' || column[1] == '6' || column[1] == '7' ||
               column[1] == '8';
    char at[AR_TIME_LEN];

    h >>= 8;
    if (column[0] == 'b') ar_buf_addz(out, yes != wrong ? "true" : "false");
    if (column[0] == 'n') {
        static const int wanted[] = { 0, 200, 2, 7, 7 }; /* n1, n2, … */

        ar_buf_addf(out, "%d", wrong ? 1 : wanted[column[1] - '1']);
    }
    if (column[0] == 't') {
        const char *wanted = column[1] == '1' ? "auto" : "managed";

        ar_buf_addf(out, "\"%s\"", wrong ? wrong_texts[h % AR_COUNT(wrong_texts)] : wanted);
    }
    if (column[0] == 'u') {
        int64_t days = (column[1] == '3' ? 300 : wrong ? -300 : 0) - (int64_t)(h % 10);

        ar_buf_addf(out, "\"%s\"", ar_time_print(today() + days * AR_DAY, at));
    }
}

static void add_asset(ar_buf *out, int64_t i)
{
    uint64_t h = mix((uint64_t)i + 1);

    ar_buf_addf(out, "{\"id\":\"asset-%lld\",\"owner_id\":\"team:%d\",\"env\":\"%s\"", (long long)i,
                (int)(h % 5000), h % 3 == 0 ? "test" : "production");
    for (size_t c = 0; c < AR_COUNT(columns); c++) {
        uint64_t v = mix(h + c);

        if (v % 128 == 0 || (columns[c][0] == 'u' && columns[c][1] == '1')) continue;
        ar_buf_addf(out, ",\"%s\":", columns[c]);
        add_value(out, columns[c], v >> 8);
    }
    ar_buf_addz(out, "}\n");
}

/* With one more, whose owner has nothing else, that the prober tells of. */
static void write_assets(const char *path, int64_t n)
{
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    ar_auto(ar_buf) out = { 0 };

    ar_buf_addz(&out, "{\"id\":\"probe\",\"owner_id\":\"team:probe\",\"b7\":true,\"b8\":true}\n");
    for (int64_t i = 0; i < n; i++) {
        add_asset(&out, i);
        if (out.len < 1 << 20 && i + 1 < n) continue;
        must(ar_fd_write_all(ar_fd_n(fd), ar_buf_str(&out)));
        ar_buf_clear(&out);
    }
}

/* What `aright WORDS` prints in that home; it must go well. */
static ar_str aright(world *w, const char *words)
{
    const char *const argv[] = { "/bin/sh", "-c",
                                 ar_arena_printf(&w->arena, "ARIGHT_HOME=%s exec %s %s",
                                                 w->place.home, program(), words)
                                     .ptr,
                                 NULL };
    ar_spawn spawn = { .argv = argv, .keep_stderr = true };
    ar_str said = { 0 };
    int status;

    must(ar_run(&spawn, 1 << 20, 3600, &w->arena, &said, &status));
    if (status != 0) must(ar_fail(AR_INVALID, "aright %s: %.*s", words, AR_FMT(said)));
    return said;
}

static void make_home(world *w, const char *folder, const char *name, int64_t assets)
{
    const char *rows = ar_path_join(&w->arena, folder, "assets.ndjson");

    w->place.data = folder;
    w->place.home = ar_path_join(&w->arena, folder, name);
    if (ar_file_exists(ar_path_join(&w->arena, w->place.home, "estate.duckdb"))) return;
    must(ar_dir_make(w->place.home, 0700));
    write_kind(ar_path_join(&w->arena, w->place.home, "kinds"), "made", "", &w->arena);
    write_standards(w);
    write_assets(rows, assets);
    (void)aright(
        w, ar_arena_printf(&w->arena, "import generic %s --kind made --source agents", rows).ptr);
    (void)aright(w, "evaluate");
    (void)unlink(rows);
}

/* ---- told and imported ---- */

enum { SMALL = 5000, TURNS = 6 };

static bool is_told(int64_t i, int turn)
{
    return mix((uint64_t)(i * TURNS + turn)) % 3 == 0;
}

/* Of each turn its assets and columns, as rows of an import or as facts. */
static void write_turn(const char *path, int turn, bool facts)
{
    ar_auto(ar_buf) out = { 0 };

    for (int64_t i = 0; i < SMALL; i++) {
        if (!is_told(i, turn)) continue;
        ar_buf_addf(&out,
                    facts ? "{\"kind\":\"made\",\"id\":\"asset-%lld\",\"facts\":{\"owner_id\":"
                          : "{\"id\":\"asset-%lld\",\"owner_id\":",
                    (long long)i);
        ar_buf_addf(&out, "\"team:%d\"", (int)(mix((uint64_t)(i + turn)) % 50));
        for (size_t k = (size_t)turn; k < AR_COUNT(columns); k += TURNS) {
            ar_buf_addf(&out, ",\"%s\":", columns[k]);
            add_value(&out, columns[k], mix((uint64_t)i * 31 + k) >> 7);
        }
        ar_buf_addz(&out, facts ? "}}\n" : "}\n");
    }
    must(ar_file_write(path, ar_buf_str(&out), 0600));
}

/* What the estate holds of it, as one hash a table; dates aside, and items, which are judged with
 * everything. */
static ar_str hash_of(world *w)
{
    static const char *const tables[] = {
        "id, owner_id, b1, b2, b3, b4, n1, n2, n3, t1, t2, u1, u2, source) AS x FROM made",
        "kind, id, source, col, old, new) AS x FROM ar.history",
        "judged, asset_id, bits, owner_id) AS x FROM ar.verdict WHERE bits <> 0 AND kind = 'made'",
        "standard_id, owner_id, pass, fail, unknown) AS x FROM ar.tally WHERE standard_id ^@ 'B-'",
        ("standard_id, asset_id, state) AS x FROM ar.finding"
         " WHERE state <> 'closed' AND kind = 'made'"),
    };
    ar_own(ar_engine) engine = NULL;
    ar_engine_options options = { .path = ar_path_join(&w->arena, w->place.home, "estate.duckdb") };
    ar_auto(ar_buf) all = { 0 };

    must(ar_engine_open(&options, &engine));
    for (size_t i = 0; i < AR_COUNT(tables); i++) {
        ar_value hash;

        must(ar_engine_value(
            engine,
            ar_arena_printf(&w->arena,
                            "SELECT md5(string_agg(x, ',' ORDER BY x)) || ' of ' || "
                            "count(*) FROM (SELECT concat_ws('|', %s)",
                            tables[i]),
            NULL, 0, &w->arena, &hash));
        ar_buf_addf(&all, "%.*s\n", AR_FMT(hash.s));
    }
    return ar_arena_copy(&w->arena, ar_buf_str(&all));
}

static void compare(const char *folder)
{
    world told = { 0 }, imported = { 0 };
    const char *rows;

    make_home(&told, folder, "told", SMALL);
    make_home(&imported, folder, "imported", SMALL);
    rows = ar_path_join(&told.arena, folder, "turn.ndjson");
    for (int turn = 0; turn < TURNS; turn++) {
        write_turn(rows, turn, true);
        (void)aright(&told, ar_arena_printf(&told.arena, "fact tell %s --source agents", rows).ptr);
        write_turn(rows, turn, false);
        (void)aright(&imported, ar_arena_printf(&imported.arena,
                                                "import generic %s --kind made --source agents "
                                                "--delta",
                                                rows)
                                    .ptr);
    }
    (void)aright(&imported, "evaluate");
    ar_str a = hash_of(&told), b = hash_of(&imported);
    printf("told and imported facts of %d assets leave the same: %s\n%.*s", (int)SMALL,
           ar_str_eq(a, b) ? "yes" : "NO", AR_FMT(a));
    if (!ar_str_eq(a, b)) printf("and imported\n%.*s", AR_FMT(b));
    (void)fflush(stdout);
    if (!ar_str_eq(a, b)) exit(1);
}

/* ---- asking ---- */

static ar_str request_of(const char *op, const char *const *args, ar_arena *arena)
{
    ar_args list = { .op = ar_tables_find(&ar_all_tables, ar_str_of(op)), .arena = arena };
    ar_request request = { .args = &list };
    ar_auto(ar_buf) bytes = { 0 };

    for (; *args != NULL; args += 2)
        must(ar_args_add(&list, ar_param_find(list.op, ar_str_of(args[0])), ar_str_of(args[1]), -1,
                         0));
    ar_wire_request(&bytes, &ar_all_tables, &request);
    return ar_arena_copy(arena, ar_buf_str(&bytes));
}

typedef struct answer {
    ar_buf rows; /* "a|b\n" */
} answer;

static ar_err take_row(void *self, const ar_value *values, size_t n)
{
    ar_buf *rows = &((answer *)self)->rows;

    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addc(rows, '|');
        ar_value_print(rows, values[i]);
    }
    ar_buf_addc(rows, '\n');
    return ar_ok();
}

static bool ask(const struct sockaddr_un *address, ar_str request, int file, answer *out)
{
    ar_auto(ar_fd) fd = ar_fd_of(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ar_receiver receiver = { .row = take_row, .self = out };
    ar_sink sink = ar_receiver_sink(&receiver);

    ar_buf_clear(&out->rows);
    if (connect(ar_fd_n(fd), (const struct sockaddr *)address, sizeof *address) != 0) return false;
    send_request(ar_fd_n(fd), request, file);
    return ar_wire_relay(ar_fd_n(fd), NULL, &sink).code == AR_OK;
}

static struct sockaddr_un address_of(const world *w, const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/run/%s", w->place.home, name);
    return address;
}

static int file_of(ar_str text)
{
    int fd = memfd_create("facts", MFD_CLOEXEC);

    if (fd < 0) exit(1);
    must(ar_fd_write_all(fd, text));
    return fd;
}

/* ---- telling ---- */

typedef struct teller {
    pthread_t thread;
    struct sockaddr_un address;
    ar_str request;
    uint64_t seed;
    int64_t assets, at_once;
    int64_t first_ns, step_ns;
    size_t n;
    int64_t *took_ns;
    int64_t failures;
} teller;

static void add_fact(ar_buf *out, const teller *t, uint64_t h)
{
    char at[AR_TIME_LEN];
    struct timespec now;
    size_t column = h % AR_COUNT(columns);

    (void)clock_gettime(CLOCK_REALTIME, &now);
    ar_buf_addf(
        out, "{\"kind\":\"made\",\"id\":\"asset-%lld\",\"observed\":\"%s\",\"facts\":{\"%s\":",
        (long long)((h >> 20) % (uint64_t)t->assets),
        ar_time_print((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000, at), columns[column]);
    add_value(out, columns[column], mix(h));
    ar_buf_addz(out, "}}\n");
}

static void *tell(void *self)
{
    teller *t = self;
    answer said = { 0 };
    ar_auto(ar_buf) facts = { 0 };
    ar_auto(ar_buf) wanted = { 0 };

    ar_buf_addf(&wanted, "%lld|0\n", (long long)t->at_once);
    for (size_t i = 0; i < t->n; i++) {
        int64_t due = t->first_ns + (int64_t)i * t->step_ns;

        sleep_until(due);
        ar_buf_clear(&facts);
        for (int64_t k = 0; k < t->at_once; k++) add_fact(&facts, t, mix(t->seed++));
        ar_auto(ar_fd) file = ar_fd_of(file_of(ar_buf_str(&facts)));
        bool done = ask(&t->address, t->request, ar_fd_n(file), &said) &&
                    ar_str_eq(ar_buf_str(&said.rows), ar_buf_str(&wanted));
        t->failures += !done;
        t->took_ns[i] = ticks_ns() - due;
    }
    ar_buf_done(&said.rows);
    return NULL;
}

/* ---- seeing ---- */

typedef struct prober_of_facts {
    pthread_t thread;
    struct sockaddr_un core, facts;
    ar_str tell, finding, count, item;
    int64_t until_ns;
    size_t n;
    int64_t durable_ns[PROBES_MAX],
        seen_ns[PROBES_MAX]; /* since it was sent, since it was durable */
    int64_t asked_ns[PROBES_MAX * 16];
    size_t n_asked;
} prober_of_facts;

static bool says(prober_of_facts *p, ar_str request, const char *text, bool wanted)
{
    answer said = { 0 };
    int64_t from = ticks_ns();
    bool answered = ask(&p->core, request, -1, &said);
    bool has = memmem(said.rows.ptr, said.rows.len, text, strlen(text)) != NULL;

    if (p->n_asked < AR_COUNT(p->asked_ns)) p->asked_ns[p->n_asked++] = ticks_ns() - from;
    ar_buf_done(&said.rows);
    return answered && has == wanted;
}

/* The finding, the item that it is part of, and the owner's count of the standard. */
static bool is_seen(prober_of_facts *p, bool right)
{
    return says(p, p->finding, "made|probe", !right) &&
           says(p, p->count, right ? "|1|1|0|0|" : "|1|0|1|0|", true) &&
           says(p, p->item, "B-6", !right);
}

static void *see(void *self)
{
    prober_of_facts *p = self;
    bool right = true;
    answer said = { 0 };

    while (p->n < PROBES_MAX && ticks_ns() < p->until_ns) {
        right = !right;
        ar_auto(ar_fd) file = ar_fd_of(file_of(
            ar_str_of(right ? "{\"kind\":\"made\",\"id\":\"probe\",\"facts\":{\"b7\":true}}\n"
                            : "{\"kind\":\"made\",\"id\":\"probe\",\"facts\":{\"b7\":false}}\n")));
        int64_t sent = ticks_ns();

        if (!ask(&p->facts, p->tell, ar_fd_n(file), &said)) exit(1);
        int64_t durable = ticks_ns();
        while (!is_seen(p, right)) (void)usleep(5000);
        p->durable_ns[p->n] = durable - sent;
        p->seen_ns[p->n++] = ticks_ns() - durable;
        (void)usleep((useconds_t)(mix(p->n) % 300000));
    }
    ar_buf_done(&said.rows);
    return NULL;
}

/* ---- the run ---- */

static void start_seeing(world *w, int64_t seconds, prober_of_facts *p)
{
    static const char *const tell_args[] = { "file", "f", "source", "agents", NULL };
    static const char *const finding[] = { "standard", "B-6", "owner", "team:probe", NULL };

    *p = (prober_of_facts){ .core = address_of(w, "core.sock"),
                            .facts = address_of(w, "facts.sock"),
                            .tell = request_of("fact.tell", tell_args, &w->arena),
                            .finding = request_of("finding.list", finding, &w->arena),
                            .count = request_of("score", finding, &w->arena),
                            .item = request_of("work.list", finding, &w->arena),
                            .until_ns = ticks_ns() + seconds * 1000000000 };
    if (pthread_create(&p->thread, NULL, see, p) != 0) exit(1);
}

static int64_t tell_all(world *w, int64_t rate, int64_t seconds, int64_t assets, int64_t at_once)
{
    static const char *const args[] = { "file", "f", "source", "agents", NULL };
    int64_t requests = rate / at_once, begin = ticks_ns() + 100000000, failures = 0;
    size_t each = (size_t)(requests * seconds / TELLERS);
    int64_t *took = ar_make_n(&w->arena, int64_t, each * TELLERS);
    teller tellers[TELLERS];

    for (int64_t i = 0; i < TELLERS; i++) {
        tellers[i] = (teller){ .address = address_of(w, "facts.sock"),
                               .request = request_of("fact.tell", args, &w->arena),
                               .seed = (uint64_t)i << 40,
                               .assets = assets,
                               .at_once = at_once,
                               .first_ns = begin + i * (1000000000 / requests),
                               .step_ns = TELLERS * (1000000000 / requests),
                               .n = each,
                               .took_ns = took + (size_t)i * each };
        if (pthread_create(&tellers[i].thread, NULL, tell, &tellers[i]) != 0) exit(1);
    }
    for (int i = 0; i < TELLERS; i++) {
        (void)pthread_join(tellers[i].thread, NULL);
        failures += tellers[i].failures;
    }
    printf("%lld facts, %lld a second, %lld at once, in %.1f s; %lld requests were not answered\n",
           (long long)((int64_t)each * TELLERS * at_once), (long long)rate, (long long)at_once,
           (double)(ticks_ns() - begin) / 1e9, (long long)failures);
    report("durable, from when they were due", took, each * TELLERS);
    return failures;
}

/* Under a real-time policy (chrt) the core comes after the process that takes facts, and still
 * before all else that the machine does. */
static void yield_to_log(world *w)
{
    (void)shell(w, ar_arena_printf(&w->arena,
                                   "chrt -p $$ | grep -q SCHED_FIFO &&"
                                   " chrt -a -r -p 1 $(pgrep -f 'process core %s' | head -1)",
                                   w->place.home));
}

static int64_t count_told(world *w)
{
    int64_t n = -1;

    (void)ar_str_int(shell(w, ar_arena_printf(&w->arena,
                                              "ARIGHT_HOME=%s %s import list --format csv |"
                                              " sed -n 's/.*,told,.*,made,[^,]*,[^,]*,[^,]*,"
                                              "\\([0-9]*\\),.*/\\1/p' |"
                                              " awk '{ n += $1 } END { print n + 0 }'",
                                              w->place.home, program())),
                     &n);
    return n;
}

static bool same_counts(world *w)
{
    static const char counts[] = "score --format csv 2>/dev/null | grep ^B-";
    ar_str some = aright(w, counts);

    (void)aright(w, "evaluate");
    return ar_str_eq(some, aright(w, counts));
}

int main(int argc, char **argv)
{
    int64_t rate = number(argc, argv, 1, 20000), seconds = number(argc, argv, 2, 30);
    int64_t assets = number(argc, argv, 3, 1000000), at_once = number(argc, argv, 4, 100);
    const char *kept = argc > 5 ? argv[5] : NULL;
    static prober_of_facts seer;
    char folder[] = "/tmp/aright-bench-XXXXXX";
    world w = { 0 };
    prober disk;

    if (mkdtemp(folder) == NULL || at_once > rate) return 1;
    compare(folder);
    if (kept != NULL) must(ar_dir_make(kept, 0700));
    make_home(&w, kept != NULL ? ar_path_absolute(&w.arena, kept) : folder, "home", assets);
    int64_t before = count_told(&w);
    start_daemon(&w, "facts.sock");
    yield_to_log(&w);
    start_prober(&w, seconds, &disk);
    start_seeing(&w, seconds, &seer);
    int64_t failures = tell_all(&w, rate, seconds, assets, at_once);
    (void)pthread_join(seer.thread, NULL);
    (void)pthread_join(disk.thread, NULL);
    report("meanwhile, the disk: 1 KiB made durable", disk.took_ns, disk.n);
    report("a fact by itself: durable", seer.durable_ns, seer.n);
    report("then seen in finding, item and count", seer.seen_ns, seer.n);
    report("of that, one question", seer.asked_ns, seer.n_asked);
    int64_t from = ticks_ns();
    int64_t wanted = rate / at_once * seconds / TELLERS * TELLERS * at_once + (int64_t)seer.n;
    int64_t entered = count_told(&w) - before;
    while (entered < wanted && ticks_ns() - from < INT64_C(60000000000)) {
        (void)usleep(50000);
        entered = count_told(&w) - before;
    }
    printf("%lld of %lld facts entered, the last %.2f s after they were told\n",
           (long long)entered, (long long)wanted, (double)(ticks_ns() - from) / 1e9);
    bool same = same_counts(&w);
    printf("judging everything leaves the counts as they are: %s\n", same ? "yes" : "NO");
    (void)kill(w.daemon, SIGTERM);
    (void)waitpid(w.daemon, NULL, 0);
    must(ar_dir_remove(folder));
    return failures > 0 || entered != wanted || !same;
}
