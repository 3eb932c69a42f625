#include "inspect/sshd.h"

#include "inspect/words.h"

/* sshd_config(5) of OpenSSH 9.2. What is left out has no value that is better everywhere. */
const ar_sshd_rule ar_sshd_rules[] = {
    { "PermitRootLogin", "prohibit-password",
      "no|prohibit-password|without-password|"
      "forced-commands-only",
      0 },
    { "PasswordAuthentication", "yes", "no", 0 },
    { "KbdInteractiveAuthentication", "yes", "no", 0 },
    { "PubkeyAuthentication", "yes", "yes", 0 },
    { "PermitEmptyPasswords", "no", "no", 0 },
    { "HostbasedAuthentication", "no", "no", 0 },
    { "IgnoreRhosts", "yes", "yes|shosts-only", 0 },
    { "StrictModes", "yes", "yes", 0 },
    { "UsePAM", "no", "yes", 0 },
    { "X11Forwarding", "no", "no", 0 },
    { "AllowTcpForwarding", "yes", "no", 0 },
    { "AllowAgentForwarding", "yes", "no", 0 },
    { "GatewayPorts", "no", "no", 0 },
    { "PermitTunnel", "no", "no", 0 },
    { "PermitUserEnvironment", "no", "no", 0 },
    { "MaxAuthTries", "6", "4", 4 },
    { "MaxSessions", "10", "10", 10 },
    { "LoginGraceTime", "120", "60", 60 },
    { "LogLevel", "INFO", "VERBOSE|INFO", 0 },
    { 0 },
};

bool ar_sshd_split(ar_str line, ar_arena *arena, ar_str *out_keyword, ar_str *out_value)
{
    ar_auto(ar_buf) value = { 0 };
    bool quoted = false, in_word = false;
    ar_str keyword;
    size_t end = 0;

    line = ar_str_trim(line);
    while (end < line.len && strchr(" \t=", line.ptr[end]) == NULL) end++;
    keyword = ar_str_cut(line, 0, end);
    if (keyword.len == 0 || keyword.ptr[0] == '#') return false;
    while (end < line.len && (line.ptr[end] == ' ' || line.ptr[end] == '\t')) end++;
    if (end < line.len && line.ptr[end] == '=') end++;
    for (; end < line.len; end++) {
        char byte = line.ptr[end];
        bool blank = !quoted && (byte == ' ' || byte == '\t' || byte == '\r');

        if (byte == '#' && !quoted && !in_word) break; /* a comment begins where a word could */
        if (byte == '"') quoted = !quoted;
        if (!blank && !in_word && value.len > 0) ar_buf_addc(&value, ' ');
        in_word = !blank;
        if (!blank && byte != '"') ar_buf_addc(&value, byte);
    }
    *out_keyword = keyword;
    *out_value = ar_arena_copy(arena, ar_buf_str(&value));
    return true;
}

typedef struct loader {
    const ar_look *look;
    ar_arena *arena;
    ar_sshd_config *config;
    size_t files;
} loader;

static ar_err load_file(loader *l, const char *path, ar_str match);

/* Several patterns; relative ones lie in /etc/ssh. */
static ar_err load_included(loader *l, ar_str patterns, ar_str match)
{
    for (ar_str pattern; (pattern = ar_word(&patterns)).len > 0;) {
        ar_str *paths;
        size_t n;

        if (pattern.ptr[0] != '/')
            pattern = ar_arena_printf(l->arena, "/etc/ssh/%.*s", AR_FMT(pattern));
        AR_TRY(ar_look_glob(l->look, pattern, l->arena, &paths, &n));
        for (size_t i = 0; i < n; i++) AR_TRY(load_file(l, paths[i].ptr, match));
    }
    return ar_ok();
}

/* Conditions of a Match inside a conditional Include hold together with the outer ones. */
static ar_str both(ar_arena *arena, ar_str outer, ar_str inner)
{
    if (ar_str_same(inner, AR_LIT("all"))) return outer.len == 0 ? AR_LIT("all") : outer;
    if (outer.len == 0 || ar_str_same(outer, AR_LIT("all"))) return inner;
    return ar_arena_printf(arena, "%.*s %.*s", AR_FMT(outer), AR_FMT(inner));
}

static ar_err load_text(loader *l, ar_str text, const char *path, ar_str outer)
{
    ar_str match = outer, line;

    while (ar_line(&text, &line)) {
        ar_sshd_line entry = { .path = ar_str_of(path) };

        if (!ar_sshd_split(line, l->arena, &entry.keyword, &entry.value)) continue;
        if (ar_str_same(entry.keyword, AR_LIT("Match"))) {
            match = both(l->arena, outer, entry.value);
        } else if (ar_str_same(entry.keyword, AR_LIT("Include"))) {
            AR_TRY(load_included(l, entry.value, match));
        } else {
            if (l->config->n == AR_SSHD_LINES_MAX)
                return ar_fail(AR_LIMIT, "%s: more than %d settings", path, (int)AR_SSHD_LINES_MAX);
            entry.match = match;
            ar_grow(l->arena, l->config->lines, l->config->n, l->config->cap);
            l->config->lines[l->config->n++] = entry;
        }
    }
    return ar_ok();
}

static ar_err load_file(loader *l, const char *path, ar_str match)
{
    ar_look_file file;

    /* also ends files that include themselves */
    if (++l->files > AR_SSHD_FILES_MAX)
        return ar_fail(AR_LIMIT, "%s: more than %d included files", path, (int)AR_SSHD_FILES_MAX);
    AR_TRY(ar_look_read(l->look, path, AR_LOOK_FILE_MAX, l->arena, &file));
    return load_text(l, file.text, path, match);
}

ar_err ar_sshd_load(const ar_look *look, ar_arena *arena, ar_sshd_config *out_config)
{
    ar_sshd_config config = { 0 };
    loader l = { .look = look, .arena = arena, .config = &config };

    AR_TRY(load_file(&l, "/etc/ssh/sshd_config", (ar_str){ 0 }));
    *out_config = config;
    return ar_ok();
}

static const ar_sshd_line *first(const ar_sshd_config *config, ar_str keyword, ar_str match)
{
    for (size_t i = 0; i < config->n; i++)
        if (ar_str_same(config->lines[i].keyword, keyword) &&
            ar_str_same(config->lines[i].match, match))
            return &config->lines[i];
    return NULL;
}

/* At each connection the Match blocks that hold override the global part; among them, and within
 * it, the first value wins. */
const ar_sshd_line *ar_sshd_find(const ar_sshd_config *config, ar_str keyword, ar_str match)
{
    const ar_sshd_line *line = match.len == 0 ? NULL : first(config, keyword, match);

    if (line == NULL) line = first(config, keyword, AR_LIT("all"));
    if (line == NULL) line = first(config, keyword, (ar_str){ 0 });
    return line;
}

/* "2m", "90", "1h30m" in seconds; -1 when it is none. sshd_config(5) "TIME FORMATS". */
static int64_t seconds_of(ar_str text)
{
    int64_t total = 0, n = 0;
    bool digits = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int64_t unit = 0;

        if (n > 1000000) return -1;
        if (c >= '0' && c <= '9') {
            n = n * 10 + (c - '0');
            digits = true;
            continue;
        }
        if (c == 's' || c == 'S') unit = 1;
        if (c == 'm' || c == 'M') unit = 60;
        if (c == 'h' || c == 'H') unit = 3600;
        if (c == 'd' || c == 'D') unit = 86400;
        if (c == 'w' || c == 'W') unit = 604800;
        if (unit == 0 || !digits) return -1;
        total += n * unit;
        n = 0;
        digits = false;
        if (total > INT32_MAX) return -1;
    }
    return text.len == 0 ? -1 : total + n;
}

bool ar_sshd_good(const ar_sshd_rule *rule, ar_str value)
{
    ar_str rest = ar_str_of(rule->recommended), one;
    int64_t n = seconds_of(value);

    if (rule->at_most > 0) return n > 0 && n <= rule->at_most;
    while (ar_str_split(&rest, '|', &one))
        if (ar_str_same(one, value)) return true;
    return false;
}
