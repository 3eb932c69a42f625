/* company: what the made company has, as tables: its kinds, what their rows look like when they are
 * right, in which variants they come, what can be wrong with one, and which systems show them.
 *
 * A row is right under every standard until one fault is put into it. What the fault does is
 * written beside it by hand; nothing here asks the program that is tested.
 *
 * Facts are written "column=spec", parted by blanks. A spec is one word:
 *   null  true  false  42        as they are
 *   'text                        that text, of which # becomes the number of the row
 *   a|b|c                        one of them
 *   3..9                         a whole number between
 *   -3d  +2h  -30d..-1d          a time, from now
 *   %1h..20h                     a time, from the birth of the row
 *   @device                      the id of a row of that kind
 *   ^                            16 hexadecimal digits, the same in every column of one row
 *   ?owner  ?asset  ?asset_kind  whose it is; of a log source, what it tells of */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct toy_variant {
    const char *name;
    int share;         /* of 100 of its kind */
    const char *facts; /* over those of the kind */
    const char *scope; /* what judges it beside what judges the whole kind; "!" before it: nothing
                        * else does, as of what was removed */
} toy_variant;

typedef struct toy_fault {
    const char *variant; /* that can have it; NULL: each but those with "!" */
    const char *facts;   /* over those of the row */
    const char
        *effect; /* "TN-4:fail PE-3:fail"; "@MD-1:fail" is of the asset that a log tells of */
    const char *absent; /* the source that does not show it; NULL: none */
} toy_fault;

enum toy_form {
    TOY_LINES,  /* NDJSON whose fields are named like the columns */
    TOY_TABLE,  /* CSV, likewise */
    TOY_EXPORT, /* CSV as people export it: titles, Yes and No, N/A, milliseconds; a connector */
    TOY_PAGE,   /* one JSON document with the rows under `value`, names in camelCase; a connector */
};

typedef struct toy_source {
    const char *name;
    enum toy_form form;
    const char *columns; /* that it shows beside the id; NULL: all */
    const char *names;   /* what begins its own ids of them; NULL: it knows those of the kind */
    const char *differs; /* the column in which it disagrees about one of a hundred */
} toy_source;

enum { TOY_VARIANTS = 6, TOY_FAULTS = 32, TOY_SOURCES = 2 };

typedef struct toy_kind {
    const char *name;
    const char *prefix; /* of its ids */
    int weight;         /* share of all rows; 0: as many as there is infrastructure */
    int least;          /* rows, however small the company is */
    int faulty;         /* of 1,000 rows with a fault on the first day */
    bool infrastructure;
    bool part;               /* no asset of its own: it has no owner and nothing judges it */
    const char *facts;       /* after toy_common, unless it is a part */
    const char *scope;       /* what judges it beside toy_scope */
    const char *needs_owner; /* of its scope, what fails without an owner */
    const char *needs_entry; /* and what fails when it was registered days after its birth */
    const char *alone;       /* facts of one that nobody owns: nothing leads to another owner */
    toy_variant variants[TOY_VARIANTS];
    toy_fault faults[TOY_FAULTS];
    toy_source sources[TOY_SOURCES];
} toy_kind;

extern const char toy_common[]; /* facts of every asset */
extern const char toy_scope[];  /* what judges every asset */
extern const toy_kind toy_kinds[];
extern const size_t toy_n_kinds;
