/* survey: which fields of a payload no column takes, as far as its first items tell. */
#pragma once

#include "estate/mapping.h"

typedef struct ar_survey {
    bool full; /* look into maps and keep many names, a line each, not just the first few */
    ar_arena arena;
    ar_map spoken_of; /* fields of an item that a mapping takes */
    int64_t items;    /* looked at */
    ar_map names;
    ar_buf text; /* the names */
} ar_survey;

/* What the mapping takes is no leftover. */
void ar_survey_speak_of(ar_survey *survey, const ar_mapping *mapping);
/* A field that no column takes. */
void ar_survey_ignore(ar_survey *survey, ar_str name);
/* Fields of the item that no mapping speaks of; of a map in it those inside. */
void ar_survey_look(ar_survey *survey, const ar_node *item);
void ar_survey_done(ar_survey *survey);
