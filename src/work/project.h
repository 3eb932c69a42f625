/* project: where the items of some owners go: a repository, a project of a tracker, with its
 * settings and its secret (docs/formats.md, "Project"). */
#pragma once

#include "estate/reach.h"
#include "work/tracker.h"

enum { AR_PROJECTS_MAX = 200 };

typedef struct ar_project {
    ar_str name, file;
    ar_str tracker;
    ar_reach reach;
    const ar_node *owners, *domains; /* lists, or NULL; both NULL: what no other serves */
    const ar_node *people;           /* person: who they are there; or NULL */
} ar_project;

typedef struct ar_projects {
    const ar_project *list; /* sorted by name */
    size_t n;
} ar_projects;

ar_err ar_project_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                        ar_project *out_project);
/* HOME/projects. AR_INVALID names file, line and column; also when two serve the same. */
ar_err ar_projects_load(const ar_place *place, ar_arena *arena, ar_projects *out_projects);
/* AR_NOT_FOUND with the nearest name. */
ar_err ar_projects_find(const ar_projects *projects, ar_str name, const ar_project **out_project);

/* Who serves what an owner of a domain has to do: the one that names the owner, or the nearest
 * above; else the one that names the domain; else the one that names nobody; or NULL. `parents`
 * maps an owner to the text (ar_str *) of who is above. */
const ar_project *ar_projects_serve(const ar_projects *projects, const ar_map *parents,
                                    ar_str owner, ar_str domain);
/* Who that person is in the tracker; empty: not said. */
ar_str ar_project_person(const ar_project *project, ar_str person);

/* The settings of the tracker, as the project says them. AR_INVALID names one that is missing, and
 * one that the tracker does not ask for. */
ar_err ar_project_settings(const ar_project *project, const ar_tracker *tracker, ar_arena *arena,
                           ar_setting **out_settings);
