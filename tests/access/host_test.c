#include "access/host.h"

#include "../inspect/tree.h"
#include "form/hash.h"

#include <sys/stat.h>

static ar_str read_back(tree *t, const char *path)
{
    ar_str text = { 0 };

    T_OK(ar_file_read(tree_path(t, path), 1 << 20, &t->arena, &text));
    return text;
}

TEST(a_file_is_replaced_whole_with_its_mode_or_not_at_all)
{
    static const char path[] = "/etc/sudoers.d/ops";
    tree t = { 0 };
    ar_str was;
    struct stat st;

    tree_init(&t);
    tree_file(&t, path, "ada ALL=ALL\n");
    T_INT(chmod(tree_path(&t, path), 0440), 0);
    was = ar_sha256(AR_LIT("ada ALL=ALL\n"), &t.arena);
    T_FAILS(ar_host_replace(t.root, path, was, AR_LIT("ada ALL ALL\n"), &t.arena), AR_INVALID,
            "1 lines would not be understood by sudo");
    T_STR(read_back(&t, path), "ada ALL=ALL\n");
    T_OK(ar_host_replace(t.root, path, was, AR_LIT("bob ALL=ALL\n"), &t.arena));
    T_STR(read_back(&t, path), "bob ALL=ALL\n");
    T_TRUE(stat(tree_path(&t, path), &st) == 0 && (st.st_mode & 07777) == 0440);
    T_FAILS(ar_host_replace(t.root, path, was, AR_LIT("eve ALL=ALL\n"), &t.arena), AR_CONFLICT,
            "has changed since, and nothing was done to it");
    T_STR(read_back(&t, path), "bob ALL=ALL\n");
    T_INT(rename(tree_path(&t, path), tree_path(&t, "/etc/real")), 0);
    T_INT(symlink("../real", tree_path(&t, path)), 0);
    was = ar_sha256(AR_LIT("bob ALL=ALL\n"), &t.arena);
    T_FAILS(ar_host_replace(t.root, path, was, AR_LIT("eve ALL=ALL\n"), &t.arena), AR_CONFLICT,
            "is no file of its own");
    tree_done(&t);
}

TEST(bytes_that_no_receipt_could_hold_are_left_alone)
{
    ar_host_facts facts = { .host = AR_LIT("mill"),
                            .who = AR_LIT("ada"),
                            .role = AR_LIT("sudo"),
                            .path = AR_LIT("/etc/sudoers"),
                            .scope = AR_LIT("(root) ALL") };
    tree t = { 0 };
    ar_host_edit edit;

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    tree_file(&t, "/etc/sudoers", "# caf\xe9\nada ALL=ALL\n");
    T_FAILS(ar_host_plan(t.root, &facts, &t.arena, &edit), AR_INVALID, "change it by hand");
    tree_file(&t, "/etc/sudoers", "# caf\xc3\xa9\nada ALL=ALL\n");
    T_OK(ar_host_plan(t.root, &facts, &t.arena, &edit));
    T_STR(edit.after, "# caf\xc3\xa9\n");
    tree_done(&t);
}

TEST(a_receipt_that_changes_more_than_the_grant_takes_nothing_back)
{
    ar_host_facts facts = { .host = AR_LIT("mill"),
                            .who = AR_LIT("ada"),
                            .role = AR_LIT("sudo"),
                            .path = AR_LIT("/etc/sudoers"),
                            .scope = AR_LIT("(root) ALL") };
    ar_host_edit right = { "/etc/sudoers", AR_LIT("ada ALL=ALL\nbob ALL=ALL\n"),
                           AR_LIT("bob ALL=ALL\n") },
                 more = { "/etc/sudoers", AR_LIT("ada ALL=ALL\neve ALL=ALL\nbob ALL=ALL\n"),
                          AR_LIT("bob ALL=ALL\n") },
                 other = { "/etc/shadow", AR_LIT("ada ALL=ALL\n"), AR_LIT("") },
                 left = { "/etc/group", AR_LIT("sudo:x:27:ada,bob\n"), AR_LIT("sudo:x:27:bob\n") },
                 joined = { "/etc/group", AR_LIT("sudo:x:27:ada,eve,bob\n"),
                            AR_LIT("sudo:x:27:bob\n") };
    tree t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    tree_file(&t, "/etc/sudoers", "bob ALL=ALL\n");
    T_OK(ar_host_check(t.root, &facts, &right, &t.arena));
    T_OK(ar_host_check(t.root, &facts, &left, &t.arena));
    T_FAILS(ar_host_check(t.root, &facts, &more, &t.arena), AR_CONFLICT, "more of /etc/sudoers");
    T_FAILS(ar_host_check(t.root, &facts, &other, &t.arena), AR_CONFLICT, "more of /etc/shadow");
    T_FAILS(ar_host_check(t.root, &facts, &joined, &t.arena), AR_CONFLICT, "more of /etc/group");
    tree_done(&t);
}
