#include "govern/pdf.h"

#include "fetch/message.h"
#include "sys/sandbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* From who prints: D, done, or E, a failure: its code (1), its sentence. */

static const char *const programs[] = {
    "/usr/lib/chromium/chromium", /* what the script of that name in Debian starts */
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome-stable",
};

static const char *find_program(void)
{
    for (size_t i = 0; i < AR_COUNT(programs); i++)
        if (access(programs[i], X_OK) == 0) return programs[i];
    return NULL;
}

/* ---- who asks ---- */

ar_err ar_pdf_start(const ar_place *place, ar_str path, ar_pdf *out_pdf)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *const argv[] = { place->program, "--process", "print", ar_arena_cstr(&arena, path),
                                 NULL };
    int ends[2];

    if (find_program() == NULL)
        return ar_fail(AR_UNAVAILABLE, "a PDF is printed by Chromium, and there is none in "
                                       "/usr/bin: `apt install chromium`; or print the page that "
                                       "`--as html` writes with any browser");
    if (pipe2(ends, O_CLOEXEC) != 0) return ar_fail_errno("cannot make a pipe");

    ar_auto(ar_fd) in = ar_fd_of(ends[0]);
    ar_spawn spawn = {
        .argv = argv, .in_fd = in, .keep_stderr = true, .seconds = 2 * AR_PDF_SECONDS
    };

    out_pdf->to = ar_fd_of(ends[1]);
    return ar_child_start(&spawn, &out_pdf->child);
}

ar_err ar_pdf_print(ar_pdf *pdf, ar_str html)
{
    ar_auto(ar_buf) body = { 0 };
    char tag;

    AR_TRY(ar_message_write(ar_fd_n(pdf->to), 'H', html));
    AR_TRY(ar_message_read(ar_fd_n(pdf->child.out), &pdf->child, AR_MESSAGE_SENTENCE_MAX, &tag,
                           &body));
    if (tag == 'D') return ar_ok();
    if (body.len < 1) return ar_fail(AR_UNAVAILABLE, "who prints did not say what went wrong");
    return ar_fail((enum ar_code)body.ptr[0], "%.*s", (int)body.len - 1, body.ptr + 1);
}

/* It ends by itself; who has entered a sandbox since may not be allowed to end it. */
void ar_pdf_done(ar_pdf *pdf)
{
    ar_fd_done(&pdf->to);
    if (pdf->child.pid != 0) (void)ar_child_wait(&pdf->child, "who prints");
    ar_child_done(&pdf->child);
}

/* ---- who prints ---- */

static ar_err make_folder(ar_arena *arena, const char **out_folder)
{
    const char *tmp = getenv("TMPDIR");
    const char *pattern =
        ar_path_join(arena, tmp == NULL || *tmp != '/' ? "/tmp" : tmp, "aright-print-XXXXXX");
    char *path = ar_arena_take(arena, strlen(pattern) + 1);

    memcpy(path, pattern, strlen(pattern) + 1);
    if (mkdtemp(path) == NULL) return ar_fail_errno("%s", path);
    *out_folder = path;
    return ar_ok();
}

static ar_err run_browser(const char *folder, ar_arena *arena)
{
    const char *self;
    ar_str said;
    int status;

    AR_TRY(ar_path_self(arena, &self));

    const char *const argv[] = { self, "--process", "browser", folder, NULL };
    const char *const envp[] = { "PATH=/usr/bin:/bin",
                                 "LANG=C.UTF-8",
                                 ar_arena_printf(arena, "HOME=%s", folder).ptr,
                                 ar_arena_printf(arena, "TMPDIR=%s", folder).ptr,
                                 "DBUS_SESSION_BUS_ADDRESS=disabled:",
                                 NULL };
    ar_spawn spawn = { .argv = argv, .envp = envp, .dir = folder, .no_network = true };

    return ar_run(&spawn, AR_PDF_MAX, AR_PDF_SECONDS, arena, &said, &status);
}

static ar_err print_in(const char *folder, ar_str html, const char *path, ar_arena *arena)
{
    ar_str pdf = { 0 };

    AR_TRY(ar_file_write(ar_path_join(arena, folder, "page.html"), html, 0600));
    AR_TRY_WITH(run_browser(folder, arena), "printing");

    ar_err err = ar_file_read(ar_path_join(arena, folder, "page.pdf"), AR_PDF_MAX, arena, &pdf);

    if (err.code != AR_OK || !ar_str_starts(pdf, AR_LIT("%PDF-")))
        return ar_fail(AR_UNAVAILABLE,
                       "%s did not print the page; print what `--as html` writes with another "
                       "browser",
                       find_program());
    return ar_file_write(path, pdf, 0600);
}

static ar_err print(const char *path, ar_arena *arena)
{
    ar_auto(ar_buf) html = { 0 };
    const char *folder = NULL;
    char tag;

    AR_TRY(ar_message_read(STDIN_FILENO, NULL, AR_PDF_MAX, &tag, &html));
    AR_TRY(make_folder(arena, &folder));

    ar_err err = print_in(folder, ar_buf_str(&html), path, arena);
    ar_err gone = ar_dir_remove(folder);

    return err.code != AR_OK ? err : gone;
}

int ar_print_main(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) answer = { 0 };

    (void)tables;
    if (argc != 1) return ar_code_exit(AR_INVALID);

    ar_err err = print(argv[0], &arena);

    if (err.code != AR_OK) ar_buf_addf(&answer, "%c%.*s", (char)err.code, AR_FMT(ar_err_text(err)));
    err = ar_message_write(STDOUT_FILENO, err.code == AR_OK ? 'D' : 'E', ar_buf_str(&answer));
    return ar_code_exit(err.code);
}

/* ---- Chromium ---- */

/* Its own sandbox wants rights that are given up here, and would be the lesser one: no file but its
 * own and the system's, no socket but of this machine. */
static ar_err enter_sandbox(const char *folder)
{
    static const char *const reads[] = { "/usr",
                                         "/lib",
                                         "/lib64",
                                         "/etc/fonts",
                                         "/etc/chromium",
                                         "/etc/ld.so.cache",
                                         "/etc/passwd",
                                         "/etc/nsswitch.conf",
                                         "/proc",
                                         "/sys",
                                         "/dev",
                                         "/var/cache/fontconfig",
                                         NULL };
    const char *const writes[] = { folder, NULL };
    const ar_sandbox box = {
        .read_paths = reads, .write_paths = writes, .exec = true, .local = true
    };
    ar_sandbox_state state;

    return ar_sandbox_enter(&box, &state);
}

static void become_browser(const char *folder, ar_arena *arena)
{
    const char *const argv[] = { find_program(),
                                 "--headless",
                                 "--no-sandbox",
                                 "--disable-gpu",
                                 "--disable-dev-shm-usage",
                                 "--disable-extensions",
                                 "--disable-background-networking",
                                 "--disable-component-update",
                                 "--disable-sync",
                                 "--disable-breakpad",
                                 "--disable-crash-reporter",
                                 "--no-first-run",
                                 "--no-pdf-header-footer",
                                 "--generate-pdf-document-outline",
                                 "--export-tagged-pdf",
                                 ar_arena_printf(arena, "--user-data-dir=%s/profile", folder).ptr,
                                 ar_arena_printf(arena, "--print-to-pdf=%s/page.pdf", folder).ptr,
                                 ar_arena_printf(arena, "file://%s/page.html", folder).ptr,
                                 NULL };
    char *const *plain;

    memcpy(&plain, &(const char *const *){ argv }, sizeof plain); /* execv is older than const */
    (void)execv(argv[0], plain);
}

int ar_browser_main(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };

    (void)tables;
    if (argc != 1 || find_program() == NULL || enter_sandbox(argv[0]).code != AR_OK)
        return ar_code_exit(AR_INVALID);
    become_browser(argv[0], &arena);
    return ar_code_exit(AR_IO);
}
