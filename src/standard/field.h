/* field: the fields that files of standards and of metrics have in common. */
#pragma once

#include "estate/kind.h"
#include "form/node.h"

enum {
    AR_FIELD_ID_MAX = 24,
    AR_PILLARS = 7,
};

extern const char *const ar_pillars[AR_PILLARS]; /* in their order; "governance" is the last */
int ar_pillar_rank(ar_str pillar);
/* "TN-2" before "TN-10": digits by their value, all else by bytes. */
int ar_id_order(ar_str a, ar_str b);

/* One file as it is read. All of these fail with AR_INVALID and say file, line, column and what
 * would be right; what a file leaves out stays as it was. */
typedef struct ar_fields {
    ar_str file;
    const ar_node *root;
    ar_arena *arena;
} ar_fields;

/* The id, which must be like "TN-3"; `what` is what the file should be, "a standard". `name` is the
 * file's name without .yaml, which the id must be; empty: any. */
ar_err ar_fields_id(const ar_fields *f, ar_str name, const char *what, ar_str *out_id);
ar_err ar_fields_kind(const ar_fields *f, const ar_kinds *kinds, const ar_kind **out_kind);
/* `given` are there without the file's naming them, which may not; :asof is the first. */
ar_err ar_fields_params(const ar_fields *f, const ar_expr_param *given, size_t n_given,
                        const ar_expr_param **out_params, size_t *out_n);
/* The columns of the kind that are shown. */
ar_err ar_fields_explain(const ar_fields *f, const ar_kind *kind, const ar_str **out_columns,
                         size_t *out_n);

/* Refuses what is none of these keys. */
ar_err ar_fields_only(const ar_fields *f, const ar_node *map, const char *const *names, size_t n);
/* A text that must be one of a few words. */
ar_err ar_fields_word(const ar_fields *f, const ar_node *map, const char *key,
                      const char *const *words, size_t n, ar_str *out_word);
/* A length of time above zero. */
ar_err ar_fields_span(const ar_fields *f, const ar_node *map, const char *key, bool required,
                      int64_t *out_length);
ar_err ar_fields_texts(const ar_fields *f, const ar_node *map, const char *key, bool required,
                       const ar_str **out_texts, size_t *out_n);

/* The words as they are written: AR_FIELDS_ONLY(f, map, "due", "action"). */
#define AR_FIELDS_ONLY(f, map, ...)                                  \
    ar_fields_only((f), (map), (const char *const[]){ __VA_ARGS__ }, \
                   AR_COUNT(((const char *const[]){ __VA_ARGS__ })))
#define AR_FIELDS_WORD(f, map, key, out, ...)                               \
    ar_fields_word((f), (map), (key), (const char *const[]){ __VA_ARGS__ }, \
                   AR_COUNT(((const char *const[]){ __VA_ARGS__ })), (out))
