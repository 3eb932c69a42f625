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

TEST(what_may_not_be_read_is_unknown_and_said)
{
    ar_auto(tree) t = { 0 };

    if (geteuid() == 0) return; /* root may read everything */
    tree_init(&t);
    make_people(&t);
    tree_bytes(&t, "/etc/sudoers", AR_LIT("ada ALL=(ALL) ALL\n"), 0);
    tree_look_host(&t, t.root);
    T_TRUE(!tree_lists(&t, "role_grant"));
    T_TRUE(ar_str_contains(tree_could_not(&t, "role_grant"), AR_LIT("permission denied")));
    T_INT(tree_count(&t, "role_grant"), 0);
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
