#include "inspect/blank.h"

#define STARS "***"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name_byte(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* How much of `text` is letters, digits, '_', '-', and the bytes in `also`. */
static size_t name_len(ar_str text, const char *also)
{
    size_t n = 0;

    while (n < text.len && (is_name_byte(text.ptr[n]) ||
                            (text.ptr[n] != '\0' && strchr(also, text.ptr[n]) != NULL)))
        n++;
    return n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* What the shell reads as signs; quotes too, so that what is inside is words like the rest. */
static bool is_sign(char c)
{
    return c != '\0' && strchr("|;&()<>'\"`", c) != NULL;
}

static ar_str take(ar_str *rest, bool (*fits)(char))
{
    size_t n = 0;

    while (n < rest->len && fits(rest->ptr[n])) n++;

    ar_str taken = ar_str_cut(*rest, 0, n);
    *rest = ar_str_cut(*rest, n, rest->len);
    return taken;
}

static bool is_of_word(char c)
{
    return !is_blank(c) && !is_sign(c);
}

/* "-x", "-xz", "-x***", "--long", "--long=***". A password may be glued to one letter (-pSECRET);
 * two letters are taken for two options. */
static void add_option(ar_buf *out, ar_str word)
{
    size_t name = name_len(word, ".");
    bool is_long = name > 2 && word.ptr[1] == '-';
    bool is_short = word.len == 2 || (word.len == 3 && is_letter(word.ptr[1]) && name == 3);

    if (name < word.len && word.ptr[name] == '=' && name > 1) {
        ar_buf_add(out, ar_str_cut(word, 0, name));
        ar_buf_addz(out, "=" STARS);
    } else if (name == word.len && (is_long || is_short || word.len == 1)) {
        ar_buf_add(out, word);
    } else {
        ar_buf_add(out, ar_str_cut(word, 0, name < 2 ? name : 2));
        ar_buf_addz(out, STARS);
    }
}

/* "NAME=***"; 0 when the word is none. */
static size_t variable_len(ar_str word)
{
    size_t name = name_len(word, "");

    return name > 0 && name < word.len && word.ptr[name] == '=' ? name : 0;
}

static bool is_path(ar_str word)
{
    return word.ptr[0] == '/' && name_len(word, "/.@%+,*{}$\\") == word.len &&
           !ar_str_starts(word, AR_LIT("//"));
}

/* "$NAME", "${NAME}", "%i", and what is too short to be kept from anyone: "]", "2" of "2>&1" */
static bool is_stand_in(ar_str word)
{
    return word.len == 1 || (word.ptr[0] == '$' && name_len(word, "${}") == word.len) ||
           (word.ptr[0] == '%' && word.len == 2);
}

/* *at_program: whether the next word is what runs. */
static void add_word(ar_buf *out, ar_str word, bool *at_program)
{
    size_t variable = variable_len(word);

    if (word.ptr[0] == '-') {
        add_option(out, word);
    } else if (variable > 0) {
        ar_buf_add(out, ar_str_cut(word, 0, variable));
        ar_buf_addz(out, "=" STARS);
        return; /* set for the program that follows */
    } else if (is_path(word) || is_stand_in(word) ||
               (*at_program && name_len(word, "./+[") == word.len)) {
        ar_buf_add(out, word);
    } else {
        ar_buf_addz(out, STARS);
    }
    *at_program = false;
}

/* Behind these a program begins. */
static bool begins_command(ar_str signs)
{
    char last = signs.ptr[signs.len - 1];

    return last == '|' || last == ';' || last == '(' ||
           (last == '&' && !ar_str_ends(signs, AR_LIT(">&")));
}

ar_str ar_command_blank(ar_str command, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };
    bool at_program = true, glued = false;

    for (;;) {
        if (take(&command, is_blank).len > 0) glued = false;
        if (command.len == 0) break;

        ar_str signs = take(&command, is_sign);

        if (!glued && out.len > 0) ar_buf_addc(&out, ' ');
        if (signs.len > 0) {
            ar_buf_add(&out, signs);
            if (begins_command(signs)) at_program = true;
        } else {
            add_word(&out, take(&command, is_of_word), &at_program);
        }
        glued = true;
    }
    return ar_arena_copy(arena, ar_buf_str(&out));
}
