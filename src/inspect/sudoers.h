/* sudoers: who may run what as whom, from sudoers(5) and the files that it includes. */
#pragma once

#include "inspect/look.h"

enum {
    AR_SUDOERS_FILES_MAX = 500,
    AR_SUDOERS_RULES_MAX = 20000,
    AR_SUDOERS_WORDS_MAX = 5000, /* in one list, aliases spelt out */
    AR_SUDOERS_DEPTH_MAX = 16,   /* aliases within aliases */
};

typedef struct ar_sudo_word {
    ar_str text; /* "alice", "%ops", "%#100", "#0", "+net", "ALL", "/usr/bin/less" */
    bool negated;
} ar_sudo_word;

typedef struct ar_sudo_list {
    ar_sudo_word *words;
    size_t n;
} ar_sudo_list;

/* One row: these people, as that person, those commands. Where a command list changes between
 * NOPASSWD and PASSWD, or the run-as part changes, it is cut into rows. */
typedef struct ar_sudo_rule {
    ar_str path;
    ar_sudo_list users; /* aliases spelt out; of the words that match someone the last one counts */
    ar_str runas;       /* "root" when none is written; "ALL:ALL" */
    bool as_root;       /* it can be root's rights */
    ar_str commands;    /* "ALL" or the list, aliases spelt out */
    bool all_commands;
    bool nopasswd;
    ar_time until; /* NOTAFTER; 0: none */
} ar_sudo_rule;

typedef struct ar_sudo_include {
    ar_str path; /* as written, unquoted */
    bool folder;
} ar_sudo_include;

/* What the files say, before aliases are spelt out: an alias may be defined after its use. */
typedef struct ar_sudoers {
    struct ar_sudo_alias *aliases;
    size_t n_aliases, cap_aliases;
    struct ar_sudo_spec *specs;
    size_t n_specs, cap_specs;
    ar_sudo_include *includes;
    size_t n_includes, cap_includes;
    struct ar_sudo_default *defaults;
    size_t n_defaults, cap_defaults;
    size_t n_bad; /* lines that are none of sudoers(5); sudo refuses to run with them */
} ar_sudoers;

/* Adds one file's text. Texts of the result lie in `arena`. AR_LIMIT beyond AR_SUDOERS_RULES_MAX
 * entries. */
ar_err ar_sudoers_parse(ar_str text, ar_str path, ar_arena *arena, ar_sudoers *sudoers);
/* The rules that hold on `host` (addresses and netgroups in host lists count as holding: they
 * cannot be ruled out from here). AR_LIMIT when spelling out aliases grows beyond the limits. */
ar_err ar_sudoers_rules(const ar_sudoers *sudoers, ar_str host, ar_arena *arena,
                        ar_sudo_rule **out_rules, size_t *out_n);
/* /etc/sudoers with all it includes. AR_NOT_FOUND without sudo; AR_DENIED names the file. */
ar_err ar_sudoers_load(const ar_look *look, ar_str host, ar_arena *arena, ar_sudoers *out_sudoers);
