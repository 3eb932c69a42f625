#include "t.h"
#include "cli/words.h"
#include "daemon/tables.h"

/* Each claim is about every operation of the program. */
static ar_arena all_arena;
static const ar_op **all(size_t *out_n)
{
    return ar_tables_all(&ar_all_tables, &all_arena, out_n);
}

#define EACH(op)                               \
    size_t n_ = 0;                             \
    const ar_op **ops_ = all(&n_), *op = NULL; \
    T_TRUE(n_ > 0);                            \
    for (size_t i_ = 0; i_ < n_ && (op = ops_[i_], true); i_++)

/* Says which operation broke the claim. */
#define CLAIM(op, cond) \
    ((cond) ? (void)0 : (void)(t_bad++, printf("# %s: %s\n", (op)->name, #cond)))

static bool is_name(const char *text, bool dots)
{
    size_t word = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (dots && *c == '.' && word > 0)
            word = 0;
        else if ((*c >= 'a' && *c <= 'z') || (word > 0 && (*c == '_' || (*c >= '0' && *c <= '9'))))
            word++;
        else
            return false;
    }
    return word > 0;
}

static bool has_area_and_verb(const char *text)
{
    const char *dot = strchr(text, '.');

    return is_name(text, true) && dot != NULL && strchr(dot + 1, '.') == NULL;
}

static bool is_sentence_part(const char *help)
{
    size_t len = help == NULL ? 0 : strlen(help);

    return len > 0 && help[len - 1] != '.' && strchr(help, '\n') == NULL;
}

TEST(every_operation_has_a_name_help_of_one_line_and_a_handler)
{
    EACH(op)
    {
        CLAIM(op, is_name(op->name, true));
        CLAIM(op, is_sentence_part(op->help));
        CLAIM(op, strlen(op->help) <= 72);
        CLAIM(op, op->run != NULL);
    }
}

TEST(every_operation_takes_a_grant)
{
    EACH(op) CLAIM(op, op->grant != NULL && has_area_and_verb(op->grant));
}

TEST(every_change_is_an_event_and_no_read_is)
{
    EACH(op)
    {
        CLAIM(op, (op->effect == AR_CHANGES) == (op->event != NULL));
        CLAIM(op, op->event == NULL || has_area_and_verb(op->event));
    }
}

TEST(what_leaves_records_enters_them)
{
    EACH(op) CLAIM(op, (op->runs_in == AR_IN_LOG) == (op->enter != NULL));
}

TEST(what_changes_something_in_the_door_looks_after_itself)
{
    EACH(op) CLAIM(op, op->runs_in != AR_IN_DOOR || op->effect == AR_READS || op->alone);
}

TEST(no_two_operations_have_one_name)
{
    EACH(op) CLAIM(op, ar_tables_find(&ar_all_tables, ar_str_of(op->name)) == op);
}

static bool is_global(const char *name)
{
    for (const ar_global *g = ar_globals; g->name != NULL; g++)
        if (strcmp(g->name, name) == 0) return true;
    return false;
}

TEST(every_parameter_is_named_helped_and_can_be_given)
{
    EACH(op)
    {
        bool open_end = false;

        for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
            CLAIM(op, is_name(p->name, false));
            CLAIM(op, is_sentence_part(p->help));
            CLAIM(op, (p->flags & AR_POSITIONAL) || !is_global(p->name));
            CLAIM(op, ar_param_find(op, ar_str_of(p->name)) == p); /* none hides another */
            CLAIM(op, p->type != AR_PARAM_FLAG || p->flags == 0);
            if (!(p->flags & AR_POSITIONAL)) continue;
            CLAIM(op, !open_end); /* nothing comes behind one that takes all */
            open_end = (p->flags & AR_REPEATED) != 0;
        }
    }
}

TEST(no_required_place_comes_behind_one_that_may_be_left_out)
{
    EACH(op)
    {
        bool optional = false;

        for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++) {
            if (!(p->flags & AR_POSITIONAL)) continue;
            CLAIM(op, !(optional && (p->flags & AR_REQUIRED)));
            optional |= !(p->flags & AR_REQUIRED);
        }
    }
}

TEST(columns_are_named_once_in_snake_case)
{
    EACH(op)
    {
        for (const ar_column *c = op->columns; c != NULL && c->name != NULL; c++) {
            CLAIM(op, is_name(c->name, false));
            CLAIM(op, c->type >= AR_BOOL && c->type <= AR_TIME);
            CLAIM(op, !(c->flags & AR_COLUMN_SHARE) || c->type == AR_DOUBLE);
            for (const ar_column *d = op->columns; d < c; d++)
                CLAIM(op, strcmp(c->name, d->name) != 0);
        }
    }
}

TEST(a_text_operation_has_one_text_column)
{
    EACH(op)
    {
        if (op->shape != AR_SHAPE_TEXT || op->columns == NULL) continue;
        CLAIM(op, op->columns[0].type == AR_TEXT && op->columns[1].name == NULL);
    }
}

/* The words of an example; '…' and "…" hold one together. */
static int split(const char *line, ar_arena *arena, char **out_words, int max)
{
    int n = 0;

    while (*line != '\0' && n < max) {
        char *word = ar_arena_take(arena, strlen(line) + 1), *at = word, quote = '\0';

        while (*line == ' ') line++;
        for (; *line != '\0' && (quote != '\0' || *line != ' '); line++) {
            if (quote == '\0' && (*line == '\'' || *line == '"'))
                quote = *line;
            else if (*line == quote)
                quote = '\0';
            else
                *at++ = *line;
        }
        out_words[n++] = word;
    }
    return n;
}

static bool takes_a_file(const ar_op *op)
{
    for (const ar_param *p = op->params; p != NULL && p->name != NULL; p++)
        if (p->type == AR_PARAM_FILE) return true;
    return false;
}

TEST(every_example_is_a_command_line_of_its_operation)
{
    EACH(op)
    {
        ar_auto(ar_arena) arena = { 0 };
        ar_auto(ar_command) command = { 0 };
        char *words[64];

        if (op->example == NULL) continue;

        int n = split(op->example, &arena, words, (int)AR_COUNT(words));

        CLAIM(op, n > 1 && strcmp(words[0], "aright") == 0);

        ar_err err = ar_words_read(&ar_all_tables, n - 1, words + 1, 0, &arena, &command);

        if (err.code == AR_NOT_FOUND && takes_a_file(op)) continue; /* a file of the reader's own */
        if (err.code != AR_OK) printf("# %s: %.*s\n", op->example, AR_FMT(ar_err_text(err)));
        CLAIM(op, err.code == AR_OK && command.op == op);
    }
}

TEST(every_migration_has_a_number_of_its_own_in_the_range_of_its_folder)
{
    for (const ar_migration *const *a = ar_all_tables.migrations; *a != NULL; a++)
        for (const ar_migration *m = *a; m->number != 0; m++) {
            T_TRUE(m->number >= 100 && m->number / 100 == (*a)->number / 100);
            T_TRUE(m->name != NULL && m->sql != NULL);
            for (const ar_migration *const *b = ar_all_tables.migrations; *b != NULL; b++)
                for (const ar_migration *k = *b; k->number != 0; k++)
                    T_TRUE(k == m || k->number != m->number);
        }
}
