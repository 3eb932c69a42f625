#include "fetch/kept.h"

#include "fetch/message.h"
#include "form/json.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_MAX = 16 * AR_MESSAGE_CURSOR_MAX }; /* two of them, six bytes for each in JSON */

static const char record_name[] = "fetched.json", payload_name[] = "payload",
                  link_name[] = "changes.json";

static ar_err read_record(const char *path, ar_arena *arena, ar_node **out_root)
{
    ar_str text;

    AR_TRY(ar_file_read(path, RECORD_MAX, arena, &text));
    return ar_json_parse(ar_str_of(path), text, NULL, arena, out_root);
}

static void add_text(ar_buf *out, const char *key, ar_str text)
{
    ar_buf_addf(out, ",\"%s\":", key);
    ar_json_text(out, text);
}

ar_err ar_kept_read(const char *folder, ar_arena *arena, ar_kept *out_kept)
{
    const char *path = ar_path_join(arena, folder, record_name);
    ar_str file = ar_str_of(path);
    ar_kept k = { 0 };
    ar_node *root;

    AR_TRY(read_record(path, arena, &root));
    AR_TRY(ar_node_bool(file, root, "delta", true, &k.delta));
    AR_TRY(ar_node_bool(file, root, "whole", true, &k.whole));
    AR_TRY(ar_node_int(file, root, "base", true, &k.base));
    AR_TRY(ar_node_int(file, root, "pages", true, &k.pages));
    AR_TRY(ar_node_int(file, root, "bytes", true, &k.bytes));
    AR_TRY(ar_node_int(file, root, "began", true, &k.began));
    AR_TRY(ar_node_int(file, root, "code", true, &k.code));
    AR_TRY(ar_node_text(file, root, "errand", true, &k.errand));
    AR_TRY(ar_node_text(file, root, "cursor", true, &k.cursor));
    AR_TRY(ar_node_text(file, root, "delta_link", true, &k.delta_link));
    AR_TRY(ar_node_text(file, root, "problem", true, &k.problem));
    if (k.code < AR_OK || k.code > AR_IO || k.bytes < 0)
        return ar_fail(AR_INVALID, "%s: no record of a fetch", path);
    *out_kept = k;
    return ar_ok();
}

ar_err ar_kept_write(const char *folder, const ar_kept *k)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text,
                "{\"delta\":%s,\"whole\":%s,\"base\":%lld,\"pages\":%lld,\"bytes\":%lld,"
                "\"began\":%lld,\"code\":%lld",
                k->delta ? "true" : "false", k->whole ? "true" : "false", (long long)k->base,
                (long long)k->pages, (long long)k->bytes, (long long)k->began, (long long)k->code);
    add_text(&text, "errand", k->errand);
    add_text(&text, "cursor", k->cursor);
    add_text(&text, "delta_link", k->delta_link);
    add_text(&text, "problem", k->problem);
    ar_buf_addz(&text, "}\n");
    return ar_file_write(ar_path_join(&arena, folder, record_name), ar_buf_str(&text), 0600);
}

ar_err ar_kept_open(const char *folder, const ar_kept *kept, ar_fd *out_payload)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *path = ar_path_join(&arena, folder, payload_name);
    ar_auto(ar_fd) fd =
        ar_fd_of(open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));

    if (fd.n == 0 || ftruncate(ar_fd_n(fd), kept->bytes) != 0) return ar_fail_errno("%s", path);
    AR_TRY(ar_dir_sync(folder));
    *out_payload = ar_move(fd);
    return ar_ok();
}

ar_err ar_kept_payload(const char *folder, const ar_kept *kept, ar_fd *out_payload)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *path = ar_path_join(&arena, folder, payload_name);
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat st;

    if (fd.n == 0 || fstat(ar_fd_n(fd), &st) != 0) return ar_fail_errno("%s", path);
    if (!S_ISREG(st.st_mode) || st.st_size != kept->bytes)
        return ar_fail(AR_CONFLICT,
                       "%s has %lld bytes, and the record of it says %lld; fetch again", path,
                       (long long)st.st_size, (long long)kept->bytes);
    *out_payload = ar_move(fd);
    return ar_ok();
}

static ar_err remove_file(const char *folder, const char *name)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *path = ar_path_join(&arena, folder, name);

    if (unlink(path) == 0 || errno == ENOENT) return ar_ok();
    return ar_fail_errno("%s", path);
}

ar_err ar_kept_drop(const char *folder)
{
    AR_TRY(remove_file(folder, record_name)); /* first: it must not speak of what is gone */
    return remove_file(folder, payload_name);
}

ar_err ar_kept_link_read(const char *folder, ar_arena *arena, ar_kept_link *out_link)
{
    const char *path = ar_path_join(arena, folder, link_name);
    ar_kept_link link;
    ar_node *root;

    AR_TRY(read_record(path, arena, &root));
    AR_TRY(ar_node_int(ar_str_of(path), root, "base", true, &link.base));
    AR_TRY(ar_node_text(ar_str_of(path), root, "errand", true, &link.errand));
    AR_TRY(ar_node_text(ar_str_of(path), root, "link", true, &link.link));
    *out_link = link;
    return ar_ok();
}

ar_err ar_kept_link_write(const char *folder, const ar_kept_link *link)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };

    if (link->link.len == 0) return remove_file(folder, link_name);
    ar_buf_addf(&text, "{\"base\":%lld", (long long)link->base);
    add_text(&text, "errand", link->errand);
    add_text(&text, "link", link->link);
    ar_buf_addz(&text, "}\n");
    return ar_file_write(ar_path_join(&arena, folder, link_name), ar_buf_str(&text), 0600);
}
