#include "op/config.h"

#include "form/yaml.h"
#include "sys/file.h"

#include <unistd.h>

enum { FILE_MAX = 1 << 20, ROWS_MAX = 64, MEMORY_MAX_MIB = 1 << 24 };

#define AT(field) offsetof(ar_config, field)

const ar_config_row ar_config_rows[] = {
    { .key = "memory_mib",
      .type = AR_INT,
      .fallback = "0",
      .max = MEMORY_MAX_MIB,
      .help = "memory of the whole program in MiB; 0 is half of the machine's",
      .offset = AT(memory_mib) },
    { .key = "threads",
      .type = AR_INT,
      .fallback = "0",
      .max = 1024,
      .help = "threads of the engine; 0 is as many as the machine has",
      .offset = AT(threads) },
    { .key = "query_seconds",
      .type = AR_INT,
      .fallback = "30",
      .min = 1,
      .max = 3600,
      .help = "how long one query, or anything else that only reads, may run",
      .offset = AT(query_seconds) },
    { .key = "query_rows",
      .type = AR_INT,
      .fallback = "1000000",
      .min = 1,
      .max = 1000000000,
      .help = "how many rows one query may give",
      .offset = AT(query_rows) },
    { .key = "log_level",
      .type = AR_TEXT,
      .fallback = "info",
      .choices = "error warning info debug",
      .help = "what the daemon tells on standard error",
      .offset = AT(log_level) },
    { .key = "web_listen",
      .type = AR_TEXT,
      .fallback = "127.0.0.1:8640",
      .help = "where the pages are served, to this machine only; empty: nowhere",
      .offset = AT(web_listen) },
    { .key = "keep_backups",
      .type = AR_INT,
      .fallback = "5",
      .min = 1,
      .max = 1000,
      .help = "how many automatic backups stay; those asked for are never removed",
      .offset = AT(keep_backups) },
    { .key = "backup_folder",
      .type = AR_TEXT,
      .fallback = "",
      .help = "where backups go, an absolute path; empty is HOME/backup",
      .offset = AT(backup_folder) },
    { 0 },
};

static void *field(ar_config *config, const ar_config_row *row)
{
    return (char *)config + row->offset;
}

ar_value ar_config_value(const ar_config *config, const ar_config_row *row)
{
    const void *at = (const char *)config + row->offset;

    return row->type == AR_INT ? ar_int(*(const int64_t *)at) : ar_text(*(const ar_str *)at);
}

static void set(ar_config *config, const ar_config_row *row, ar_value value)
{
    if (row->type == AR_INT)
        *(int64_t *)field(config, row) = value.i;
    else
        *(ar_str *)field(config, row) = value.s;
}

void ar_config_default(ar_config *out_config)
{
    *out_config = (ar_config){ 0 };
    for (const ar_config_row *row = ar_config_rows; row->key != NULL; row++) {
        ar_value value = ar_textz(row->fallback);

        if (row->type == AR_INT) {
            bool ok = ar_str_int(value.s, &value.i);

            assert(ok);
        }
        set(out_config, row, value);
    }
}

static bool is_choice(const char *choices, ar_str text)
{
    ar_str rest = ar_str_of(choices), choice;

    while (ar_str_split(&rest, ' ', &choice))
        if (ar_str_eq(choice, text)) return true;
    return false;
}

static ar_err read_row(ar_str file, const ar_node *root, const ar_config_row *row, ar_config *out)
{
    const ar_node *node = ar_node_get(root, ar_str_of(row->key));
    ar_value value = ar_config_value(out, row);

    if (row->type == AR_INT) {
        AR_TRY(ar_node_int(file, root, row->key, true, &value.i));
        if (value.i < row->min || value.i > row->max)
            return ar_node_fail(file, node, "%s is %lld to %lld, not %lld", row->key,
                                (long long)row->min, (long long)row->max, (long long)value.i);
    } else {
        AR_TRY(ar_node_text(file, root, row->key, true, &value.s));
        if (row->choices != NULL && !is_choice(row->choices, value.s))
            return ar_node_fail(file, node, "'%.*s' is no %s (want one of: %s)", AR_FMT(value.s),
                                row->key, row->choices);
        if (row->offset == AT(backup_folder) && value.s.len > 0 && value.s.ptr[0] != '/')
            return ar_node_fail(file, node, "%s is an absolute path, not '%.*s'", row->key,
                                AR_FMT(value.s));
    }
    set(out, row, value);
    return ar_ok();
}

ar_err ar_config_read(ar_str file, ar_str text, ar_arena *arena, ar_config *out_config,
                      uint64_t *out_set)
{
    ar_str keys[ROWS_MAX];
    size_t n = 0;
    ar_config config;
    ar_node *root;
    uint64_t is_set = 0;

    for (; ar_config_rows[n].key != NULL; n++) keys[n] = ar_str_of(ar_config_rows[n].key);
    ar_config_default(&config);
    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    if (root->kind != AR_NODE_NULL) AR_TRY(ar_node_only(file, root, keys, n));
    for (size_t i = 0; i < n && root->kind != AR_NODE_NULL; i++) {
        if (ar_node_get(root, keys[i]) == NULL) continue;
        AR_TRY(read_row(file, root, &ar_config_rows[i], &config));
        is_set |= UINT64_C(1) << i;
    }
    *out_config = config;
    if (out_set != NULL) *out_set = is_set;
    return ar_ok();
}

ar_err ar_config_load(const char *home, ar_arena *arena, ar_config *out_config)
{
    const char *path = ar_path_join(arena, home, "aright.yaml");
    ar_str text;
    ar_err err = ar_file_read(path, FILE_MAX, arena, &text);

    if (err.code == AR_NOT_FOUND) return ar_config_default(out_config), ar_ok();
    AR_TRY(err);
    return ar_config_read(ar_str_of(path), text, arena, out_config, NULL);
}

uint64_t ar_config_memory(const ar_config *config, int percent)
{
    const uint64_t mib = 1 << 20;
    uint64_t budget = (uint64_t)config->memory_mib * mib;

    if (budget == 0)
        budget = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;

    uint64_t share = budget / 100 * (uint64_t)percent;

    return share < AR_SHARE_LEAST_MIB * mib ? AR_SHARE_LEAST_MIB * mib : share;
}
