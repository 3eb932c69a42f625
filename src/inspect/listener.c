#include "inspect/host.h"
#include "inspect/words.h"

#include <arpa/inet.h>

enum {
    SOCKETS_MAX = 1 << 16,
    NET_FILE_MAX = 64 << 20,
};

/* Whose sockets are listed is up to the network namespace: that of process 1 is the host's. */
static ar_err read_net(ar_host *host, const char *name, ar_look_file *out_file)
{
    ar_err err = ar_look_read(&host->look, ar_path_join(host->arena, "/proc/1/net", name),
                              NET_FILE_MAX, host->arena, out_file);

    if (err.code == AR_OK) return err;
    return ar_look_read(&host->look, ar_path_join(host->arena, "/proc/net", name), NET_FILE_MAX,
                        host->arena, out_file);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static bool hex_bytes(ar_str hex, unsigned char *out, size_t n)
{
    if (hex.len != 2 * n) return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(hex.ptr[2 * i]), low = hex_digit(hex.ptr[2 * i + 1]);

        if (high < 0 || low < 0) return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

bool ar_listener_line(ar_str line, bool tcp, ar_listener *out_listener)
{
    unsigned char raw[16], port[2];
    ar_listener l = { 0 };

    (void)ar_word(&line); /* its number */
    ar_str local = ar_word(&line), remote = ar_word(&line), state = ar_word(&line);
    ar_str address = ar_before(local, ':');
    size_t len = address.len / 2;

    if (len != 4 && len != 16) return false;
    if (!hex_bytes(address, raw, len) || address.len + 1 > local.len) return false;
    if (!hex_bytes(ar_str_cut(local, address.len + 1, local.len), port, 2)) return false;
    /* listening, or, without connections, unconnected */
    if (!ar_str_eq(state, tcp ? AR_LIT("0A") : AR_LIT("07"))) return false;
    if (!ar_str_ends(remote, AR_LIT(":0000"))) return false;
    for (int i = 0; i < 5; i++) (void)ar_word(&line); /* queues, timer, retries, uid, timeout */
    if (!ar_str_int(ar_word(&line), &l.inode)) return false;

    for (size_t i = 0; i < len; i++) /* words of four bytes in the order of the machine */
        l.address[i] =
            raw[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? (i & ~(size_t)3) + 3 - i % 4 : i];
    l.family = len == 4 ? AF_INET : AF_INET6;
    l.port = port[0] << 8 | port[1];
    *out_listener = l;
    return true;
}

bool ar_listener_exposed(const ar_listener *l)
{
    static const unsigned char loopback6[16] = { [15] = 1 };
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

    if (l->family == AF_INET) return l->address[0] != 127;
    if (memcmp(l->address, loopback6, 16) == 0) return false;
    return memcmp(l->address, mapped, 12) != 0 || l->address[12] != 127;
}

typedef struct holder {
    ar_str process;
    ar_value run_as;
} holder;

static holder *read_holder(ar_host *host, ar_str pid)
{
    holder *h = ar_make(host->arena, holder);
    ar_look_file file;
    ar_str line;
    int64_t uid;

    if (ar_look_read(&host->look,
                     ar_arena_printf(host->arena, "/proc/%.*s/status", AR_FMT(pid)).ptr, 65536,
                     host->arena, &file)
            .code != AR_OK)
        return h;
    while (ar_line(&file.text, &line)) {
        ar_str key = ar_word(&line);

        if (ar_str_eq(key, AR_LIT("Name:"))) h->process = ar_str_trim(line);
        if (!ar_str_eq(key, AR_LIT("Uid:"))) continue;
        (void)ar_word(&line); /* real; the effective one says what it may do */
        if (!ar_str_int(ar_word(&line), &uid)) continue;
        const ar_account *a = ar_host_account_by_uid(host, uid);
        h->run_as = a != NULL ? ar_text(a->name)
                              : ar_text(ar_arena_printf(host->arena, "%lld", (long long)uid));
    }
    return h;
}

/* Socket inode -> the process that holds it, the lowest number first (the parent of a family). */
static void map_holders(ar_host *host, ar_map *by_inode, bool *out_all)
{
    ar_str *pids, *fds;
    size_t n, n_fds;

    *out_all = true;
    if (ar_look_list(&host->look, "/proc", false, host->arena, &pids, &n).code != AR_OK) return;
    for (size_t i = 0; i < n; i++) {
        holder *h = NULL;

        if (pids[i].ptr[0] < '1' || pids[i].ptr[0] > '9') continue;
        const char *folder = ar_arena_printf(host->arena, "/proc/%.*s/fd", AR_FMT(pids[i])).ptr;
        ar_err err = ar_look_list(&host->look, folder, false, host->arena, &fds, &n_fds);
        if (err.code == AR_DENIED) *out_all = false;
        for (size_t k = 0; err.code == AR_OK && k < n_fds; k++) {
            ar_str to = ar_look_link(&host->look, ar_path_join(host->arena, folder, fds[k].ptr),
                                     host->arena);
            bool is_new;

            if (!ar_str_starts(to, AR_LIT("socket:["))) continue;
            ar_map_value *v =
                ar_map_put(by_inode, host->arena, ar_str_cut(to, 8, to.len - 1), &is_new);
            if (!is_new) continue;
            if (h == NULL) h = read_holder(host, pids[i]);
            v->ptr = h;
        }
    }
}

static void report_listener(ar_host *host, const char *protocol, const ar_listener *l,
                            const holder *h)
{
    char text[INET6_ADDRSTRLEN] = "";
    ar_str process = h == NULL ? (ar_str){ 0 } : h->process;

    (void)inet_ntop(l->family, l->address, text, sizeof text);
    ar_str at = ar_arena_printf(host->arena, l->family == AF_INET ? "%s/%s:%d" : "%s/[%s]:%d",
                                protocol, text, l->port);
    AR_ROW(host->report, "listener", ar_host_id(host, "%.*s", AR_FMT(at)), { "name", ar_text(at) },
           { "device_id", ar_text(host->id) }, { "protocol", ar_textz(protocol) },
           { "address", ar_text(ar_arena_copy(host->arena, ar_str_of(text))) },
           { "port", ar_int(l->port) }, { "process", ar_text_or_null(process) },
           { "run_as", h == NULL ? ar_null() : h->run_as },
           { "exposed", ar_bool(ar_listener_exposed(l)) });
}

static ar_err look_at(ar_host *host, const char *name, bool tcp, const ar_map *by_inode)
{
    ar_look_file file;
    ar_str line;
    ar_err err = read_net(host, name, &file);
    size_t n = 0;

    if (err.code == AR_NOT_FOUND && strchr(name, '6') != NULL) return ar_ok(); /* IPv6 is off */
    AR_TRY(err);
    while (ar_line(&file.text, &line) && n < SOCKETS_MAX) {
        ar_listener l;

        if (!ar_listener_line(line, tcp, &l)) continue;
        ar_str inode = ar_arena_printf(host->arena, "%lld", (long long)l.inode);
        const ar_map_value *held = ar_map_get(by_inode, inode);
        report_listener(host, tcp ? "tcp" : "udp", &l, held == NULL ? NULL : held->cptr);
        n++;
    }
    return ar_ok();
}

ar_err ar_host_listeners(ar_host *host)
{
    ar_map by_inode = { 0 };
    bool all;

    map_holders(host, &by_inode, &all);
    if (!all)
        ar_report_could_not(host->report, "listener.process",
                            AR_LIT("/proc/*/fd: permission denied"));
    AR_TRY(look_at(host, "tcp", true, &by_inode));
    AR_TRY(look_at(host, "tcp6", true, &by_inode));
    AR_TRY(look_at(host, "udp", false, &by_inode));
    AR_TRY(look_at(host, "udp6", false, &by_inode));
    ar_report_seen(host->report, "listener");
    return ar_ok();
}
