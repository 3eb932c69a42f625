/* place: where this aright lives: its home, its shipped files, its configuration, its own program.
 */
#pragma once

#include "base/base.h"
#include "op/config.h"

typedef struct ar_place {
    const char *home;    /* absolute */
    const char *data;    /* absolute; holds kinds/, standards/, connectors/, … as shipped */
    const char *program; /* absolute; to start children with */
    bool demo;           /* an estate that is made here is of a made-up company, for ever */
    ar_config config;
} ar_place;

/* The home is `home`, else ARIGHT_HOME, else XDG_DATA_HOME/aright, else ~/.local/share/aright; it
 * need not exist. The data folder is ARIGHT_DATA, else found from where the program lies. The
 * configuration is the default one: ar_config_load reads the home's. */
ar_err ar_place_find(const char *home, ar_arena *arena, ar_place *out_place);

/* Every file NAME.yaml of a folder, the home's copy winning over the shipped one, sorted by name.
 */
typedef struct ar_place_file {
    ar_str name;      /* without .yaml */
    const char *path; /* absolute */
    bool shipped;
} ar_place_file;

ar_err ar_place_files(const ar_place *place, const char *folder, ar_arena *arena,
                      ar_place_file **out_files, size_t *out_n);
