#include "op/config.h"
#include "t.h"

static ar_err read_text(const char *text, ar_arena *arena, ar_config *out, uint64_t *out_set)
{
    return ar_config_read(AR_LIT("aright.yaml"), ar_str_of(text), arena, out, out_set);
}

TEST(an_empty_file_is_the_defaults)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_config config, fallback;
    uint64_t set;

    ar_config_default(&fallback);
    T_OK(read_text("", &arena, &config, &set));
    T_INT(set, 0);
    T_INT(config.query_seconds, fallback.query_seconds);
    T_INT(config.query_seconds, 30);
    T_STR(config.log_level, "info");
}

TEST(what_is_set_holds_and_the_rest_stays)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_config config;
    uint64_t set;

    T_OK(read_text("memory_mib: 1000\nlog_level: debug\n", &arena, &config, &set));
    T_INT(__builtin_popcountll(set), 2);
    T_INT(config.memory_mib, 1000);
    T_STR(config.log_level, "debug");
    T_INT(config.keep_backups, 5);
    T_INT(ar_config_memory(&config, AR_SHARE_CORE), (INT64_C(1000) << 20) / 100 * 35);
    T_INT(ar_config_memory(&config, AR_SHARE_CHILD), INT64_C(256) << 20); /* the least */
}

TEST(files_that_are_refused_say_where_and_why)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "memory_mb: 5\n", "memory_mib" },
        { "query_seconds: 5\nqery_rows: 5\n", "aright.yaml:2:1" },
        { "query_seconds: 0\n", "aright.yaml:1:16" },
        { "query_seconds: 0\n", "query_seconds is 1 to 3600, not 0" },
        { "query_seconds: soon\n", "aright.yaml:1:16" },
        { "log_level: loud\n", "want one of: error warning info debug" },
        { "backup_folder: here\n", "an absolute path, not 'here'" },
        { "- memory_mib\n", "aright.yaml:1" },
        { "threads: 1\nthreads: 2\n", "aright.yaml:2:1" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_config config = { .threads = 77 };

        T_FAILS(read_text(bad[i].text, &arena, &config, NULL), AR_INVALID, bad[i].says);
        T_INT(config.threads, 77);
    }
}

TEST(every_setting_has_help_and_a_fallback_that_it_would_accept)
{
    ar_config config;
    size_t n = 0;

    ar_config_default(&config);
    for (const ar_config_row *row = ar_config_rows; row->key != NULL; row++, n++) {
        ar_auto(ar_buf) text = { 0 };

        T_TRUE(row->help != NULL && strlen(row->help) > 10);
        ar_value_print(&text, ar_config_value(&config, row));
        T_TRUE(strcmp(text.ptr == NULL ? "" : text.ptr, row->fallback) == 0);
        if (row->type == AR_INT)
            T_TRUE(ar_config_value(&config, row).i >= row->min &&
                   ar_config_value(&config, row).i <= row->max);
    }
    T_TRUE(n > 0 && n <= 64);
}
