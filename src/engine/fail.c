/* fail: DuckDB's messages as failures of ours: one sentence, and a code that callers can act on. */
#include "engine/duck.h"

#include <ctype.h>

/* Kinds that are not AR_INVALID. What a message says is looked at first, as it tells more. */
static const struct {
    duckdb_error_type type;
    ar_str name; /* as messages begin with it */
    enum ar_code code;
} kinds[] = {
    { DUCKDB_ERROR_TRANSACTION, AR_LIT("TransactionContext"), AR_CONFLICT },
    { DUCKDB_ERROR_CONSTRAINT, AR_LIT("Constraint"), AR_CONFLICT },
    { DUCKDB_ERROR_DEPENDENCY, AR_LIT("Dependency"), AR_CONFLICT },
    { DUCKDB_ERROR_SEQUENCE, AR_LIT("Sequence"), AR_CONFLICT },
    { DUCKDB_ERROR_INTERRUPT, AR_LIT("INTERRUPT"), AR_LIMIT },
    { DUCKDB_ERROR_OUT_OF_MEMORY, AR_LIT("Out of Memory"), AR_LIMIT },
    { DUCKDB_ERROR_OBJECT_SIZE, AR_LIT("Object Size"), AR_LIMIT },
    { DUCKDB_ERROR_PERMISSION, AR_LIT("Permission"), AR_DENIED },
    { DUCKDB_ERROR_MISSING_EXTENSION, AR_LIT("Missing Extension"), AR_DENIED },
    { DUCKDB_ERROR_AUTOLOAD, AR_LIT("Extension Autoloading"), AR_DENIED },
    { DUCKDB_ERROR_IO, AR_LIT("IO"), AR_IO },
    { DUCKDB_ERROR_FATAL, AR_LIT("FATAL"), AR_IO },
    { DUCKDB_ERROR_INTERNAL, AR_LIT("INTERNAL"), AR_IO },
    { DUCKDB_ERROR_SERIALIZATION, AR_LIT("Serialization"), AR_IO },
    { DUCKDB_ERROR_HTTP, AR_LIT("HTTP"), AR_IO },
};

static const struct {
    ar_str words;
    enum ar_code code;
} tells[] = {
    { AR_LIT("No space left on device"), AR_IO },
    { AR_LIT("Conflicting lock is held"), AR_CONFLICT },
    { AR_LIT("already exists"), AR_CONFLICT },
    { AR_LIT("does not exist"), AR_NOT_FOUND },
    { AR_LIT("No such file or directory"), AR_NOT_FOUND },
    { AR_LIT("read-only mode"), AR_DENIED },
    { AR_LIT("Permission denied"), AR_DENIED },
    { AR_LIT("disabled by configuration"), AR_DENIED },
    { AR_LIT("configuration has been locked"), AR_DENIED },
    { AR_LIT("not a valid DuckDB database file"), AR_INVALID },
    { AR_LIT("Corrupt database file"), AR_INVALID },
    { AR_LIT("database file with version number"), AR_INVALID },
    { AR_LIT("could not be found"), AR_NOT_FOUND },
};

/* The first line without what stands in quotes: names, values and statements are other people's
 * words, and must not choose the code. An apostrophe inside a word is none. */
static void add_own_words(ar_buf *out, ar_str message)
{
    char open = '\0', before = ' ';

    for (size_t i = 0; i < message.len && message.ptr[i] != '\n'; i++) {
        char c = message.ptr[i];
        bool quotes = c == '"' || (c == '\'' && (open == c || !isalnum((unsigned char)before)));

        if (open == '\0' && !quotes) ar_buf_addc(out, c);
        if (quotes && (open == '\0' || open == c)) open = open == c ? '\0' : c;
        before = c;
    }
}

static enum ar_code code_of(duckdb_error_type type, ar_str kind, ar_str message)
{
    ar_auto(ar_buf) words = { 0 };

    add_own_words(&words, message);
    for (size_t i = 0; i < AR_COUNT(tells); i++)
        if (ar_str_contains(ar_buf_str(&words), tells[i].words)) return tells[i].code;
    for (size_t i = 0; i < AR_COUNT(kinds); i++)
        if (type == kinds[i].type || ar_str_eq(kind, kinds[i].name)) return kinds[i].code;
    return AR_INVALID;
}

static ar_str first_line(ar_str text)
{
    return ar_str_trim(ar_str_cut(text, 0, ar_str_find(text, '\n')));
}

/* The names that a message offers for one that it does not know; or nothing. */
static ar_str near_names(ar_str text)
{
    const ar_str begin = AR_LIT("Candidate bindings: ");
    ar_str line;

    while (ar_str_split(&text, '\n', &line))
        if (ar_str_starts(line, begin)) return ar_str_cut(line, begin.len, line.len);
    return (ar_str){ 0 };
}

/* The code that a function of ours wrote in front of its sentence, which is then cut off. */
static bool ours(ar_str *text, enum ar_code *out_code)
{
    static const enum ar_code codes[] = {
#define X(code, exit, http, text) code,
        AR_CODES(X)
#undef X
    };
    ar_str name = ar_str_cut(*text, 0, ar_str_find(*text, ':'));

    for (size_t i = 0; i < AR_COUNT(codes); i++) {
        if (!ar_str_eq(name, ar_str_of(ar_code_name(codes[i])))) continue;
        *text = ar_str_trim(ar_str_cut(*text, name.len + 1, text->len));
        *out_code = codes[i];
        return true;
    }
    return false;
}

/* A statement that was starved is not wrong; what helps stands in no message of the engine. */
static ar_err fail_with(enum ar_code code, bool starved, ar_str text)
{
    if (starved && code == AR_LIMIT)
        return ar_fail(AR_LIMIT,
                       "the memory does not suffice: %.*s (memory_mib in aright.yaml "
                       "gives it more)",
                       AR_FMT(first_line(text)));

    ar_str names = near_names(text);

    return ar_fail(code, "%.*s%s%.*s", AR_FMT(first_line(text)),
                   names.len > 0 ? " Near names: " : "", AR_FMT(names));
}

const char *ar_duck_say(ar_err err, ar_arena *arena)
{
    return ar_arena_printf(arena, "%s: %.*s", ar_code_name(err.code), AR_FMT(ar_err_text(err))).ptr;
}

ar_err ar_duck_fail(const char *message)
{
    static const char mark[] = " Error: ";
    bool silent = message == NULL || message[0] == '\0';
    ar_str text = ar_str_of(silent ? "the engine failed without a word" : message);
    ar_str kind = { 0 };
    const char *at = strstr(text.ptr, mark);

    if (at != NULL && (size_t)(at - text.ptr) < ar_str_find(text, ':')) {
        kind = ar_str_cut(text, 0, (size_t)(at - text.ptr));
        text = ar_str_of(at + strlen(mark));
    }

    enum ar_code code = code_of(DUCKDB_ERROR_INVALID, kind, text);
    if (ours(&text, &code)) return ar_fail(code, "%.*s", AR_FMT(text));
    return fail_with(code, ar_str_eq(kind, AR_LIT("Out of Memory")), text);
}

ar_err ar_duck_fail_data(duckdb_error_data data)
{
    ar_str text = ar_str_of(ar_duck.error_data_message(data));
    duckdb_error_type type = ar_duck.error_data_error_type(data);
    enum ar_code code = code_of(type, (ar_str){ 0 }, text);

    return fail_with(code, type == DUCKDB_ERROR_OUT_OF_MEMORY, text);
}
