#include "inspect/sudoers.h"

#include "inspect/words.h"

enum alias_kind { ALIAS_USER, ALIAS_RUNAS, ALIAS_HOST, ALIAS_CMND, ALIAS_KINDS };

struct ar_sudo_alias {
    enum alias_kind kind;
    ar_str name;
    ar_sudo_list list;
};

/* One command list with what stands before it. */
struct ar_sudo_spec {
    ar_str path;
    ar_sudo_list users, hosts, runas_users, runas_groups, commands;
    bool has_runas;
    int authenticate; /* 1 PASSWD, -1 NOPASSWD, 0 not said */
    ar_time until;    /* NOTAFTER; 0 not said */
};

/* "Defaults !authenticate", with the users for whom it is said (none: all). */
struct ar_sudo_default {
    ar_sudo_list users;
    bool authenticate;
};

/* Reading position in one logical line: continuations joined, comment cut off. */
typedef struct cursor {
    ar_str text;
    size_t at;
    ar_arena *arena;
} cursor;

static bool at_end(const cursor *c)
{
    return c->at >= c->text.len;
}

static char peek(const cursor *c)
{
    return at_end(c) ? '\0' : c->text.ptr[c->at];
}

static void skip_blanks(cursor *c)
{
    while (peek(c) == ' ' || peek(c) == '\t') c->at++;
}

static bool take(cursor *c, char byte)
{
    skip_blanks(c);
    if (at_end(c) || peek(c) != byte) return false;
    c->at++;
    return true;
}

/* A word up to one of `stops` (blanks too, when `stops` holds one); quotes and backslashes are
 * taken off. A command keeps its arguments: its stops hold no blank. */
static ar_str take_word(cursor *c, const char *stops)
{
    ar_auto(ar_buf) out = { 0 };
    bool quoted = false;

    skip_blanks(c);
    while (!at_end(c)) {
        char byte = peek(c);

        if (byte == '\\' && c->at + 1 < c->text.len) {
            ar_buf_addc(&out, c->text.ptr[c->at + 1]);
            c->at += 2;
            continue;
        }
        if (!quoted && byte != '\0' && strchr(stops, byte) != NULL) break;
        if (byte == '"')
            quoted = !quoted;
        else
            ar_buf_addc(&out, byte);
        c->at++;
    }
    return ar_str_trim(ar_arena_copy(c->arena, ar_buf_str(&out)));
}

static void add_word(ar_arena *arena, ar_sudo_list *list, size_t *cap, ar_sudo_word word)
{
    ar_grow(arena, list->words, list->n, *cap);
    list->words[list->n++] = word;
}

/* word, word, …; false when a word is missing. */
static bool take_list(cursor *c, const char *stops, ar_sudo_list *out_list)
{
    size_t cap = 0;

    *out_list = (ar_sudo_list){ 0 };
    do {
        ar_sudo_word word = { 0 };

        while (take(c, '!')) word.negated = !word.negated;
        word.text = take_word(c, stops);
        if (word.text.len == 0 || out_list->n == AR_SUDOERS_WORDS_MAX) return false;
        add_word(c->arena, out_list, &cap, word);
    } while (take(c, ','));
    return true;
}

/* (users:groups), (users), (:groups) or (). */
static bool take_runas(cursor *c, struct ar_sudo_spec *spec)
{
    spec->runas_users = spec->runas_groups = (ar_sudo_list){ 0 };
    spec->has_runas = true;
    skip_blanks(c);
    if (peek(c) != ':' && peek(c) != ')' && !take_list(c, " \t,:)", &spec->runas_users))
        return false;
    if (take(c, ':') && !take(c, ')'))
        return take_list(c, " \t,:)", &spec->runas_groups) && take(c, ')');
    return c->text.ptr[c->at - 1] == ')' || take(c, ')');
}

static const struct {
    const char *name;
    int authenticate;
} tags[] = {
    { "NOPASSWD", -1 },  { "PASSWD", 1 },       { "EXEC", 0 },      { "NOEXEC", 0 },
    { "FOLLOW", 0 },     { "NOFOLLOW", 0 },     { "LOG_INPUT", 0 }, { "NOLOG_INPUT", 0 },
    { "LOG_OUTPUT", 0 }, { "NOLOG_OUTPUT", 0 }, { "MAIL", 0 },      { "NOMAIL", 0 },
    { "INTERCEPT", 0 },  { "NOINTERCEPT", 0 },  { "SETENV", 0 },    { "NOSETENV", 0 },
};

/* The capitals at the cursor. */
static ar_str look_at_name(const cursor *c)
{
    size_t to = c->at;

    while (to < c->text.len &&
           ((c->text.ptr[to] >= 'A' && c->text.ptr[to] <= 'Z') || c->text.ptr[to] == '_'))
        to++;
    return ar_str_cut(c->text, c->at, to);
}

static bool take_tag(cursor *c, struct ar_sudo_spec *spec)
{
    skip_blanks(c);
    ar_str name = look_at_name(c);
    cursor after = *c;

    after.at += name.len;
    if (!take(&after, ':')) return false;
    for (size_t i = 0; i < AR_COUNT(tags); i++) {
        if (!ar_str_eq(name, ar_str_of(tags[i].name))) continue;
        if (tags[i].authenticate != 0) spec->authenticate = tags[i].authenticate;
        c->at = after.at;
        return true;
    }
    return false;
}

/* The time of NOTAFTER, yyyymmddHH[MM[SS]] and Z; 0 for one in the zone of the host, or none. */
static ar_time until_of(ar_str text)
{
    char printed[] = "0000-00-00T00:00:00Z";
    static const size_t places[] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18 };
    ar_time until = 0;

    if (!ar_str_ends(text, AR_LIT("Z")) || text.len < 11 || text.len > AR_COUNT(places) + 1)
        return 0;
    for (size_t i = 0; i + 1 < text.len; i++) printed[places[i]] = text.ptr[i];
    return ar_time_parse(ar_str_of(printed), &until).code == AR_OK ? until : 0;
}

/* TIMEOUT=10m, CWD=/tmp, … say how, not who; but for the end they are passed over. */
static bool take_option(cursor *c, struct ar_sudo_spec *spec)
{
    static const char *const options[] = {
        "ROLE",      "TYPE",     "TIMEOUT", "CWD",        "CHROOT",
        "NOTBEFORE", "NOTAFTER", "PRIVS",   "LIMITPRIVS", "APPARMOR_PROFILE"
    };

    skip_blanks(c);
    ar_str name = look_at_name(c);
    cursor after = *c;

    after.at += name.len;
    if (!take(&after, '=')) return false;
    for (size_t i = 0; i < AR_COUNT(options); i++) {
        if (!ar_str_eq(name, ar_str_of(options[i]))) continue;
        *c = after;
        ar_str value = take_word(c, " \t,");
        if (ar_str_eq(name, AR_LIT("NOTAFTER"))) spec->until = until_of(value);
        return true;
    }
    return false;
}

static ar_err keep_spec(ar_arena *arena, ar_sudoers *s, const struct ar_sudo_spec *spec)
{
    if (spec->commands.n == 0) return ar_ok();
    if (s->n_specs == AR_SUDOERS_RULES_MAX)
        return ar_fail(AR_LIMIT, "sudoers: more than %d rules", (int)AR_SUDOERS_RULES_MAX);
    ar_grow(arena, s->specs, s->n_specs, s->cap_specs);
    s->specs[s->n_specs++] = *spec;
    return ar_ok();
}

/* A command with its arguments, without the digest that may stand before it ("sha256:abc… /path").
 */
static ar_str take_command(cursor *c)
{
    ar_str command = take_word(c, ",:=");

    if (!ar_str_starts(command, AR_LIT("sha")) || !take(c, ':')) return command;
    (void)take_word(c, " \t,");
    return take_word(c, ",:=");
}

/* [(runas)] [TAG:]… command, …; run-as and tags hold until the next ones, so a change of either
 * begins a new spec. */
static ar_err take_commands(cursor *c, ar_sudoers *s, struct ar_sudo_spec *spec, bool *out_good)
{
    size_t cap = 0;

    *out_good = false;
    do {
        struct ar_sudo_spec next = *spec;
        ar_sudo_word word = { 0 };
        bool new_runas = take(c, '(');

        if (new_runas && !take_runas(c, &next)) return ar_ok();
        while (take_tag(c, &next) || take_option(c, &next)) {
        }
        while (take(c, '!')) word.negated = !word.negated;
        word.text = take_command(c);
        if (word.text.len == 0 || spec->commands.n == AR_SUDOERS_WORDS_MAX) return ar_ok();
        if (new_runas || next.authenticate != spec->authenticate || next.until != spec->until) {
            AR_TRY(keep_spec(c->arena, s, spec));
            *spec = next;
            spec->commands = (ar_sudo_list){ 0 };
            cap = 0;
        }
        add_word(c->arena, &spec->commands, &cap, word);
    } while (take(c, ','));
    AR_TRY(keep_spec(c->arena, s, spec));
    *out_good = true;
    return ar_ok();
}

/* users hosts = commands [: hosts = commands]… */
static ar_err take_rule(cursor *c, ar_str path, ar_sudoers *s, bool *out_good)
{
    struct ar_sudo_spec base = { .path = path };

    *out_good = false;
    if (!take_list(c, " \t,=:", &base.users)) return ar_ok();
    do {
        struct ar_sudo_spec spec = base;
        bool good;

        if (!take_list(c, " \t,=:", &spec.hosts) || !take(c, '=')) return ar_ok();
        AR_TRY(take_commands(c, s, &spec, &good));
        if (!good) return ar_ok();
    } while (take(c, ':'));
    skip_blanks(c);
    *out_good = at_end(c);
    return ar_ok();
}

/* NAME = list [: NAME = list]… */
static bool take_aliases(cursor *c, enum alias_kind kind, ar_sudoers *s)
{
    do {
        struct ar_sudo_alias alias = { .kind = kind };
        const char *stops = kind == ALIAS_CMND ? ",:=" : " \t,:=";

        alias.name = take_word(c, " \t=");
        if (alias.name.len == 0 || !take(c, '=')) return false;
        if (!take_list(c, stops, &alias.list) || s->n_aliases == AR_SUDOERS_RULES_MAX) return false;
        ar_grow(c->arena, s->aliases, s->n_aliases, s->cap_aliases);
        s->aliases[s->n_aliases++] = alias;
    } while (take(c, ':'));
    return at_end(c);
}

/* Of all Defaults only `authenticate` changes what a rule asks for. Those bound to hosts, commands
 * or run-as users are left to the rule's own tags. */
static bool take_defaults(cursor *c, ar_sudoers *s)
{
    struct ar_sudo_default d = { 0 };
    char bound = peek(c);

    if (bound == '@' || bound == '!' || bound == '>') return true;
    if (take(c, ':') && !take_list(c, " \t,", &d.users)) return false;
    do {
        bool off = take(c, '!');
        ar_str name = take_word(c, " \t,=");

        if (!ar_str_eq(name, AR_LIT("authenticate"))) {
            if (take(c, '=') || take(c, '+') || take(c, '-')) {
                (void)take(c, '=');
                (void)take_word(c, ",");
            }
            continue;
        }
        if (s->n_defaults == AR_SUDOERS_RULES_MAX) return false;
        d.authenticate = !off;
        ar_grow(c->arena, s->defaults, s->n_defaults, s->cap_defaults);
        s->defaults[s->n_defaults++] = d;
    } while (take(c, ','));
    return true;
}

static bool take_include(cursor *c, bool folder, ar_sudoers *s)
{
    ar_sudo_include inc = { .path = take_word(c, " \t"), .folder = folder };

    if (inc.path.len == 0 || s->n_includes == AR_SUDOERS_FILES_MAX) return false;
    ar_grow(c->arena, s->includes, s->n_includes, s->cap_includes);
    s->includes[s->n_includes++] = inc;
    return true;
}

static bool starts_word(const cursor *c, const char *word)
{
    ar_str rest = ar_str_cut(c->text, c->at, c->text.len);
    size_t len = strlen(word);

    return ar_str_starts(rest, ar_str_of(word)) &&
           (rest.len == len || strchr(" \t@:!>", rest.ptr[len]) != NULL);
}

static ar_err take_line(cursor *c, ar_str path, ar_sudoers *s)
{
    static const struct {
        const char *word;
        enum alias_kind kind;
    } aliases[] = {
        { "User_Alias", ALIAS_USER }, { "Runas_Alias", ALIAS_RUNAS }, { "Host_Alias", ALIAS_HOST },
        { "Cmnd_Alias", ALIAS_CMND }, { "Cmd_Alias", ALIAS_CMND },
    };
    static const struct {
        const char *word;
        bool folder;
    } includes[] = {
        { "@includedir", true },
        { "#includedir", true },
        { "@include", false },
        { "#include", false },
    };
    bool good = true;

    skip_blanks(c);
    if (at_end(c)) return ar_ok();
    for (size_t i = 0; i < AR_COUNT(includes); i++) {
        if (!starts_word(c, includes[i].word)) continue;
        c->at += strlen(includes[i].word);
        s->n_bad += !take_include(c, includes[i].folder, s);
        return ar_ok();
    }
    for (size_t i = 0; i < AR_COUNT(aliases); i++) {
        if (!starts_word(c, aliases[i].word)) continue;
        c->at += strlen(aliases[i].word);
        s->n_bad += !take_aliases(c, aliases[i].kind, s);
        return ar_ok();
    }
    if (starts_word(c, "Defaults")) {
        c->at += strlen("Defaults");
        good = take_defaults(c, s);
    } else {
        AR_TRY(take_rule(c, path, s, &good));
    }
    s->n_bad += !good;
    return ar_ok();
}

/* Whether the '#' at text[i] begins a comment: it does unless it begins a numeric id (sudoers(5)),
 * as in "#1000" and "%#100", or an old include. */
static bool is_comment(ar_str text, size_t i, bool first)
{
    ar_str rest = ar_str_cut(text, i, text.len);

    if (first && ar_str_starts(rest, AR_LIT("#include"))) return false;
    if (rest.len > 1 && rest.ptr[1] == '-') return true;
    return rest.len < 2 || rest.ptr[1] < '0' || rest.ptr[1] > '9';
}

/* The next logical line: physical ones joined at a trailing backslash, without its comment. */
static bool logical_line(ar_str *rest, ar_buf *out)
{
    ar_str line;
    bool quoted = false, first = true;

    ar_buf_clear(out);
    if (rest->len == 0) return false;
    while (ar_line(rest, &line)) {
        bool joined = ar_str_ends(line, AR_LIT("\\"));

        if (joined) line.len--;
        for (size_t i = 0; i < line.len; i++) {
            char byte = line.ptr[i];

            if (byte == '#' && !quoted && is_comment(line, i, first)) return true;
            if (byte == '"') quoted = !quoted;
            if (byte == '\\' && i + 1 < line.len) ar_buf_addc(out, line.ptr[i++]);
            ar_buf_addc(out, line.ptr[i] == '\r' || line.ptr[i] == '\0' ? ' ' : line.ptr[i]);
            first = first && (byte == ' ' || byte == '\t');
        }
        if (!joined) return true;
    }
    return true;
}

ar_err ar_sudoers_parse(ar_str text, ar_str path, ar_arena *arena, ar_sudoers *sudoers)
{
    ar_auto(ar_buf) line = { 0 };

    while (logical_line(&text, &line)) {
        cursor c = { .text = ar_arena_copy(arena, ar_buf_str(&line)), .arena = arena };

        AR_TRY(take_line(&c, path, sudoers));
    }
    return ar_ok();
}

/* ---- aliases spelt out ---- */

static const struct ar_sudo_alias *find_alias(const ar_sudoers *s, enum alias_kind kind,
                                              ar_str name)
{
    for (size_t i = s->n_aliases; i-- > 0;)
        if (s->aliases[i].kind == kind && ar_str_eq(s->aliases[i].name, name))
            return &s->aliases[i];
    return NULL;
}

typedef struct speller {
    const ar_sudoers *s;
    enum alias_kind kind;
    ar_arena *arena;
    ar_sudo_list *out;
    size_t cap;
} speller;

static ar_err spell_out(speller *sp, const ar_sudo_list *list, bool negated, int depth)
{
    if (depth > AR_SUDOERS_DEPTH_MAX)
        return ar_fail(AR_LIMIT, "sudoers: aliases nest deeper than %d", (int)AR_SUDOERS_DEPTH_MAX);
    for (size_t i = 0; i < list->n; i++) {
        ar_sudo_word word = list->words[i];
        const struct ar_sudo_alias *alias = find_alias(sp->s, sp->kind, word.text);

        word.negated = word.negated != negated;
        if (alias != NULL) {
            AR_TRY(spell_out(sp, &alias->list, word.negated, depth + 1));
            continue;
        }
        if (sp->out->n == AR_SUDOERS_WORDS_MAX)
            return ar_fail(AR_LIMIT, "sudoers: a list has more than %d words",
                           (int)AR_SUDOERS_WORDS_MAX);
        add_word(sp->arena, sp->out, &sp->cap, word);
    }
    return ar_ok();
}

static ar_err spell(const ar_sudoers *s, enum alias_kind kind, const ar_sudo_list *list,
                    ar_arena *arena, ar_sudo_list *out)
{
    speller sp = { .s = s, .kind = kind, .arena = arena, .out = out };

    *out = (ar_sudo_list){ 0 };
    return spell_out(&sp, list, false, 0);
}

static bool looks_like_address(ar_str text)
{
    if (text.len > 0 && text.ptr[0] == '+') return true; /* a netgroup */
    for (size_t i = 0; i < text.len; i++)
        if (strchr("0123456789abcdefABCDEF.:/", text.ptr[i]) == NULL) return false;
    return ar_str_find(text, '.') < text.len || ar_str_find(text, ':') < text.len;
}

static bool holds_here(const ar_sudo_list *hosts, ar_str host)
{
    bool holds = false;

    for (size_t i = 0; i < hosts->n; i++) {
        ar_str name = hosts->words[i].text;

        if (ar_str_eq(name, AR_LIT("ALL")) || ar_glob_match(name, host) ||
            ar_glob_match(name, ar_before(host, '.')) || looks_like_address(name))
            holds = !hosts->words[i].negated;
    }
    return holds;
}

static ar_str join(const ar_sudo_list *list, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < list->n; i++)
        ar_buf_addf(&out, "%s%s%.*s", i > 0 ? ", " : "", list->words[i].negated ? "!" : "",
                    AR_FMT(list->words[i].text));
    return ar_arena_copy(arena, ar_buf_str(&out));
}

/* Whether the list, last match counting, lets `a` or `b` through. */
static bool lets(const ar_sudo_list *list, ar_str a, ar_str b)
{
    bool yes = false;

    for (size_t i = 0; i < list->n; i++) {
        ar_str text = list->words[i].text;

        if (ar_str_eq(text, AR_LIT("ALL")) || ar_str_eq(text, a) || ar_str_eq(text, b))
            yes = !list->words[i].negated;
    }
    return yes;
}

static bool defaults_ask(const ar_sudoers *s, const ar_sudo_list *users)
{
    bool ask = true;

    for (size_t i = 0; i < s->n_defaults; i++) {
        const struct ar_sudo_default *d = &s->defaults[i];
        bool bound_to_us = d->users.n == 0;

        for (size_t u = 0; u < users->n && !bound_to_us; u++)
            bound_to_us = !users->words[u].negated &&
                          lets(&d->users, users->words[u].text, users->words[u].text);
        if (bound_to_us) ask = d->authenticate;
    }
    return ask;
}

static ar_err make_rule(const ar_sudoers *s, const struct ar_sudo_spec *spec, ar_arena *arena,
                        ar_sudo_rule *out_rule)
{
    ar_sudo_list users, groups, commands;
    ar_sudo_rule r = {
        .path = spec->path, .runas = AR_LIT("root"), .as_root = true, .until = spec->until
    };

    AR_TRY(spell(s, ALIAS_USER, &spec->users, arena, &r.users));
    AR_TRY(spell(s, ALIAS_RUNAS, &spec->runas_users, arena, &users));
    AR_TRY(spell(s, ALIAS_RUNAS, &spec->runas_groups, arena, &groups));
    AR_TRY(spell(s, ALIAS_CMND, &spec->commands, arena, &commands));
    if (spec->has_runas) {
        ar_str as = join(&users, arena), with = join(&groups, arena);

        r.runas =
            groups.n == 0 ? as : ar_arena_printf(arena, "%.*s:%.*s", AR_FMT(as), AR_FMT(with));
        r.as_root = lets(&users, AR_LIT("root"), AR_LIT("#0"));
    }
    r.commands = join(&commands, arena);
    r.all_commands = lets(&commands, AR_LIT("ALL"), AR_LIT("ALL"));
    r.nopasswd = spec->authenticate != 0 ? spec->authenticate < 0 : !defaults_ask(s, &r.users);
    *out_rule = r;
    return ar_ok();
}

ar_err ar_sudoers_rules(const ar_sudoers *sudoers, ar_str host, ar_arena *arena,
                        ar_sudo_rule **out_rules, size_t *out_n)
{
    ar_sudo_rule *rules = NULL;
    size_t n = 0, cap = 0, words = 0;

    for (size_t i = 0; i < sudoers->n_specs; i++) {
        ar_sudo_list hosts;
        ar_sudo_rule rule;

        AR_TRY(spell(sudoers, ALIAS_HOST, &sudoers->specs[i].hosts, arena, &hosts));
        if (!holds_here(&hosts, host)) continue;
        AR_TRY(make_rule(sudoers, &sudoers->specs[i], arena, &rule));
        words += rule.users.n + hosts.n + rule.commands.len / 8;
        if (words > (size_t)AR_SUDOERS_RULES_MAX * 16)
            return ar_fail(AR_LIMIT, "sudoers: aliases spell out to more than %d words",
                           (int)AR_SUDOERS_RULES_MAX * 16);
        ar_grow(arena, rules, n, cap);
        rules[n++] = rule;
    }
    *out_rules = rules;
    *out_n = n;
    return ar_ok();
}

/* ---- files ---- */

static ar_str expand_host(ar_str path, ar_str host, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < path.len; i++) {
        bool h = path.ptr[i] == '%' && i + 1 < path.len && path.ptr[i + 1] == 'h';

        if (h)
            ar_buf_add(&out, ar_before(host, '.'));
        else
            ar_buf_addc(&out, path.ptr[i]);
        i += h;
    }
    return ar_arena_copy(arena, ar_buf_str(&out));
}

typedef struct loader {
    const ar_look *look;
    ar_str host;
    ar_arena *arena;
    ar_sudoers *s;
    size_t files;
} loader;

static ar_err load_file(loader *l, const char *path)
{
    ar_look_file file;

    if (++l->files > AR_SUDOERS_FILES_MAX)
        return ar_fail(AR_LIMIT, "sudoers: more than %d files", (int)AR_SUDOERS_FILES_MAX);
    AR_TRY(ar_look_read(l->look, path, AR_LOOK_FILE_MAX, l->arena, &file));
    return ar_sudoers_parse(file.text, ar_str_of(path), l->arena, l->s);
}

/* sudo passes over names with a dot or a tilde at the end. */
static ar_err load_folder(loader *l, const char *path)
{
    ar_str *names;
    size_t n;
    ar_err err = ar_look_list(l->look, path, false, l->arena, &names, &n);

    if (err.code == AR_NOT_FOUND) return ar_ok();
    AR_TRY(err);
    for (size_t i = 0; i < n; i++) {
        if (ar_str_find(names[i], '.') < names[i].len || ar_str_ends(names[i], AR_LIT("~")))
            continue;
        err = load_file(l, ar_path_join(l->arena, path, names[i].ptr));
        if (err.code != AR_INVALID && err.code != AR_NOT_FOUND) AR_TRY(err);
    }
    return ar_ok();
}

ar_err ar_sudoers_load(const ar_look *look, ar_str host, ar_arena *arena, ar_sudoers *out_sudoers)
{
    ar_sudoers s = { 0 };
    loader l = { .look = look, .host = host, .arena = arena, .s = &s };

    AR_TRY(load_file(&l, "/etc/sudoers"));
    for (size_t i = 0; i < s.n_includes; i++) { /* grows while files are added */
        ar_str written = expand_host(s.includes[i].path, host, arena);
        bool folder = s.includes[i].folder;
        const char *path = ar_arena_cstr(arena, written);
        ar_err err;

        if (written.ptr[0] != '/') path = ar_path_join(arena, "/etc", path);
        err = folder ? load_folder(&l, path) : load_file(&l, path);
        if (err.code != AR_NOT_FOUND) AR_TRY(err);
    }
    *out_sudoers = s;
    return ar_ok();
}
