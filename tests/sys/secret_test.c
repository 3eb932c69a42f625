#include "sys/file.h"
#include "sys/secret.h"
#include "t.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(a_secret_is_one_line_of_a_file_that_nobody_else_reads)
{
    static const struct {
        const char *text;
        unsigned mode;
        enum ar_code code;
        const char *says;
    } rows[] = {
        { "s3cret", 0600, AR_OK, "s3cret" },
        { "s3cret\r\n", 0400, AR_OK, "s3cret" },
        { "with blanks in it\n", 0600, AR_OK, "with blanks in it" },
        { "s3cret", 0640, AR_DENIED, "is open to others (mode 0640; `chmod 600" },
        { "s3cret", 0604, AR_DENIED, "is open to others" },
        { "", 0600, AR_INVALID, "is empty" },
        { "\n", 0600, AR_INVALID, "is empty" },
        { "a\nb\n", 0600, AR_INVALID, "more than one line" },
        { "a\tb", 0600, AR_INVALID, "more than one line" },
    };
    char dir[] = "/tmp/aright-secret-XXXXXX";
    ar_auto(ar_arena) arena = { 0 };

    T_TRUE(mkdtemp(dir) != NULL);
    const char *path = ar_path_join(&arena, dir, "secret");
    for (size_t i = 0; i < AR_COUNT(rows); i++) {
        ar_auto(ar_secret) secret = { 0 };

        T_OK(ar_file_write(path, ar_str_of(rows[i].text), 0600));
        T_INT(chmod(path, rows[i].mode), 0);
        ar_err err = ar_secret_read(path, false, &secret);
        T_INT(err.code, rows[i].code);
        if (err.code == AR_OK)
            T_STR(ar_secret_str(&secret), rows[i].says);
        else
            T_TRUE(ar_str_contains(ar_err_text(err), ar_str_of(rows[i].says)));
    }
    ar_auto(ar_secret) none = { 0 };
    T_FAILS(ar_secret_read(dir, false, &none), AR_INVALID, "is no regular file");
    T_FAILS(ar_secret_read(ar_path_join(&arena, dir, "none"), false, &none), AR_NOT_FOUND,
            "is not there");
    T_OK(ar_file_write(path, AR_LIT("s3cret"), 0600));
    T_INT(chmod(path, 0440), 0);
    T_OK(ar_secret_read(path, true, &none));
    T_STR(ar_secret_str(&none), "s3cret");
    T_INT(chmod(path, 0444), 0);
    T_FAILS(ar_secret_read(path, true, &none), AR_DENIED, "is open to others");
    T_OK(ar_dir_remove(dir));
}
