/* person: who asks, and what they may do. */
#pragma once

#include "base/base.h"

enum { AR_PEOPLE_MAX = 10000 };

/* A grant is "area.verb" ("estate.read"); held as such, as "estate.*", or as "all". */
typedef struct ar_person {
    ar_str name; /* "person:sam" */
    int64_t uid; /* -1: none */
    const ar_str *grants;
    size_t n_grants;
} ar_person;

bool ar_person_may(const ar_person *person, ar_str grant);

typedef struct ar_people {
    const ar_person *list;
    size_t n;
} ar_people;

/* HOME/people.yaml. Without the file the owner of the home folder holds all grants.
 *   people:
 *     - {person: "person:sam", uid: 1000, grants: [estate.read, "standard.*"]}
 * AR_INVALID names file, line and column. */
ar_err ar_people_load(const char *home, ar_arena *arena, ar_people *out_people);
/* The text of such a file; `file` is its name in errors. */
ar_err ar_people_read(ar_str file, ar_str text, ar_arena *arena, ar_people *out_people);
/* How many of them come as another user than the home's owner. Root needs no letting in. */
size_t ar_people_others(const ar_people *people, int64_t owner);
/* AR_DENIED, naming what was asked for and the file, when nobody is it. */
ar_err ar_people_by_name(const ar_people *people, ar_str name, const ar_person **out_person);
ar_err ar_people_by_uid(const ar_people *people, int64_t uid, const ar_person **out_person);
/* How an event names who asked: the person, or "uid:4711". */
ar_str ar_people_name(const ar_people *people, int64_t uid, ar_arena *arena);
