/* The files of a home that people write: aright.yaml and people.yaml. */
#include "op/config.h"
#include "op/person.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_config(ar_str text)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_config config;
    uint64_t set;

    if (ar_config_read(AR_LIT("aright.yaml"), text, &arena, &config, &set).code != AR_OK) return;
    for (const ar_config_row *row = ar_config_rows; row->key != NULL; row++) {
        ar_value value = ar_config_value(&config, row);

        assert(row->type != AR_INT || (value.i >= row->min && value.i <= row->max));
    }
    assert(config.backup_folder.len == 0 || config.backup_folder.ptr[0] == '/');
}

static void read_people(ar_str text)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_people people;

    if (ar_people_read(AR_LIT("people.yaml"), text, &arena, &people).code != AR_OK) return;
    assert(people.n <= AR_PEOPLE_MAX);
    for (size_t i = 0; i < people.n; i++) {
        const ar_person *who = &people.list[i], *found = NULL;

        assert(ar_str_starts(who->name, AR_LIT("person:")));
        for (size_t k = 0; k < who->n_grants; k++) assert(who->grants[k].len >= 3);
        if (who->uid < 0) continue;
        assert(ar_people_by_uid(&people, who->uid, &found).code == AR_OK && found == who);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_str text = { size == 0 ? "" : (const char *)data, size };

    read_config(text);
    read_people(text);
    return 0;
}
