/* document: a report as what it says, block by block, written as Markdown, HTML or JSON. Every
 * block may name where its figures come from; the sources stand numbered at the end. */
#pragma once

#include "base/base.h"

enum ar_block_sort {
    AR_BLOCK_SECTION, /* begins one; what follows belongs to it */
    AR_BLOCK_TEXT,    /* a paragraph */
    AR_BLOCK_ITEM,    /* of a list; the next one too if it follows */
    AR_BLOCK_TABLE,   /* the heads of its columns; rows follow */
    AR_BLOCK_ROW,
};

/* A figure that the text of a block says, for programs. */
typedef struct ar_figure {
    const char *name;
    ar_value value;
} ar_figure;

typedef struct ar_block {
    enum ar_block_sort sort;
    int level;           /* of a section: 1 to 3 */
    ar_str text;         /* of a section its title; plain: nothing in it is markup */
    const ar_str *cells; /* of a table or row */
    size_t n_cells;
    size_t source; /* its number, from 1; 0: none */
    ar_figure *figures;
    size_t n_figures, cap_figures;
} ar_block;

/* How somebody sees the same for themselves. */
typedef struct ar_origin {
    ar_str snapshot, command;
} ar_origin;

typedef struct ar_document {
    ar_arena *arena; /* holds whatever is put in */
    const char *schema;
    ar_str title, subtitle;
    ar_block *blocks;
    size_t n, cap;
    ar_origin *origins;
    size_t n_origins, cap_origins;
} ar_document;

/* The number of this source, which is new or was named before. */
size_t ar_doc_source(ar_document *doc, ar_str snapshot, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void ar_doc_section(ar_document *doc, int level, ar_str title);
void ar_doc_text(ar_document *doc, size_t source, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ar_doc_item(ar_document *doc, size_t source, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The cells are copied. */
void ar_doc_table(ar_document *doc, const ar_str *heads, size_t n);
void ar_doc_row(ar_document *doc, size_t source, const ar_str *cells, size_t n);
/* Of the last block; `name` must outlive the document. */
void ar_doc_figure(ar_document *doc, const char *name, ar_value value);

void ar_doc_markdown(const ar_document *doc, ar_buf *out);
/* One page that needs nothing else: no script, nothing fetched; readable on paper and in the dark.
 */
void ar_doc_html(const ar_document *doc, ar_buf *out);
/* {schema, title, subtitle, sections: [{level, title, blocks: [{sort, text | cells | heads, source,
 * figures}]}], sources: [{source, snapshot, command}]} */
void ar_doc_json(const ar_document *doc, ar_buf *out);
