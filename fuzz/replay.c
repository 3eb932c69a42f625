/* replay: runs saved inputs through a fuzz target without a fuzzing engine. An argument that is a
 * folder stands for the files in it. */
#include "base/base.h"
#include "sys/file.h"

#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text;
    ar_err err = ar_file_read(path, 16 << 20, &arena, &text);

    if (err.code != AR_OK) return printf("%s: %.*s\n", path, AR_FMT(ar_err_text(err))), 1;
    return LLVMFuzzerTestOneInput((const uint8_t *)text.ptr, text.len);
}

static int replay_folder(const char *path)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names;
    size_t n;
    ar_err err = ar_dir_list(path, &arena, &names, &n);
    int bad = 0;

    if (err.code != AR_OK) return printf("%s: %.*s\n", path, AR_FMT(ar_err_text(err))), 1;
    for (size_t i = 0; i < n; i++) bad |= replay(ar_path_join(&arena, path, names[i].ptr));
    return bad;
}

int main(int argc, char **argv)
{
    int bad = 0;

    for (int i = 1; i < argc; i++) {
        struct stat st;
        bool folder = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode);

        bad |= folder ? replay_folder(argv[i]) : replay(argv[i]);
    }
    return bad;
}
