#include "inspect/unitfile.h"

#include "inspect/words.h"

/* The next line with its continuations; comments between them are passed over. */
static bool joined_line(ar_str *rest, ar_buf *out)
{
    ar_str line;

    ar_buf_clear(out);
    if (rest->len == 0) return false;
    while (ar_line(rest, &line)) {
        line = ar_str_trim(line);
        if (line.len > 0 && (line.ptr[0] == '#' || line.ptr[0] == ';')) {
            if (out->len == 0) break;
            continue;
        }
        bool more = ar_str_ends(line, AR_LIT("\\"));
        ar_buf_add(out, more ? ar_str_cut(line, 0, line.len - 1) : line);
        if (!more) break;
        ar_buf_addc(out, ' ');
    }
    return true;
}

static bool is_section(ar_str line, ar_str *section)
{
    if (line.len < 2 || line.ptr[0] != '[' || line.ptr[line.len - 1] != ']') return false;
    *section = ar_str_cut(line, 1, line.len - 1);
    return true;
}

static bool cut_setting(ar_str line, ar_str *out_key, ar_str *out_value)
{
    ar_str key = ar_before(line, '=');

    if (key.len == line.len) return false;
    *out_key = ar_str_trim(key);
    *out_value = ar_str_trim(ar_str_cut(line, key.len + 1, line.len));
    return true;
}

static bool is_yes(ar_str text)
{
    return ar_str_same(text, AR_LIT("yes")) || ar_str_same(text, AR_LIT("true")) ||
           ar_str_same(text, AR_LIT("on")) || ar_str_eq(text, AR_LIT("1"));
}

/* "-", "@", ":", "+", "!" in front of a command change how it runs, not what runs. */
static ar_str without_prefix(ar_str command)
{
    while (command.len > 0 && command.ptr[0] != '\0' && strchr("-@:+!|", command.ptr[0]) != NULL)
        command = ar_str_cut(command, 1, command.len);
    return command;
}

static void add_setting(ar_unit_file *unit, ar_arena *arena, ar_str key, ar_str value)
{
    if (ar_str_eq(key, AR_LIT("User"))) unit->user = ar_arena_copy(arena, value);
    if (ar_str_eq(key, AR_LIT("DynamicUser"))) unit->dynamic_user = is_yes(value);
    if (ar_str_starts(key, AR_LIT("Exec"))) {
        value = without_prefix(value);
        if (value.len == 0)
            unit->n_commands = 0; /* an empty value takes the earlier ones back */
        else if (unit->n_commands < AR_UNIT_COMMANDS_MAX)
            unit->commands[unit->n_commands++] = ar_arena_copy(arena, value);
    }
    if (ar_str_starts(key, AR_LIT("On")) && value.len > 0)
        unit->schedule =
            ar_arena_printf(arena, "%.*s%s%.*s=%.*s", AR_FMT(unit->schedule),
                            unit->schedule.len > 0 ? " " : "", AR_FMT(key), AR_FMT(value));
}

void ar_unit_file_read(ar_str text, ar_arena *arena, ar_unit_file *unit)
{
    ar_auto(ar_buf) line = { 0 };
    ar_str section, key, value;
    bool runs = false;

    while (joined_line(&text, &line)) {
        if (is_section(ar_buf_str(&line), &section)) {
            unit->installable |= ar_str_eq(section, AR_LIT("Install"));
            runs = ar_str_eq(section, AR_LIT("Service")) || ar_str_eq(section, AR_LIT("Socket")) ||
                   ar_str_eq(section, AR_LIT("Timer"));
        } else if (runs && cut_setting(ar_buf_str(&line), &key, &value)) {
            add_setting(unit, arena, key, value);
        }
    }
}

void ar_ini_get(ar_str text, ar_str section, ar_str key, ar_str *value)
{
    ar_str line, name, text_of;
    bool inside = false;

    while (ar_line(&text, &line)) {
        line = ar_str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';') continue;
        if (is_section(line, &name))
            inside = ar_str_eq(name, section);
        else if (inside && cut_setting(line, &name, &text_of) && ar_str_eq(name, key))
            *value = text_of;
    }
}

/* NAME=value before any schedule. */
static bool is_environment(ar_str line)
{
    ar_str name = ar_str_trim(ar_before(line, '='));

    if (name.len == 0 || name.len == ar_str_trim(line).len) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!(c == '_' || c == '"' || c == '\'' || (c >= 'a' && c <= 'z') ||
              (c >= 'A' && c <= 'Z') || (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return true;
}

bool ar_cron_line_read(ar_str line, bool with_user, ar_cron_line *out_line)
{
    ar_cron_line c = { 0 };
    ar_str rest = ar_str_trim(line);
    const char *from = rest.ptr;

    if (rest.len == 0 || rest.ptr[0] == '#' || is_environment(rest)) return false;
    int words = rest.ptr[0] == '@' ? 1 : 5;
    for (int i = 0; i < words; i++) {
        ar_str word = ar_word(&rest);

        if (word.len == 0) return false;
        c.schedule = (ar_str){ .ptr = from, .len = (size_t)(word.ptr + word.len - from) };
    }
    if (with_user) c.user = ar_word(&rest);
    c.command = ar_str_trim(rest);
    if (c.command.len == 0 || (with_user && c.user.len == 0)) return false;
    *out_line = c;
    return true;
}
