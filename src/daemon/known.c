#include "daemon/known.h"

#include "daemon/journal.h"
#include "sys/file.h"

#include <unistd.h>

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void read_again(ar_known *known)
{
    ar_arena_done(&known->arena);
    known->people = (ar_people){ 0 };

    ar_err err = ar_people_load(known->home, &known->arena, &known->people);

    known->broken = err.code != AR_OK;
    if (known->broken) ar_journal(AR_LEVEL_ERROR, "%.*s", AR_FMT(ar_err_text(err)));
}

static void refresh(ar_known *known)
{
    ar_auto(ar_arena) scratch = { 0 };
    struct stat now = { 0 }; /* stays so where there is no file: then there are no others */

    (void)stat(ar_path_join(&scratch, known->home, "people.yaml"), &now);
    if (is_same(&now, &known->file)) return;
    known->file = now;
    read_again(known);
}

ar_err ar_known_check(ar_known *known, int64_t uid)
{
    const ar_person *who;

    if (uid == (int64_t)geteuid()) return ar_ok();
    refresh(known);
    /* what is wrong with the file is the owner's to know */
    if (known->broken)
        return ar_fail(AR_DENIED,
                       "nobody else is let in while HOME/people.yaml cannot be read; its owner "
                       "finds out why with `aright config check`");
    return ar_people_by_uid(&known->people, uid, &who);
}

void ar_known_done(ar_known *known)
{
    ar_arena_done(&known->arena);
    *known = (ar_known){ 0 };
}
