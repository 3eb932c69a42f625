#include "work/project.h"

#include "form/yaml.h"
#include "op/definitions.h"

enum { PROJECT_FILE_MAX = 64 * 1024, ABOVE_MAX = 100 };

/* ---- one file ---- */

static ar_err read_names(const ar_node *root, const char *key, ar_project *p, const ar_node **out)
{
    AR_TRY(ar_node_list(p->file, root, key, false, out));
    for (size_t i = 0; *out != NULL && i < (*out)->n; i++)
        if ((*out)->items[i]->kind != AR_NODE_TEXT || (*out)->items[i]->text.len == 0)
            return ar_node_fail(p->file, (*out)->items[i], "%s is no name",
                                ar_node_kind_name((*out)->items[i]->kind));
    return ar_ok();
}

ar_err ar_project_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                        ar_project *out_project)
{
    static const ar_str keys[] = { AR_LIT("project"), AR_LIT("tracker"), AR_LIT("owners"),
                                   AR_LIT("domains"), AR_LIT("people"),  AR_REACH_KEYS };
    ar_project p = { .file = file,
                     .reach = {
                         .file = file, .minutes_max = 10, .request_seconds = 30, .attempts = 4 } };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, root, "project", true, &p.name));
    if (!ar_reach_is_name(p.name) || (name.len > 0 && !ar_str_eq(name, p.name)))
        return ar_node_fail(file, ar_node_get(root, AR_LIT("project")),
                            "'%.*s' is not this project's name (want the file's, of small letters, "
                            "digits, '-', '_' and '.')",
                            AR_FMT(p.name));
    AR_TRY(ar_node_text(file, root, "tracker", true, &p.tracker));
    AR_TRY(read_names(root, "owners", &p, &p.owners));
    AR_TRY(read_names(root, "domains", &p, &p.domains));
    AR_TRY(ar_node_map(file, root, "people", false, &p.people));
    AR_TRY(ar_reach_read(root, arena, &p.reach));
    *out_project = p;
    return ar_ok();
}

ar_str ar_project_person(const ar_project *project, ar_str person)
{
    const ar_node *name = project->people == NULL ? NULL : ar_node_get(project->people, person);

    return name == NULL ? (ar_str){ 0 } : name->text;
}

/* ---- settings ---- */

static ar_str said(const ar_project *project, ar_str name)
{
    for (size_t i = 0; i < project->reach.n_settings; i++)
        if (ar_str_eq(project->reach.settings[i].name, name))
            return project->reach.settings[i].value;
    return (ar_str){ 0 };
}

static ar_err check_asked(const ar_project *project, const ar_tracker *tracker)
{
    bool used[AR_TRACKER_SETTINGS_MAX] = { 0 };
    ar_auto(ar_buf) nobody = { 0 };

    if (project->reach.n_settings > AR_TRACKER_SETTINGS_MAX)
        return ar_fail(AR_LIMIT, "%.*s: more than %d settings", AR_FMT(project->file),
                       AR_TRACKER_SETTINGS_MAX);
    for (size_t i = 0; i < project->reach.n_settings; i++)
        for (size_t j = 0; j < tracker->n_settings; j++)
            used[i] |= ar_str_eq(project->reach.settings[i].name, tracker->settings[j].name);
    ar_buf_addf(&nobody, "tracker %.*s never", AR_FMT(tracker->name));
    return ar_reach_all_used(&project->reach, used, nobody.ptr);
}

ar_err ar_project_settings(const ar_project *project, const ar_tracker *tracker, ar_arena *arena,
                           ar_setting **out_settings)
{
    ar_setting *settings = ar_make_n(arena, ar_setting, tracker->n_settings + 1);

    AR_TRY(check_asked(project, tracker));
    for (size_t i = 0; i < tracker->n_settings; i++) {
        ar_str value = said(project, tracker->settings[i].name);

        settings[i] = tracker->settings[i];
        if (value.len > 0) settings[i].value = value;
        if (settings[i].value.ptr == NULL)
            return ar_fail(AR_INVALID,
                           "%.*s: tracker %.*s asks for '%.*s' (want `with: {%.*s: …}`)",
                           AR_FMT(project->file), AR_FMT(tracker->name), AR_FMT(settings[i].name),
                           AR_FMT(settings[i].name));
    }
    *out_settings = settings;
    return ar_ok();
}

/* ---- all of them ---- */

static bool names(const ar_node *list, ar_str name)
{
    for (size_t i = 0; list != NULL && i < list->n; i++)
        if (ar_str_eq(list->items[i]->text, name)) return true;
    return false;
}

static bool serves_the_rest(const ar_project *p)
{
    return p->owners == NULL && p->domains == NULL;
}

static ar_err check_pair(const ar_project *a, const ar_project *b)
{
    for (size_t i = 0; a->owners != NULL && i < a->owners->n; i++)
        if (names(b->owners, a->owners->items[i]->text))
            return ar_node_fail(a->file, a->owners->items[i], "project %.*s serves %.*s too",
                                AR_FMT(b->name), AR_FMT(a->owners->items[i]->text));
    for (size_t i = 0; a->domains != NULL && i < a->domains->n; i++)
        if (names(b->domains, a->domains->items[i]->text))
            return ar_node_fail(a->file, a->domains->items[i], "project %.*s serves %.*s too",
                                AR_FMT(b->name), AR_FMT(a->domains->items[i]->text));
    if (serves_the_rest(a) && serves_the_rest(b))
        return ar_fail(AR_INVALID,
                       "%.*s: it names neither owners nor domains, so it serves all others, and so "
                       "does project %.*s",
                       AR_FMT(a->file), AR_FMT(b->name));
    return ar_ok();
}

static ar_err read_definition(const ar_place_file *file, ar_str text, const void *with,
                              ar_arena *arena, void *out_one)
{
    (void)with;
    return ar_project_parse(ar_str_of(file->path), file->name, text, arena, out_one);
}

static const ar_definition_type project_type = {
    .folder = "projects",
    .one = "project",
    .file_max = PROJECT_FILE_MAX,
    .size = sizeof(ar_project),
    .name_at = offsetof(ar_project, name),
    .read = read_definition,
};

/* A bad file costs all: an item would go elsewhere than its owner looks. */
ar_err ar_projects_load(const ar_place *place, ar_arena *arena, ar_projects *out_projects)
{
    ar_definitions all;

    AR_TRY(ar_definitions_load(&project_type, place, NULL, arena, &all));
    if (all.n_bad > 0) return ar_fail(AR_INVALID, "%.*s", AR_FMT(all.bad[0].error));
    if (all.n > AR_PROJECTS_MAX)
        return ar_fail(AR_LIMIT, "there are %zu projects, %d are the most", all.n, AR_PROJECTS_MAX);

    ar_projects projects = { all.list, all.n };

    for (size_t i = 0; i < projects.n; i++)
        for (size_t j = 0; j < i; j++) AR_TRY(check_pair(&projects.list[i], &projects.list[j]));
    *out_projects = projects;
    return ar_ok();
}

ar_err ar_projects_find(const ar_projects *projects, ar_str name, const ar_project **out_project)
{
    ar_definitions all = { projects->list, projects->n, NULL, 0 };
    const void *one;

    AR_TRY(ar_definitions_find(&project_type, &all, name, &one));
    *out_project = one;
    return ar_ok();
}

static const ar_project *naming(const ar_projects *projects, ar_str owner)
{
    for (size_t i = 0; i < projects->n; i++)
        if (names(projects->list[i].owners, owner)) return &projects->list[i];
    return NULL;
}

const ar_project *ar_projects_serve(const ar_projects *projects, const ar_map *parents,
                                    ar_str owner, ar_str domain)
{
    for (int i = 0; owner.len > 0 && i < ABOVE_MAX; i++) {
        const ar_project *p = naming(projects, owner);
        const ar_map_value *above = ar_map_get(parents, owner);

        if (p != NULL) return p;
        owner = above == NULL ? (ar_str){ 0 } : *(const ar_str *)above->cptr;
    }
    for (size_t i = 0; domain.len > 0 && i < projects->n; i++)
        if (names(projects->list[i].domains, domain)) return &projects->list[i];
    for (size_t i = 0; i < projects->n; i++)
        if (serves_the_rest(&projects->list[i])) return &projects->list[i];
    return NULL;
}
