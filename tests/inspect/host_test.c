#include "inspect/host.h"

#include "tree.h"

/* The key pairs were made for this test and open nothing. */
#define KEY_ED "AAAAC3NzaC1lZDI1NTE5AAAAIE3mnNKe3o4kFPs6s0X7xhQzxvtvqNyFEHd1gYpAqKpC"

static void make_people(tree *t)
{
    tree_file(t, "/etc/hostname", "mill\n");
    tree_file(t, "/etc/passwd",
              "root:x:0:0:root:/root:/bin/bash\n"
              "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
              "toor:x:0:0::/root:/bin/sh\n"
              "ada:x:1000:1000:Ada,,,:/people/ada:/bin/bash\n"
              "bob:x:1001:1001::/people/bob:/bin/zsh\n"
              "eve:x:1002:1002::/people/eve:/bin/bash\n"
              "backup2:x:1003:1003::/srv/b:/usr/sbin/nologin\n"
              "+nis:x:9:9:::\n"
              "broken line\n");
    tree_file(t, "/etc/group",
              "root:x:0:\nsudo:x:27:ada\ndocker:x:998:bob\nadm:x:4:eve\nada:x:1000:\n");
    tree_file(t, "/etc/shadow",
              "root:*:19000:0:99999:7:::\n"
              "ada:$y$j9T$saltsaltsalt$hashhashhash:20000:0:99999:7:::\n"
              "bob:!$6$salt$hash:20000:0:99999:7:::\n"
              "eve::20000:0:99999:7:::\n"
              "toor:$1$x$y:20000:0:99999:7::20000:\n");
}

TEST(an_account_tells_the_state_of_its_password_and_never_the_hash)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_look_host(&t, t.root);
    T_FACT(&t, "account", "mill/ada", "password_state", "set");
    T_FACT(&t, "account", "mill/bob", "password_state", "locked");
    T_FACT(&t, "account", "mill/eve", "password_state", "empty");
    T_FACT(&t, "account", "mill/root", "password_state", "none");
    T_FACT(&t, "account", "mill/toor", "password_state", "expired");
    T_FACT(&t, "account", "mill/daemon", "password_state", "");
    T_INT(tree_count(&t, "account"), 7);
    for (size_t i = 0; i < t.n; i++) {
        ar_auto(ar_buf) text = { 0 };

        ar_json_node(&text, t.rows[i]);
        T_TRUE(!ar_str_contains(ar_buf_str(&text), AR_LIT("hashhash")));
    }
}

TEST(programs_and_people_are_told_apart_and_who_can_sign_in)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_look_host(&t, t.root);
    T_FACT(&t, "account", "mill/ada", "is_service", "false");
    T_FACT(&t, "account", "mill/root", "is_service", "false");
    T_FACT(&t, "account", "mill/daemon", "is_service", "true");
    T_FACT(&t, "account", "mill/backup2", "is_service", "true");
    T_FACT(&t, "account", "mill/ada", "login_enabled", "true");
    T_FACT(&t, "account", "mill/bob", "login_enabled", "false");
    T_FACT(&t, "account", "mill/eve", "login_enabled", "true");
    T_FACT(&t, "account", "mill/toor", "login_enabled", "false");
    T_FACT(&t, "account", "mill/ada", "weak_method_count", "1");
    T_FACT(&t, "account", "mill/bob", "weak_method_count", "");
}

TEST(a_key_lets_a_locked_account_in)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/people/bob/.ssh/authorized_keys",
              "# mine\nfrom=\"10.0.0.0/8\" ssh-ed25519 " KEY_ED " bob@desk\nnot a key\n");
    tree_look_host(&t, t.root);
    T_FACT(&t, "account", "mill/bob", "login_enabled", "true");
    const ar_node *key = tree_where(&t, "credential", "account_id", "mill/bob");
    T_STR(tree_value(key, "algorithm"), "ed25519");
    T_STR(tree_value(key, "bits"), "256");
    T_STR(tree_value(key, "name"), "bob@desk");
    T_STR(tree_value(key, "restricted"), "true");
    T_STR(tree_value(key, "path"), "/people/bob/.ssh/authorized_keys");
    T_INT(tree_count(&t, "credential"), 1);
}

TEST(a_home_cannot_show_another_ones_keys_or_hold_the_inspector_up)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/people/ada/.ssh/authorized_keys", "ssh-ed25519 " KEY_ED " ada\n");
    tree_link(&t, "/people/bob/.ssh/authorized_keys", "../../ada/.ssh/authorized_keys");
    tree_link(&t, "/people/eve/.ssh", "../ada/.ssh");
    tree_folder(&t, "/srv/b/.ssh");
    T_INT(mkfifo(tree_path(&t, "/srv/b/.ssh/authorized_keys"), 0600), 0);
    tree_look_host(&t, t.root);
    T_INT(tree_count(&t, "credential"), 1);
    T_TRUE(tree_where(&t, "credential", "account_id", "mill/ada") != NULL);
    T_TRUE(tree_partly(&t, "credential"));
    T_TRUE(ar_str_contains(tree_could_not(&t, "credential"), AR_LIT("a link, not followed")));
}

TEST(sudo_rules_become_grants_of_the_people_they_mean)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/etc/sudoers",
              "Defaults env_reset\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n");
    tree_file(&t, "/etc/sudoers.d/ops",
              "eve ALL=(root) NOPASSWD: /usr/bin/systemctl restart x\n"
              "mallory elsewhere=(ALL) ALL\n");
    tree_file(&t, "/etc/sudoers.d/old.dpkg", "bob ALL=(ALL) ALL\n");
    tree_look_host(&t, t.root);
    const ar_node *ada = tree_where(&t, "role_grant", "principal_id", "mill/ada");
    T_STR(tree_value(ada, "scope"), "(ALL:ALL) ALL");
    T_STR(tree_value(ada, "nopasswd"), "false");
    T_STR(tree_value(ada, "source_path"), "/etc/sudoers");
    T_STR(tree_value(ada, "grant_kind"), "standing");
    const ar_node *eve = tree_where(&t, "role_grant", "source_path", "/etc/sudoers.d/ops");
    T_STR(tree_value(eve, "principal_id"), "mill/eve");
    T_STR(tree_value(eve, "nopasswd"), "true");
    T_TRUE(tree_row(&t, "role_grant", "mill/group/docker/bob") != NULL);
    T_FACT(&t, "role_grant", "mill/group/adm/eve", "privileged", "false");
    T_TRUE(tree_row(&t, "role_grant", "mill/uid/root/toor") != NULL);
    T_FACT(&t, "account", "mill/ada", "privileged", "true");
    T_FACT(&t, "account", "mill/bob", "privileged", "true");
    T_FACT(&t, "account", "mill/eve", "privileged", ""); /* one command may lead to more, or not */
    T_FACT(&t, "account", "mill/backup2", "privileged", "false");
}

TEST(what_may_not_be_read_is_said_and_the_rest_of_its_kind_stands)
{
    static const char *const kinds[] = { "setting", "credential", "role_grant", "unit",
                                         "log_source" };
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_bytes(&t, "/etc/sudoers", AR_LIT("ada ALL=(ALL) ALL\n"), 0);
    tree_file(&t, "/people/ada/.ssh/authorized_keys", "ssh-ed25519 " KEY_ED " ada\n");
    tree_bytes(&t, "/people/bob/.ssh/authorized_keys", AR_LIT("ssh-ed25519 " KEY_ED " bob\n"), 0);
    tree_bytes(&t, "/people/eve/.ssh/id_rsa", AR_LIT("-----BEGIN RSA PRIVATE KEY-----\n"), 0);
    tree_file(&t, "/etc/shadow", "ada:!:1:0:99999:7:::\nbob:!:1:0:99999:7:::\n");
    tree_file(&t, "/etc/crontab", "1 2 * * * root /bin/true\n");
    tree_bytes(&t, "/etc/cron.d/secret", AR_LIT("1 2 * * * root /bin/false\n"), 0);
    tree_file(&t, "/var/log/syslog", "Nov 21 11:00:00 mill cron: x\n");
    tree_bytes(&t, "/var/log/journal/0123456789abcdef0123456789abcdef/system.journal",
               AR_LIT("LPKSHHRH"), 0);
    tree_look_as_user(&t);
    for (size_t i = 0; i < AR_COUNT(kinds); i++) {
        T_TRUE(tree_partly(&t, kinds[i]) && !tree_lists(&t, kinds[i]));
        T_TRUE(ar_str_contains(tree_could_not(&t, kinds[i]), AR_LIT("permission denied")));
    }
    T_TRUE(tree_where(&t, "role_grant", "role", "docker") != NULL);
    T_TRUE(tree_where(&t, "credential", "account_id", "mill/ada") != NULL);
    T_TRUE(tree_where(&t, "unit", "command", "/bin/true") != NULL);
    T_TRUE(tree_where(&t, "log_source", "path", "/var/log/syslog") != NULL);
    T_STR(tree_could_not(&t, "credential"), /* the file might hold a private key, too */
          "/people/bob/.ssh/authorized_keys: permission denied, and 2 more");
    T_FACT(&t, "account", "mill/ada", "login_enabled", "true");
    T_FACT(&t, "account", "mill/bob", "login_enabled", ""); /* a key may let him in */
    T_TRUE(tree_lists(&t, "package") == false && !tree_partly(&t, "package"));
}

TEST(the_last_line_counts_the_rows)
{
    ar_auto(tree) t = { 0 };
    size_t n = 0;

    tree_init(&t);
    make_people(&t);
    tree_look_host(&t, t.root);
    for (size_t i = 0; i < t.n; i++) n += ar_node_get(t.rows[i], AR_LIT("kind")) != NULL;
    T_INT(ar_node_get(t.rows[t.n - 1], AR_LIT("rows"))->i, n);
    T_STR(tree_value(t.rows[0], "source"), "host:mill");
}

TEST(a_root_that_is_no_folder_is_refused)
{
    ar_inspect_options options = { .root = "/nonexistent/tree", .now = tree_now };

    T_FAILS(ar_inspect_host(&options, 1), AR_NOT_FOUND, "/nonexistent/tree");
}

TEST(settings_of_sshd_are_those_that_take_effect)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/etc/ssh/sshd_config",
              "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nPermitRootLogin no\n"
              "X11Forwarding yes\nChallengeResponseAuthentication no\n"
              "Match User eve\n  PasswordAuthentication yes\n  X11Forwarding no\n"
              "Match all\n  MaxAuthTries 3\n");
    tree_file(&t, "/etc/ssh/sshd_config.d/10-ours.conf",
              "PasswordAuthentication no\nMatch Group ops\nAllowTcpForwarding no\n");
    tree_file(&t, "/etc/ssh/sshd_config.d/20.conf.off", "UsePAM yes\n");
    tree_look_host(&t, t.root);
    T_FACT(&t, "setting", "mill/sshd/PermitRootLogin", "value", "yes");
    T_FACT(&t, "setting", "mill/sshd/PermitRootLogin", "ok", "false");
    T_FACT(&t, "setting", "mill/sshd/PermitRootLogin", "path", "/etc/ssh/sshd_config");
    T_FACT(&t, "setting", "mill/sshd/PasswordAuthentication", "value", "no");
    T_FACT(&t, "setting", "mill/sshd/PasswordAuthentication", "path",
           "/etc/ssh/sshd_config.d/10-ours.conf");
    T_FACT(&t, "setting", "mill/sshd/PasswordAuthentication for User eve", "value", "yes");
    T_FACT(&t, "setting", "mill/sshd/PasswordAuthentication for User eve", "ok", "false");
    T_FACT(&t, "setting", "mill/sshd/AllowTcpForwarding", "value", "yes");
    T_FACT(&t, "setting", "mill/sshd/AllowTcpForwarding for Group ops", "ok", "true");
    T_FACT(&t, "setting", "mill/sshd/KbdInteractiveAuthentication", "value", "no");
    T_FACT(&t, "setting", "mill/sshd/MaxAuthTries", "value", "3");
    T_FACT(&t, "setting", "mill/sshd/UsePAM", "value", "no");
    T_FACT(&t, "setting", "mill/sshd/UsePAM", "path", "");
    T_FACT(&t, "setting", "mill/sshd/X11Forwarding for User eve", "ok", "true");
}

TEST(a_host_without_sshd_has_no_settings_of_it)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_look_host(&t, t.root);
    T_TRUE(tree_lists(&t, "setting"));
    T_INT(tree_count(&t, "setting"), 0);
}

TEST(an_sshd_config_that_includes_itself_is_not_known)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n");
    tree_look_host(&t, t.root);
    T_TRUE(tree_partly(&t, "setting") && tree_partly(&t, "credential"));
    T_INT(tree_count(&t, "setting"), 0);
    T_TRUE(ar_str_contains(tree_could_not(&t, "setting"), AR_LIT("included files")));
}

TEST(a_private_key_is_told_by_its_head_and_never_shown)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_bytes(&t, "/people/ada/.ssh/id_rsa",
               AR_LIT("-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n-----END"), 0600);
    tree_look_host(&t, t.root);
    const ar_node *key = tree_where(&t, "credential", "path", "/people/ada/.ssh/id_rsa");
    T_STR(tree_value(key, "storage"), "file");
    T_STR(tree_value(key, "kind_"), "ssh_key");
    const ar_node *set = tree_where(&t, "setting", "area", "ssh-key");
    T_STR(tree_value(set, "value"), "in clear");
    T_STR(tree_value(set, "ok"), "false");
    for (size_t i = 0; i < t.n; i++) {
        ar_auto(ar_buf) text = { 0 };

        ar_json_node(&text, t.rows[i]);
        T_TRUE(!ar_str_contains(ar_buf_str(&text), AR_LIT("MIIEsecret")));
    }
}

TEST(a_listener_is_exposed_when_it_answers_beyond_loopback)
{
    ar_auto(tree) t = { 0 };
    const char *head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
                       "   uid  timeout inode\n";

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/proc/net/tcp",
              ar_arena_printf(&t.arena,
                              "%s   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000"
                              " 00000000     0        0 101 1 0 100 0 0 10 0\n"
                              "   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000"
                              " 00000000  1001        0 102 1 0 100 0 0 10 0\n"
                              "   2: 0100007F:1538 0100007F:9999 01 00000000:00000000 00:00000000"
                              " 00000000  1001        0 103 1 0 100 0 0 10 0\n"
                              "   3: broken\n",
                              head)
                  .ptr);
    tree_file(&t, "/proc/net/tcp6",
              ar_arena_printf(&t.arena,
                              "%s   0: 00000000000000000000000001000000:0277 "
                              "00000000000000000000000000000000:0000 0A 00000000:00000000 "
                              "00:00000000 00000000     0        0 104 1 0 100 0 0 10 0\n",
                              head)
                  .ptr);
    tree_file(&t, "/proc/net/udp",
              ar_arena_printf(&t.arena,
                              "%s   0: 0B00000A:0035 00000000:0000 07 00000000:00000000 00:00000000"
                              " 00000000     0        0 105 2 0 0\n",
                              head)
                  .ptr);
    tree_file(&t, "/proc/77/status", "Name:\tdbd\nUid:\t0\t1001\t1001\t1001\n");
    tree_link(&t, "/proc/77/fd/4", "socket:[102]");
    tree_look_host(&t, t.root);
    T_INT(tree_count(&t, "listener"), 4);
    T_FACT(&t, "listener", "mill/tcp/0.0.0.0:22", "exposed", "true");
    T_FACT(&t, "listener", "mill/tcp/0.0.0.0:22", "process", "");
    T_FACT(&t, "listener", "mill/tcp/127.0.0.1:5432", "exposed", "false");
    T_FACT(&t, "listener", "mill/tcp/127.0.0.1:5432", "process", "dbd");
    T_FACT(&t, "listener", "mill/tcp/127.0.0.1:5432", "run_as", "bob");
    T_FACT(&t, "listener", "mill/tcp/[::1]:631", "exposed", "false");
    T_FACT(&t, "listener", "mill/udp/10.0.0.11:53", "port", "53");
}

TEST(a_package_is_compared_with_what_the_archives_offer)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/var/lib/dpkg/status",
              "Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n"
              "Package: held\nStatus: hold ok installed\nArchitecture: all\nVersion: 2\n"
              "Source: held-src\n\n"
              "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 3\n");
    tree_file(&t, "/var/lib/apt/lists/a_dists_x_InRelease",
              "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Made\nLabel: Made\n");
    tree_file(&t, "/var/lib/apt/lists/a_dists_x_main_binary-amd64_Packages",
              "Package: tool\nArchitecture: amd64\nVersion: 1.0-1\n\n"
              "Package: held\nArchitecture: all\nVersion: 2.5\n");
    tree_file(&t, "/var/lib/apt/lists/s_dists_x-security_InRelease",
              "Origin: Made\nLabel: Made-Security\n");
    tree_file(&t, "/var/lib/apt/lists/s_dists_x-security_main_binary-amd64_Packages",
              "Package: tool\nArchitecture: amd64\nVersion: 1.0-1+deb1\n\n");
    tree_look_host(&t, t.root);
    T_INT(tree_count(&t, "package"), 2);
    T_FACT(&t, "package", "mill/tool:amd64", "version", "1.0-1");
    T_FACT(&t, "package", "mill/tool:amd64", "origin", "Made");
    T_FACT(&t, "package", "mill/tool:amd64", "candidate_version", "1.0-1+deb1");
    T_FACT(&t, "package", "mill/tool:amd64", "security_update_pending", "true");
    T_FACT(&t, "package", "mill/held:all", "held", "true");
    T_FACT(&t, "package", "mill/held:all", "candidate_version", "2.5");
    T_FACT(&t, "package", "mill/held:all", "security_update_pending", "false");
    T_FACT(&t, "package", "mill/held:all", "source_package", "held-src");
}

TEST(without_the_archives_lists_updates_are_unknown)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/var/lib/dpkg/status",
              "Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n");
    tree_look_host(&t, t.root);
    T_FACT(&t, "package", "mill/tool:amd64", "security_update_pending", "");
    T_FACT(&t, "package", "mill/tool:amd64", "candidate_version", "");
}

TEST(a_machine_without_dpkg_has_unknown_packages)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_look_host(&t, t.root);
    T_TRUE(!tree_lists(&t, "package"));
    T_TRUE(tree_could_not(&t, "package").len > 0);
}

TEST(a_log_is_kept_as_long_as_it_is_rotated)
{
    ar_auto(tree) t = { 0 };
    unsigned char journal[208] = "LPKSHHRH";
    uint64_t first = (uint64_t)(tree_now - 40 * AR_DAY), last = (uint64_t)(tree_now - AR_HOUR);
    struct timespec old[2] = { { .tv_sec = tree_now / AR_SECOND - 3 * 86400 },
                               { .tv_sec = tree_now / AR_SECOND - 3 * 86400 } };

    memcpy(journal + 184, &first, 8);
    memcpy(journal + 192, &last, 8);
    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/etc/logrotate.conf", "weekly\nrotate 4\ninclude /etc/logrotate.d\n");
    tree_file(&t, "/etc/logrotate.d/rsyslog",
              "/var/log/auth.log\n/var/log/syslog\n{\n rotate 8\n}\n");
    tree_file(&t, "/etc/rsyslog.conf",
              "auth,authpriv.* /var/log/auth.log\n"
              "local7.* -/var/log/ours.log\n*.* @@logs.example.org\n");
    tree_file(&t, "/var/log/auth.log", "2026-11-01T00:00:00+01:00 mill sshd: x\n");
    tree_file(&t, "/var/log/kern.log", "Nov  1 00:00:00 mill kernel: x\nNov  1 00:00");
    tree_file(&t, "/var/log/daemon.log", "Nov  1 00:00:00 mill a: x\nanF 1 00:00:00 mill b: x\n");
    tree_file(&t, "/var/log/ours.log", "");
    T_INT(utimensat(AT_FDCWD, tree_path(&t, "/var/log/auth.log"), old, 0), 0);
    tree_bytes(&t, "/var/log/journal/0123/system.journal", (ar_str){ (char *)journal, 208 }, 0640);
    tree_file(&t, "/etc/systemd/journald.conf", "[Journal]\n#MaxRetentionSec=1day\n");
    tree_file(&t, "/etc/systemd/journald.conf.d/x.conf", "[Journal]\nMaxRetentionSec=2week\n");
    tree_look_host(&t, t.root);
    T_FACT(&t, "log_source", "mill/log/var/log/auth.log", "retention_days", "56");
    T_FACT(&t, "log_source", "mill/log/var/log/auth.log", "silent", "true");
    T_FACT(&t, "log_source", "mill/log/var/log/auth.log", "schema_ok", "true");
    T_FACT(&t, "log_source", "mill/log/var/log/kern.log", "schema_ok", "true");
    T_FACT(&t, "log_source", "mill/log/var/log/daemon.log", "schema_ok", "false");
    T_FACT(&t, "log_source", "mill/log/var/log/journal", "schema_ok", "true");
    T_FACT(&t, "log_source", "mill/log/var/log/auth.log", "forwarded", "true");
    T_FACT(&t, "log_source", "mill/log/var/log/auth.log", "last_event_at", "2026-11-18T12:00:00Z");
    T_FACT(&t, "log_source", "mill/log/var/log/auth.log", "oldest_event_at",
           "2026-10-31T23:00:00Z");
    T_FACT(&t, "log_source", "mill/log/var/log/ours.log", "rotated", "false");
    T_FACT(&t, "log_source", "mill/log/var/log/ours.log", "last_event_at", "");
    T_FACT(&t, "log_source", "mill/log/var/log/journal", "retention_days", "14");
    T_FACT(&t, "log_source", "mill/log/var/log/journal", "silent", "false");
    T_FACT(&t, "log_source", "mill/log/var/log/journal", "oldest_event_at", "2026-10-12T12:00:00Z");
    T_FACT(&t, "log_source", "mill/log/var/log/journal", "sealed", "false");
}

TEST(a_unit_that_others_can_change_is_seen)
{
    ar_auto(tree) t = { 0 };

    if (geteuid() != 0) return; /* the made files would be another's */
    tree_init(&t);
    make_people(&t);
    tree_bytes(&t, "/opt/good", AR_LIT("#!/bin/sh\n"), 0755);
    tree_bytes(&t, "/opt/bad", AR_LIT("#!/bin/sh\n"), 0757);
    tree_bytes(&t, "/srv/open/tool", AR_LIT("#!/bin/sh\n"), 0755);
    T_INT(chmod(tree_path(&t, "/srv/open"), 0777), 0);
    tree_file(&t, "/etc/systemd/system/good.service",
              "[Service]\nExecStart=/opt/good\n[Install]\nWantedBy=multi-user.target\n");
    tree_link(&t, "/etc/systemd/system/multi-user.target.wants/good.service",
              "/etc/systemd/system/good.service");
    tree_file(&t, "/usr/lib/systemd/system/bad.service",
              "[Service]\nUser=bob\nExecStart=/opt/bad\n");
    tree_file(&t, "/etc/systemd/system/dir.service", "[Service]\nExecStart=/srv/open/tool\n");
    tree_link(&t, "/etc/systemd/system/also.service", "good.service");
    tree_link(&t, "/etc/systemd/system/off.service", "/dev/null");
    tree_file(&t, "/usr/lib/systemd/system/off.service", "[Service]\nExecStart=/opt/bad\n");
    tree_file(&t, "/etc/crontab",
              "PATH=/bin\n17 * * * * root sh /opt/bad -x\n"
              "18 * * * * bob /opt/good\n");
    tree_look_host(&t, t.root);
    T_FACT(&t, "unit", "mill/good.service", "writable_by_others", "false");
    T_FACT(&t, "unit", "mill/good.service", "enabled", "true");
    T_FACT(&t, "unit", "mill/good.service", "privileged", "true");
    T_FACT(&t, "unit", "mill/bad.service", "writable_by_others", "true");
    T_FACT(&t, "unit", "mill/bad.service", "enabled", "false");
    T_FACT(&t, "unit", "mill/bad.service", "run_as", "bob");
    T_FACT(&t, "unit", "mill/dir.service", "writable_by_others", "true");
    T_TRUE(tree_row(&t, "unit", "mill/also.service") == NULL);
    T_TRUE(tree_row(&t, "unit", "mill/off.service") == NULL);
    T_STR(tree_value(tree_where(&t, "unit", "command", "sh /opt/bad -x"), "writable_by_others"),
          "true");
    T_STR(tree_value(tree_where(&t, "unit", "command", "/opt/good"), "kind_"), "service");
    T_INT(tree_count(&t, "unit"), 5);
}

TEST(a_disk_is_encrypted_when_all_that_keeps_data_is)
{
    static const struct {
        const char *mounts, *swaps, *answer;
    } cases[] = {
        { "/dev/mapper/root / ext4 rw 0 0\n/dev/sda1 /boot ext4 rw 0 0\nproc /proc proc rw 0 0\n",
          "", "true" },
        { "/dev/mapper/lv / ext4 rw 0 0\n", "", "true" },
        { "/dev/mapper/lv / ext4 rw 0 0\n", "Filename Type\n/dev/sda1 partition 1 0 -2\n",
          "false" },
        { "/dev/mapper/root / ext4 rw 0 0\n/dev/sda1 /srv xfs rw 0 0\n", "", "false" },
        { "overlay / overlay rw 0 0\n", "", "" },
        { "/dev/unheard / ext4 rw 0 0\n", "", "" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(tree) t = { 0 };

        tree_init(&t);
        make_people(&t);
        tree_file(&t, "/proc/mounts", cases[i].mounts);
        tree_file(&t, "/proc/swaps", cases[i].swaps);
        tree_file(&t, "/sys/class/block/dm-0/dm/name", "root\n");
        tree_file(&t, "/sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-abc-root\n");
        tree_file(&t, "/sys/class/block/dm-1/dm/name", "lv\n");
        tree_file(&t, "/sys/class/block/dm-1/dm/uuid", "LVM-abc\n");
        tree_folder(&t, "/sys/class/block/dm-1/slaves/dm-0");
        tree_folder(&t, "/sys/class/block/sda1");
        tree_look_host(&t, t.root);
        T_FACT(&t, "device", "mill", "disk_encrypted", cases[i].answer);
    }
}

TEST(a_device_is_described_by_its_own_files)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    make_people(&t);
    tree_file(&t, "/etc/os-release", "NAME=\"X\"\nID=debian\nVERSION_ID=\"12\"\n");
    tree_file(&t, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    tree_file(&t, "/proc/stat", "cpu 1 2\nbtime 1795176000\n");
    tree_file(&t, "/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    tree_file(&t, "/proc/sys/kernel/arch", "x86_64\n");
    tree_file(&t, "/boot/vmlinuz-6.1.0-18-amd64", "");
    tree_file(&t, "/boot/vmlinuz-6.1.0-21-amd64", "");
    tree_bytes(&t, "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
               (ar_str){ "\6\0\0\0\1", 5 }, 0644);
    tree_file(&t, "/var/lib/dpkg/status", "");
    tree_file(&t, "/usr/bin/unattended-upgrade", "");
    tree_file(&t, "/etc/apt/apt.conf.d/20auto-upgrades",
              "APT::Periodic::Unattended-Upgrade \"1\";\n");
    tree_file(&t, "/proc/net/arp",
              "IP address HW type Flags HW address Mask Device\n"
              "192.0.2.1 0x1 0x2 00:11:22:33:44:55 * eth0\n"
              "192.0.2.2 0x1 0x0 00:00:00:00:00:00 * eth0\n"
              "192.0.2.3 0x1 0x2 02:11:22:33:44:55 * eth0\n"
              "172.17.0.2 0x1 0x2 02:42:22:33:44:55 * docker0\n");
    tree_look_host(&t, t.root);
    T_FACT(&t, "device", "mill", "os", "debian");
    T_FACT(&t, "device", "mill", "os_version", "12");
    T_FACT(&t, "device", "mill", "machine_id", "0123456789abcdef0123456789abcdef");
    T_FACT(&t, "device", "mill", "boot_at", "2026-11-20T12:00:00Z");
    T_FACT(&t, "device", "mill", "kernel", "6.1.0-18-amd64");
    T_FACT(&t, "device", "mill", "reboot_required", "true");
    T_FACT(&t, "device", "mill", "secure_boot", "true");
    T_FACT(&t, "device", "mill", "auto_update", "true");
    T_FACT(&t, "netdev", "00:11:22:33:44:55", "address", "192.0.2.1");
    T_FACT(&t, "netdev", "mill/02:11:22:33:44:55", "discovered", "true");
    T_INT(tree_count(&t, "netdev"), 2);
}

TEST(a_packet_filter_is_active_when_it_refuses_what_no_rule_allows)
{
    static const struct {
        const char *json;
        bool refuses;
    } cases[] = {
        { "{\"nftables\":[]}", false },
        { "{\"nftables\":[{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"input\","
          "\"type\":\"filter\",\"hook\":\"input\",\"policy\":\"drop\"}}]}",
          true },
        { "{\"nftables\":[{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"output\","
          "\"type\":\"filter\",\"hook\":\"output\",\"policy\":\"drop\"}}]}",
          false },
        { "{\"nftables\":[{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"input\","
          "\"type\":\"filter\",\"hook\":\"input\",\"policy\":\"accept\"}},{\"rule\":{\"family\":"
          "\"inet\",\"table\":\"f\",\"chain\":\"input\",\"expr\":[{\"match\":{}},{\"drop\":null}]}}"
          "]}",
          false },
        { "{\"nftables\":[{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"input\","
          "\"type\":\"filter\",\"hook\":\"input\",\"policy\":\"accept\"}},{\"rule\":{\"family\":"
          "\"inet\",\"table\":\"f\",\"chain\":\"input\",\"expr\":[{\"counter\":{}},{\"reject\":{}}]"
          "}}"
          "]}",
          true },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_node *root = NULL;

        T_OK(ar_json_parse(AR_LIT("nft"), ar_str_of(cases[i].json), NULL, &arena, &root));
        T_INT(ar_nft_refuses(root), cases[i].refuses);
    }
}

TEST(lines_of_a_crontab_that_differ_in_a_secret_are_two_and_show_none)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    tree_file(&t, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    tree_file(&t, "/etc/crontab", "1 2 * * * root dump -phunter2\n1 2 * * * root dump -phunter3\n");
    tree_file(&t, "/etc/systemd/system/a.service", "[Service]\nExecStart=/bin/a hunter4\n");
    tree_look_host(&t, t.root);
    T_INT(tree_count(&t, "unit"), 3);
    T_FACT(&t, "unit", "mill/a.service", "command", "/bin/a ***");
    for (size_t i = 0; i < t.n; i++) {
        ar_auto(ar_buf) line = { 0 };

        ar_json_node(&line, t.rows[i]);
        T_TRUE(!ar_str_contains(ar_buf_str(&line), AR_LIT("hunter")));
    }
}
