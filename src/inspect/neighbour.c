#include "inspect/host.h"
#include "inspect/words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NEIGHBOURS_MAX = 100000 };

/* Bridges to this host's own guests: what stands behind them is this machine, not its network. */
static bool is_guest_side(ar_str interface)
{
    static const char *const prefixes[] = { "docker", "br-", "veth", "virbr", "vnet",
                                            "lxc",    "cni", "lxd",  "cali",  "flannel" };

    for (size_t i = 0; i < AR_COUNT(prefixes); i++)
        if (ar_str_starts(interface, ar_str_of(prefixes[i]))) return true;
    return false;
}

/* A hardware address given by its maker names one box wherever it is seen; one that was made up
 * (second bit set) means something only beside this host. */
static ar_str id_of(const ar_host *host, ar_str mac)
{
    bool made_up = strchr("2367abefABEF", mac.ptr[1]) != NULL;

    return made_up ? ar_host_id(host, "%.*s", AR_FMT(mac)) : mac;
}

static void report_neighbour(ar_host *host, ar_str address, ar_str mac, ar_str interface)
{
    if (mac.len != 17 || ar_str_eq(mac, AR_LIT("00:00:00:00:00:00")) || is_guest_side(interface))
        return;
    AR_ROW(host->report, "netdev", id_of(host, mac), { "name", ar_text(address) },
           { "address", ar_text(address) }, { "mac", ar_text(mac) },
           { "interface", ar_text(interface) }, { "discovered", ar_bool(true) },
           { "inventoried", ar_bool(false) });
}

/* address, type, flags, hardware address, mask, device */
static ar_err look_at_arp(ar_host *host)
{
    ar_look_file file;
    ar_str line;
    ar_err err = ar_look_read(&host->look, "/proc/1/net/arp", 16 << 20, host->arena, &file);

    if (err.code != AR_OK)
        err = ar_look_read(&host->look, "/proc/net/arp", 16 << 20, host->arena, &file);
    AR_TRY(err);
    for (int n = 0; n < NEIGHBOURS_MAX && ar_line(&file.text, &line); n++) {
        ar_str address = ar_word(&line), type = ar_word(&line), flags = ar_word(&line);
        ar_str mac = ar_word(&line);

        (void)ar_word(&line);
        if (ar_str_eq(type, AR_LIT("0x1")) && !ar_str_eq(flags, AR_LIT("0x0")))
            report_neighbour(host, address, mac, ar_word(&line));
    }
    return ar_ok();
}

/* The netlink macros hand out pointers to change through, so nothing is const here. */
static void read_neighbour(ar_host *host, struct nlmsghdr *h)
{
    struct ndmsg *nd = NLMSG_DATA(h);
    size_t left = NLMSG_PAYLOAD(h, sizeof *nd);
    char address[INET6_ADDRSTRLEN] = "", interface[IF_NAMESIZE] = "";
    ar_str mac = { 0 };

    if (h->nlmsg_type != RTM_NEWNEIGH || h->nlmsg_len < NLMSG_LENGTH(sizeof *nd)) return;
    if ((nd->ndm_state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)) == 0)
        return;
    for (struct rtattr *a = (struct rtattr *)(void *)(nd + 1); RTA_OK(a, left);
         a = RTA_NEXT(a, left)) {
        const unsigned char *data = RTA_DATA(a);

        if (a->rta_type == NDA_DST && RTA_PAYLOAD(a) == 16)
            (void)inet_ntop(AF_INET6, data, address, sizeof address);
        if (a->rta_type == NDA_LLADDR && RTA_PAYLOAD(a) == 6)
            mac = ar_arena_printf(host->arena, "%02x:%02x:%02x:%02x:%02x:%02x", data[0], data[1],
                                  data[2], data[3], data[4], data[5]);
    }
    if (mac.len == 0 || address[0] == '\0' || ar_str_starts(mac, AR_LIT("33:33"))) return;
    (void)if_indextoname((unsigned)nd->ndm_ifindex, interface);
    report_neighbour(host, ar_arena_copy(host->arena, ar_str_of(address)), mac,
                     ar_arena_copy(host->arena, ar_str_of(interface)));
}

/* rtnetlink(7): there is no file that lists the neighbours of IPv6. */
static ar_err look_at_ipv6(ar_host *host)
{
    ar_auto(ar_fd) fd = ar_fd_of(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    struct {
        struct nlmsghdr h;
        struct ndmsg nd;
    } ask = { .h = { .nlmsg_len = sizeof ask,
                     .nlmsg_type = RTM_GETNEIGH,
                     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
              .nd = { .ndm_family = AF_INET6 } };
    struct timeval patience = { .tv_sec = 2 };
    _Alignas(struct nlmsghdr) char reply[32768];

    if (ar_fd_n(fd) < 0) return ar_fail_errno("netlink");
    (void)setsockopt(ar_fd_n(fd), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (send(ar_fd_n(fd), &ask, sizeof ask, 0) < 0) return ar_fail_errno("netlink");
    for (int n = 0; n < NEIGHBOURS_MAX;) {
        ssize_t len = recv(ar_fd_n(fd), reply, sizeof reply, 0);

        if (len <= 0) return ar_fail_errno("netlink");
        for (struct nlmsghdr *h = (void *)reply; NLMSG_OK(h, (size_t)len);
             h = NLMSG_NEXT(h, len), n++) {
            if (h->nlmsg_type == NLMSG_DONE) return ar_ok();
            if (h->nlmsg_type == NLMSG_ERROR) return ar_fail(AR_IO, "netlink: refused");
            read_neighbour(host, h);
        }
    }
    return ar_ok();
}

ar_err ar_host_neighbours(ar_host *host)
{
    AR_TRY(look_at_arp(host));
    if (host->look.live) {
        ar_err err = look_at_ipv6(host);

        if (err.code != AR_OK) ar_report_unread(host->report, "netdev", ar_err_text(err));
    }
    ar_report_seen(host->report, "netdev");
    return ar_ok();
}
