#include "form/json.h"
#include "inspect/debian.h"
#include "inspect/host.h"
#include "inspect/words.h"
#include "sys/proc.h"

#include <stdlib.h>
#include <sys/utsname.h>

enum { STACK_MAX = 8 }; /* block devices upon each other: LVM on LUKS on RAID */

static ar_str line_of(const ar_host *host, const char *path)
{
    ar_look_file file;
    ar_str line;

    if (ar_look_read(&host->look, path, 4096, host->arena, &file).code != AR_OK)
        return (ar_str){ 0 };
    return ar_line(&file.text, &line) ? ar_str_trim(line) : (ar_str){ 0 };
}

/* os-release(5): KEY=value, value perhaps in quotes. */
static ar_value os_release(ar_str text, ar_str key)
{
    ar_str line;

    while (ar_line(&text, &line)) {
        ar_str name = ar_before(line, '=');

        if (!ar_str_eq(name, key) || name.len == line.len) continue;
        ar_str value = ar_str_trim(ar_str_cut(line, name.len + 1, line.len));
        if (value.len >= 2 && (value.ptr[0] == '"' || value.ptr[0] == '\''))
            value = ar_str_cut(value, 1, value.len - 1);
        return ar_text_or_null(value);
    }
    return ar_null();
}

static ar_value boot_time(const ar_host *host)
{
    ar_look_file file;
    ar_str line;
    int64_t at;

    if (ar_look_read(&host->look, "/proc/stat", AR_LOOK_FILE_MAX, host->arena, &file).code != AR_OK)
        return ar_null();
    while (ar_line(&file.text, &line))
        if (ar_str_eq(ar_word(&line), AR_LIT("btime")) && ar_str_int(ar_word(&line), &at))
            return ar_look_time(at);
    return ar_null();
}

static ar_value architecture(const ar_host *host)
{
    ar_str arch = line_of(host, "/proc/sys/kernel/arch"); /* since Linux 6.1 */
    struct utsname name;

    if (arch.len > 0) return ar_text(arch);
    if (!host->look.live || uname(&name) != 0) return ar_null();
    return ar_text(ar_arena_copy(host->arena, ar_str_of(name.machine)));
}

/* ---- disks ---- */

enum answer { NO, YES, UNSURE };

static ar_value as_value(enum answer a)
{
    return a == UNSURE ? ar_null() : ar_bool(a == YES);
}

/* Both must hold; one sure NO is enough to know. */
static enum answer both(enum answer a, enum answer b)
{
    if (a == NO || b == NO) return NO;
    return a == UNSURE || b == UNSURE ? UNSURE : YES;
}

/* A block device is encrypted when it is a crypt target itself, or all that it lies upon is. */
static enum answer block_encrypted(const ar_host *host, ar_str name, int depth)
{
    const char *at = ar_arena_printf(host->arena, "/sys/class/block/%.*s", AR_FMT(name)).ptr;
    ar_str uuid = line_of(host, ar_path_join(host->arena, at, "dm/uuid"));
    ar_str *below;
    size_t n;
    enum answer all = YES;

    if (ar_str_starts(uuid, AR_LIT("CRYPT-"))) return YES;
    if (depth == STACK_MAX || !ar_look_exists(&host->look, at)) return UNSURE;
    if (ar_look_list(&host->look, ar_path_join(host->arena, at, "slaves"), false, host->arena,
                     &below, &n)
                .code != AR_OK ||
        n == 0)
        return NO;
    for (size_t i = 0; i < n; i++) all = both(all, block_encrypted(host, below[i], depth + 1));
    return all;
}

/* The kernel's name of /dev/mapper/NAME. */
static ar_str mapped_name(const ar_host *host, ar_str name)
{
    ar_str *devices;
    size_t n;

    if (ar_look_list(&host->look, "/sys/class/block", false, host->arena, &devices, &n).code !=
        AR_OK)
        return (ar_str){ 0 };
    for (size_t i = 0; i < n; i++) {
        const char *path =
            ar_arena_printf(host->arena, "/sys/class/block/%.*s/dm/name", AR_FMT(devices[i])).ptr;

        if (ar_str_eq(line_of(host, path), name)) return devices[i];
    }
    return (ar_str){ 0 };
}

static enum answer source_encrypted(const ar_host *host, ar_str source)
{
    ar_str name = ar_last_part(source);

    if (!ar_str_starts(source, AR_LIT("/dev/"))) return UNSURE;
    if (ar_str_starts(source, AR_LIT("/dev/mapper/"))) name = mapped_name(host, name);
    return name.len == 0 ? UNSURE : block_encrypted(host, name, 0);
}

static bool keeps_data(ar_str fstype)
{
    static const char *const kept[] = { "ext2",  "ext3",  "ext4",     "xfs",  "btrfs",
                                        "f2fs",  "jfs",   "reiserfs", "vfat", "ntfs",
                                        "ntfs3", "exfat", "bcachefs", "zfs" };

    for (size_t i = 0; i < AR_COUNT(kept); i++)
        if (ar_str_eq(fstype, ar_str_of(kept[i]))) return true;
    return false;
}

/* All file systems that keep data, and swap. /boot is left out: what starts the machine cannot be
 * encrypted, and secure_boot speaks of it. */
static ar_value disk_encrypted(const ar_host *host)
{
    ar_look_file mounts, swaps;
    enum answer all = YES;
    size_t n = 0;
    ar_str line;

    if (ar_look_read(&host->look, "/proc/mounts", AR_LOOK_FILE_MAX, host->arena, &mounts).code !=
        AR_OK)
        return ar_null();
    while (ar_line(&mounts.text, &line)) {
        ar_str source = ar_word(&line), folder = ar_word(&line);

        if (!keeps_data(ar_word(&line)) || ar_str_starts(folder, AR_LIT("/boot"))) continue;
        all = both(all, source_encrypted(host, source));
        n++;
    }
    if (n > 0 &&
        ar_look_read(&host->look, "/proc/swaps", AR_LOOK_FILE_MAX, host->arena, &swaps).code ==
            AR_OK)
        while (ar_line(&swaps.text, &line)) {
            ar_str source = ar_word(&line);

            if (ar_str_starts(source, AR_LIT("/dev/")) &&
                !ar_str_starts(source, AR_LIT("/dev/zram")))
                all = both(all, source_encrypted(host, source));
        }
    return n == 0 ? ar_null() : as_value(all);
}

/* ---- start, updates, filter, clock ---- */

/* The EFI variable: four bytes of attributes, then the value. Without EFI an x86 machine has no
 * secure boot; others have their own. */
static ar_value secure_boot(const ar_host *host, ar_value arch)
{
    static const char path[] =
        "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    ar_look_file file;
    ar_err err = ar_look_read(&host->look, path, 64, host->arena, &file);

    if (err.code == AR_OK && file.text.len == 5) return ar_bool(file.text.ptr[4] == 1);
    if (err.code == AR_NOT_FOUND && ar_look_exists(&host->look, "/sys/firmware") &&
        !ar_look_exists(&host->look, "/sys/firmware/efi") && arch.type == AR_TEXT &&
        ar_str_eq(arch.s, AR_LIT("x86_64")))
        return ar_bool(false);
    return ar_null();
}

static ar_value auto_update(const ar_host *host)
{
    ar_str *paths;
    size_t n;
    ar_str value = { 0 };
    ar_look_file file;

    if (!ar_look_exists(&host->look, "/var/lib/dpkg/status")) return ar_null();
    if (!ar_look_exists(&host->look, "/usr/bin/unattended-upgrade")) return ar_bool(false);
    if (ar_look_glob(&host->look, AR_LIT("/etc/apt/apt.conf.d/*"), host->arena, &paths, &n).code !=
        AR_OK)
        return ar_null();
    for (size_t i = 0; i <= n; i++) { /* apt.conf itself comes last (apt.conf(5)) */
        const char *path = i < n ? paths[i].ptr : "/etc/apt/apt.conf";

        if (ar_look_read(&host->look, path, AR_LOOK_FILE_MAX, host->arena, &file).code == AR_OK)
            ar_apt_conf_get(file.text, AR_LIT("APT::Periodic::Unattended-Upgrade"), &value);
    }
    return ar_bool(value.len > 0 && !ar_str_eq(value, AR_LIT("0")));
}

/* Whether a rule refuses whatever reaches it: it has no condition before its verdict. */
static bool refuses_all(const ar_node *rule)
{
    const ar_node *expr = ar_node_get(rule, AR_LIT("expr"));

    for (size_t i = 0; expr != NULL && i < expr->n; i++) {
        if (ar_node_get(expr->items[i], AR_LIT("drop")) != NULL ||
            ar_node_get(expr->items[i], AR_LIT("reject")) != NULL)
            return true;
        if (ar_node_get(expr->items[i], AR_LIT("counter")) == NULL &&
            ar_node_get(expr->items[i], AR_LIT("log")) == NULL &&
            ar_node_get(expr->items[i], AR_LIT("limit")) == NULL)
            return false;
    }
    return false;
}

static bool same_chain(const ar_node *chain, const ar_node *rule)
{
    static const ar_str keys[] = { AR_LIT("family"), AR_LIT("table") };
    const ar_node *name = ar_node_get(chain, AR_LIT("name"));
    const ar_node *of = ar_node_get(rule, AR_LIT("chain"));

    if (name == NULL || of == NULL || !ar_str_eq(name->text, of->text)) return false;
    for (size_t i = 0; i < AR_COUNT(keys); i++) {
        const ar_node *a = ar_node_get(chain, keys[i]), *b = ar_node_get(rule, keys[i]);

        if (a == NULL || b == NULL || !ar_str_eq(a->text, b->text)) return false;
    }
    return true;
}

static bool says(const ar_node *map, ar_str key, ar_str text)
{
    const ar_node *value = ar_node_get(map, key);

    return value != NULL && ar_str_eq(value->text, text);
}

bool ar_nft_refuses(const ar_node *root)
{
    const ar_node *list = ar_node_get(root, AR_LIT("nftables"));

    for (size_t i = 0; list != NULL && i < list->n; i++) {
        const ar_node *chain = ar_node_get(list->items[i], AR_LIT("chain"));

        if (chain == NULL || !says(chain, AR_LIT("hook"), AR_LIT("input")) ||
            !says(chain, AR_LIT("type"), AR_LIT("filter")))
            continue;
        if (says(chain, AR_LIT("policy"), AR_LIT("drop"))) return true;
        for (size_t k = 0; k < list->n; k++) {
            const ar_node *rule = ar_node_get(list->items[k], AR_LIT("rule"));

            if (rule != NULL && same_chain(chain, rule) && refuses_all(rule)) return true;
        }
    }
    return false;
}

/* Asked of nft, which knows the rules of iptables too since Debian 10. */
static ar_value firewall_active(ar_host *host)
{
    static const char *const argv[] = { "nft", "-j", "list", "ruleset", NULL };
    ar_spawn spawn = { .argv = argv };
    ar_str text;
    int status;
    ar_node *root;

    if (!host->look.live || !ar_look_exists(&host->look, "/usr/sbin/nft")) return ar_null();
    ar_err err = ar_run(&spawn, 16 << 20, 10, host->arena, &text, &status);
    if (err.code == AR_OK && status != 0)
        err = ar_fail(AR_DENIED, "nft -j list ruleset: exit status %d", status);
    if (err.code == AR_OK) err = ar_json_parse(AR_LIT("nft"), text, NULL, host->arena, &root);
    if (err.code == AR_OK) return ar_bool(ar_nft_refuses(root));
    ar_report_could_not(host->report, "device.firewall_active", ar_err_text(err));
    return ar_null();
}

static bool runs(const ar_host *host, const char *const *names, size_t n_names)
{
    ar_str *entries;
    size_t n;

    if (ar_look_list(&host->look, "/proc", false, host->arena, &entries, &n).code != AR_OK)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (entries[i].ptr[0] < '1' || entries[i].ptr[0] > '9') continue;
        ar_str comm =
            line_of(host, ar_arena_printf(host->arena, "/proc/%.*s/comm", AR_FMT(entries[i])).ptr);

        for (size_t k = 0; k < n_names; k++)
            if (ar_str_eq(comm, ar_str_of(names[k]))) return true;
    }
    return false;
}

/* systemd-timesyncd leaves a mark when it has the time; other programs are believed to be there,
 * not to have it. A machine without any has an unsynchronised clock. */
static ar_value time_sync(const ar_host *host)
{
    static const char *const others[] = { "chronyd", "ntpd", "openntpd", "ptp4l" };
    static const char *const own[] = { "systemd-timesyn" }; /* 15 bytes is all that comm keeps */

    if (runs(host, own, AR_COUNT(own)))
        return ar_bool(ar_look_exists(&host->look, "/run/systemd/timesync/synchronized"));
    if (runs(host, others, AR_COUNT(others)) || !ar_look_exists(&host->look, "/proc/1"))
        return ar_null();
    return ar_bool(false);
}

/* The mark that Debian's tools leave, or a kernel in /boot that is newer than the running one. */
static ar_value reboot_required(const ar_host *host, ar_str kernel)
{
    ar_str *paths;
    size_t n;
    bool running = false, newer = false;

    if (ar_look_exists(&host->look, "/run/reboot-required")) return ar_bool(true);
    if (ar_look_glob(&host->look, AR_LIT("/boot/vmlinuz-*"), host->arena, &paths, &n).code != AR_OK)
        return ar_null();
    for (size_t i = 0; i < n; i++) {
        ar_str version = ar_str_cut(paths[i], strlen("/boot/vmlinuz-"), paths[i].len);

        running |= ar_str_eq(version, kernel);
        newer |= ar_deb_compare(version, kernel) > 0;
    }
    return running ? ar_bool(newer) : ar_null();
}

ar_err ar_host_device(ar_host *host)
{
    ar_look_file os = { 0 };
    ar_str kernel = line_of(host, "/proc/sys/kernel/osrelease");
    ar_str hostname = line_of(host, "/proc/sys/kernel/hostname");
    ar_value arch = architecture(host);
    ar_err err = ar_look_read(&host->look, "/etc/os-release", AR_LOOK_FILE_MAX, host->arena, &os);

    if (err.code == AR_NOT_FOUND)
        err = ar_look_read(&host->look, "/usr/lib/os-release", AR_LOOK_FILE_MAX, host->arena, &os);
    if (err.code != AR_OK) ar_report_could_not(host->report, "device.os", ar_err_text(err));
    if (hostname.len == 0) hostname = line_of(host, "/etc/hostname");
    AR_ROW(host->report, "device", host->id, { "name", ar_text(host->id) },
           { "hostname", ar_text_or_null(hostname) }, { "os", os_release(os.text, AR_LIT("ID")) },
           { "os_version", os_release(os.text, AR_LIT("VERSION_ID")) },
           { "kernel", ar_text_or_null(kernel) }, { "arch", arch },
           { "machine_id", ar_text_or_null(line_of(host, "/etc/machine-id")) },
           { "boot_at", boot_time(host) }, { "disk_encrypted", disk_encrypted(host) },
           { "secure_boot", secure_boot(host, arch) }, { "auto_update", auto_update(host) },
           { "firewall_active", firewall_active(host) }, { "time_sync", time_sync(host) },
           { "reboot_required", reboot_required(host, kernel) },
           { "checked_in_at", ar_at(host->look.now) });
    ar_report_seen(host->report, "device");
    return ar_ok();
}
