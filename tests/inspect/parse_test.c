/* The small parsers, each against what its manual page says. */
#include "inspect/blank.h"
#include "inspect/codeowners.h"
#include "inspect/debian.h"
#include "inspect/giturl.h"
#include "inspect/logrotate.h"
#include "inspect/pipeline.h"
#include "inspect/sshd.h"
#include "inspect/sshkey.h"
#include "inspect/unitfile.h"
#include "inspect/words.h"

#include "t.h"

TEST(versions_compare_as_dpkg_compares_them)
{
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        { "1.0", "1.0", 0 },
        { "1.0", "1.1", -1 },
        { "1.9", "1.10", -1 },
        { "1.0~rc1", "1.0", -1 },
        { "1.0~~", "1.0~", -1 },
        { "1.0~~a", "1.0~", -1 },
        { "1.0", "1.0a", -1 },
        { "1:0.1", "9.9", 1 },
        { "0:1.0", "1.0", 0 },
        { "1.0-1", "1.0-2", -1 },
        { "1.0", "1.0-1", -1 },
        { "1.0", "1.0-0", 0 },
        { "1.0-1+deb12u2", "1.0-1+deb12u10", -1 },
        { "1.0+b1", "1.0a", 1 },
        { "2.36-9+deb12u3", "2.36-9+deb12u13", -1 },
        { "1.0a", "1.0+", -1 },
        { "001", "1", 0 },
        { "7.88.1-10+deb12u5", "7.88.1-10+deb12u5~bpo1", 1 },
        { "99999999999999999999999", "99999999999999999999998", 1 },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        int one = ar_deb_compare(ar_str_of(cases[i].a), ar_str_of(cases[i].b));
        int other = ar_deb_compare(ar_str_of(cases[i].b), ar_str_of(cases[i].a));

        T_INT((one > 0) - (one < 0), cases[i].order);
        T_INT((other > 0) - (other < 0), -cases[i].order);
    }
}

TEST(a_stanza_ends_at_an_empty_line_and_may_be_folded)
{
    ar_str text = AR_LIT("Package: a\nStatus: install ok installed\nDescription: x\n Version: 9\n"
                         "Version: 1\nSource: src (1.2)\n\n\nPackage: nothing\n\n"
                         "package: b\nVersion: 2\nArchitecture: amd64");
    ar_deb_package p = { 0 };

    T_TRUE(ar_deb_next(&text, &p));
    T_STR(p.package, "a");
    T_STR(p.version, "1");
    T_STR(p.source, "src");
    T_TRUE(ar_deb_next(&text, &p));
    T_STR(p.package, "b");
    T_STR(p.source, "b");
    T_STR(p.architecture, "amd64");
    T_TRUE(!ar_deb_next(&text, &p));
}

TEST(apt_conf_is_read_in_both_its_ways)
{
    static const struct {
        const char *text, *value;
    } cases[] = {
        { "APT::Periodic::Unattended-Upgrade \"1\";", "1" },
        { "APT { Periodic { Unattended-Upgrade \"1\"; Other \"2\"; }; };", "1" },
        { "APT::Periodic { Unattended-Upgrade 0; }", "0" },
        { "apt::periodic::unattended-upgrade \"1\";", "1" },
        { "// APT::Periodic::Unattended-Upgrade \"1\";", "none" },
        { "# APT::Periodic::Unattended-Upgrade \"1\";\n/* x */", "none" },
        { "APT::Periodic::Unattended-Upgrade \"1\"; APT::Periodic::Unattended-Upgrade \"0\";",
          "0" },
        { "X { APT::Periodic::Unattended-Upgrade \"1\"; };", "none" },
        { "APT { Periodic {", "none" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_str value = AR_LIT("none");

        ar_apt_conf_get(ar_str_of(cases[i].text), AR_LIT("APT::Periodic::Unattended-Upgrade"),
                        &value);
        T_STR(value, cases[i].value);
    }
}

/* Public halves of key pairs made for this test; fingerprints as ssh-keygen -l prints them. */
static const struct {
    const char *line, *algorithm, *fingerprint;
    int bits;
    bool restricted;
} keys[] = {
    { "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB4WqQJz9n+BRCCDvuHjiOZg9Fer3Ea2TPjetgk68T/8 ada@desk",
      "ed25519", "SHA256:sbQzZgdpegMPoP0BdkihTZ+evJyZdSvcneBW9+rugZw", 256, false },
    { "from=\"10.0.0.0/8,!10.1.0.0/16\",no-pty ssh-ed25519 "
      "AAAAC3NzaC1lZDI1NTE5AAAAIB4WqQJz9n+BRCCDvuHjiOZg9Fer3Ea2TPjetgk68T/8",
      "ed25519", "SHA256:sbQzZgdpegMPoP0BdkihTZ+evJyZdSvcneBW9+rugZw", 256, true },
    { "no-pty,environment=\"A=\\\"from\\\" b\" ssh-ed25519 "
      "AAAAC3NzaC1lZDI1NTE5AAAAIB4WqQJz9n+BRCCDvuHjiOZg9Fer3Ea2TPjetgk68T/8",
      "ed25519", "SHA256:sbQzZgdpegMPoP0BdkihTZ+evJyZdSvcneBW9+rugZw", 256, false },
    { "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBB6nyXqWOmrTxJ6XGA4b"
      "n3AhJkv9pySyuk3X4rop8CH9ACKhmuk5ppwkigKLDzaRssF/HWmW7dVYGmVihquU1cqenxtMpAcn1cozQWgtxThQjESE"
      "O+J3m6+r62+oHsEvCA== e",
      "ecdsa", "SHA256:EEkMXAVDOn9l5NeDN9x5yjSO4cRYILzXFCKBJ9tT33I", 384, false },
    { "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC90bkYdBMQMsIzLpxNFTzJCDM0cpmULWnoyNrIm5oer6NopM5tfAYF"
      "gWwKdTC5JcMfFwzvc5H7sV5dtLXH2xU1f0A6URTKCOnnQrvq/skEEFZEqJs7bfb8/37hgAVx4NwXDyXgyLSAqQ/AHm7I"
      "Qlo3jT+0jZCS41R2O2blBoylsmJQ8ntBExW7tV3lyGnjs4hriE+m8slXPu8+FHOKAS7nJRqNkzPdOzwbWWg8976IKuMY"
      "6w8OS2mHtuVnDYAVUXzl8S9eQmSGArKVqpeSGo5vBBWeA+RSwsE4UsySGo+g8BUP4nRfydjHXNLeFBZWQ7gWUXWGz3F+"
      "G+qVZJgeSwOB r",
      "rsa", "SHA256:yKjdmIH1glDCET93OEjyXXWpUxymlLyx+qdzvoGumJY", 2048, false },
};

TEST(a_public_key_tells_its_kind_length_and_fingerprint)
{
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(keys); i++) {
        ar_ssh_key key = { 0 };

        T_TRUE(ar_ssh_key_line(ar_str_of(keys[i].line), &arena, &key));
        T_STR(key.algorithm, keys[i].algorithm);
        T_STR(key.fingerprint, keys[i].fingerprint);
        T_INT(key.bits, keys[i].bits);
        T_INT(key.restricted, keys[i].restricted);
    }
}

TEST(a_line_without_a_whole_key_is_no_key)
{
    static const char *const lines[] = {
        "",
        "# ssh-ed25519 AAAA",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 !!!!",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC9",
        "from=\"x ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB4WqQJz9n+BRCCDvuHjiOZg9Fer3Ea2TPjetgk68T/8",
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(lines); i++) {
        ar_ssh_key key;

        T_TRUE(i == 5 || !ar_ssh_key_line(ar_str_of(lines[i]), &arena, &key));
    }
}

TEST(a_private_key_says_whether_it_is_encrypted)
{
    static const struct {
        const char *text;
        bool is_key, encrypted;
        const char *cipher;
    } cases[] = {
        { "-----BEGIN OPENSSH PRIVATE KEY-----\n"
          "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABC12fNPsw\n"
          "QanrQ/WwI2L+2gAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIMmmkCOCsvAanetk\n",
          true, true, "aes256-ctr" },
        { "-----BEGIN OPENSSH PRIVATE KEY-----\n"
          "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n",
          true, false, "" },
        { "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
          true, true, "AES-128-CBC" },
        { "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", true, false, "" },
        { "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n", true, true, "" },
        { "-----BEGIN PRIVATE KEY-----\nMIIE\n", true, false, "" },
        { "-----BEGIN CERTIFICATE-----\nMIIE\n", false, false, "" },
        { "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", false, false, "" },
        { "", false, false, "" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_ssh_private p = { 0 };

        T_INT(ar_ssh_private_head(ar_str_of(cases[i].text), &arena, &p), cases[i].is_key);
        T_INT(p.encrypted, cases[i].encrypted);
        T_STR(p.cipher, cases[i].cipher);
    }
}

TEST(a_line_of_sshd_config_is_a_keyword_and_its_value)
{
    static const struct {
        const char *line, *keyword, *value;
    } cases[] = {
        { "PermitRootLogin no", "PermitRootLogin", "no" },
        { "  X11Forwarding=yes # note", "X11Forwarding", "yes" },
        { "Banner \"/etc/issue net\"", "Banner", "/etc/issue net" },
        { "AllowUsers\tada  bob\r", "AllowUsers", "ada bob" },
        { "Match = User ada", "Match", "User ada" },
        { "Ciphers a#b", "Ciphers", "a#b" },
        { "UsePAM", "UsePAM", "" },
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_str keyword, value;

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        T_TRUE(ar_sshd_split(ar_str_of(cases[i].line), &arena, &keyword, &value));
        T_STR(keyword, cases[i].keyword);
        T_STR(value, cases[i].value);
    }
    T_TRUE(!ar_sshd_split(AR_LIT("  # UsePAM yes"), &arena, &keyword, &value));
    T_TRUE(!ar_sshd_split(AR_LIT(""), &arena, &keyword, &value));
}

TEST(settings_of_sshd_are_judged_by_list_or_number)
{
    static const struct {
        const char *keyword, *value;
        bool good;
    } cases[] = {
        { "PermitRootLogin", "no", true },       { "PermitRootLogin", "Prohibit-Password", true },
        { "PermitRootLogin", "yes", false },     { "MaxAuthTries", "4", true },
        { "MaxAuthTries", "6", false },          { "MaxAuthTries", "0", false },
        { "LoginGraceTime", "1m", true },        { "LoginGraceTime", "0", false },
        { "LoginGraceTime", "2h30m", false },    { "LoginGraceTime", "x", false },
        { "PasswordAuthentication", "", false },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        const ar_sshd_rule *r = ar_sshd_rules;

        while (strcmp(r->keyword, cases[i].keyword) != 0) r++;
        T_INT(ar_sshd_good(r, ar_str_of(cases[i].value)), cases[i].good);
    }
}

TEST(crontab_lines_are_told_from_settings_and_comments)
{
    ar_cron_line c;

    T_TRUE(ar_cron_line_read(AR_LIT("*/5 *\t* * 1-5 root  /bin/a --b=c"), true, &c));
    T_STR(c.schedule, "*/5 *\t* * 1-5");
    T_STR(c.user, "root");
    T_STR(c.command, "/bin/a --b=c");
    T_TRUE(ar_cron_line_read(AR_LIT("@reboot /bin/a x"), false, &c));
    T_STR(c.schedule, "@reboot");
    T_STR(c.command, "/bin/a x");
    T_TRUE(!ar_cron_line_read(AR_LIT("MAILTO=root"), true, &c));
    T_TRUE(!ar_cron_line_read(AR_LIT("PATH = /bin:/sbin"), false, &c));
    T_TRUE(!ar_cron_line_read(AR_LIT("# 1 2 3 4 5 root x"), true, &c));
    T_TRUE(!ar_cron_line_read(AR_LIT("1 2 3 4 5 root"), true, &c));
    T_TRUE(!ar_cron_line_read(AR_LIT("1 2 3"), false, &c));
}

TEST(a_unit_is_its_file_and_then_its_drop_ins)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_unit_file u = { 0 };

    ar_unit_file_read(
        AR_LIT("[Unit]\nUser=nobody\n[Service]\n# x\nUser=www\nExecStartPre=-/bin/a \\\n"
               "  # in between\n  b\nExecStart=@/bin/c\n[Install]\nWantedBy=x\n"),
        &arena, &u);
    T_STR(u.user, "www");
    T_TRUE(u.installable && !u.dynamic_user);
    T_INT(u.n_commands, 2);
    T_STR(u.commands[0], "/bin/a  b");
    T_STR(u.commands[1], "/bin/c");
    ar_unit_file_read(AR_LIT("[Service]\nUser=\nDynamicUser=yes\nExecStart=\nExecStart=/bin/d\n"),
                      &arena, &u);
    T_STR(u.user, "");
    T_TRUE(u.dynamic_user);
    T_INT(u.n_commands, 1);
    T_STR(u.commands[0], "/bin/d");
}

TEST(retention_is_what_logrotate_keeps)
{
    static const struct {
        const char *text;
        int64_t days; /* -1: depends on size; -2: never rotated */
    } cases[] = {
        { "weekly\nrotate 4\n/var/log/x {\n}\n", 28 },
        { "/var/log/x {\n rotate 7\n daily\n}\n", 7 },
        { "/var/log/x\n{\n rotate 12\n monthly\n}\n", 360 },
        { "/var/log/a /var/log/*x {\n rotate 2\n weekly\n maxage 10\n}\n", 10 },
        { "/var/log/x { rotate 3 }\n", 21 },
        { "/var/log/x {\n size 10M\n rotate 3\n}\n", -1 },
        { "/var/log/x {\n rotate -1\n weekly\n maxage 730\n}\n", 730 },
        { "/var/log/y {\n daily\n rotate 1\n}\n", -2 },
        { "/var/log/x {\n postrotate\n rotate 99\n endscript\n rotate 1\n daily\n}\n", 1 },
        { "# /var/log/x {\ndaily\nrotate 9\n", -2 },
        { "/var/log/x {\n rotate=5\n hourly\n}\n", 0 },
        { "/var/log/x {\n rotate 5\n", -2 },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_logrotate conf;
        int64_t days = 0;

        ar_logrotate_init(&conf);
        T_OK(ar_logrotate_parse(ar_str_of(cases[i].text), &arena, &conf));
        const ar_logrotate_rule *rule = ar_logrotate_find(&conf, AR_LIT("/var/log/x"));
        if (rule == NULL)
            days = -2;
        else if (!ar_logrotate_days(rule, &days))
            days = -1;
        T_INT(days, cases[i].days);
    }
}

TEST(the_last_line_for_everything_names_the_owners)
{
    static const struct {
        const char *text, *owners;
    } cases[] = {
        { "* @ada\n", "person:ada" },
        { "* @ada\n* @org/team bob@example.org # note\n", "team:org/team person:bob@example.org" },
        { "*.c @ada\n/docs/ @bob\n", "" },
        { "* @ada\n*\n", "" },
        { "# * @ada\n", "" },
        { "[Core][2] @org/core\n*\n[Docs]\n*.md @doc\n", "team:org/core" },
        { "^[Optional] @x\n* @a\n[Two]\n* @b\n", "person:a person:b" },
        { "* @@maintainer @ada @\n", "person:ada" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_buf) out = { 0 };
        ar_str owners[AR_CODEOWNERS_MAX];
        size_t n = ar_codeowners_of_all(ar_str_of(cases[i].text), &arena, owners);

        for (size_t k = 0; k < n; k++)
            ar_buf_addf(&out, "%s%.*s", k > 0 ? " " : "", AR_FMT(owners[k]));
        T_STR(ar_buf_str(&out), cases[i].owners);
    }
}

TEST(a_pipeline_is_as_pinned_as_its_foreign_steps)
{
    ar_pipeline p;

    ar_pipeline_read(
        AR_LIT("on: [push, pull_request_target]\njobs:\n  a:\n    runs-on: \"ubuntu-24.04\"\n"
               "    steps:\n      - uses: actions/checkout@v4 # one\n"
               "      - uses: 'a/b@0123456789abcdef0123456789abcdef01234567'\n"
               "      - uses: ./own\n      # - uses: c/d@v1\n"
               "    container:\n      image: alpine@sha256:"
               "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
               "      image: ${{ matrix.image }}\n"
               "      token: ${{ secrets.GITHUB_TOKEN }}\n"),
        &p);
    T_INT(p.foreign, 3);
    T_INT(p.pinned, 2);
    T_STR(p.runner, "ubuntu-24.04");
    T_TRUE(p.untrusted_trigger && !p.uses_secrets && !p.provenance);
    ar_pipeline_read(AR_LIT("on:\n  push:\nx: ${{ secrets.DEPLOY }}\na: {}\n"
                            "- uses: actions/attest-build-provenance@v1\n"),
                     &p);
    T_TRUE(!p.untrusted_trigger && p.uses_secrets && p.provenance);
}

TEST(a_pipeline_is_known_by_its_path)
{
    static const struct {
        const char *path, *system;
    } cases[] = {
        { ".github/workflows/ci.yml", "github" },
        { ".github/workflows/a/ci.yml", NULL },
        { ".github/workflows/x.txt", NULL },
        { ".gitlab-ci.yml", "gitlab" },
        { "Jenkinsfile", "jenkins" },
        { "sub/Jenkinsfile", NULL },
        { "azure-pipelines.yml", "azure" },
        { ".circleci/config.yml", "other" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        const char *system = ar_pipeline_system(ar_str_of(cases[i].path));

        T_STR(ar_str_of(system), cases[i].system == NULL ? "" : cases[i].system);
    }
}

TEST(a_remote_is_named_without_user_password_and_scheme)
{
    static const struct {
        const char *url, *host, *path, *clean;
        bool ssh;
    } cases[] = {
        { "https://Git.Example.org/team/tool.git", "git.example.org", "team/tool",
          "https://Git.Example.org/team/tool.git", false },
        { "https://ada:p@ss@git.example.org:8443/t/x", "git.example.org", "t/x",
          "https://git.example.org:8443/t/x", false },
        { "git@git.example.org:team/tool.git", "git.example.org", "team/tool",
          "git.example.org:team/tool.git", true },
        { "ssh://git@git.example.org:2222/team/tool.git/", "git.example.org", "team/tool",
          "ssh://git.example.org:2222/team/tool.git/", true },
        { "/srv/git/x.git", "", "srv/git/x", "/srv/git/x.git", false },
        { "file:///srv/git/x.git", "", "srv/git/x", "file:///srv/git/x.git", false },
        { "https://h/x?token=1", "h", "x", "https://h/x", false },
        { "ssh://git@[2001:db8::1]:22/x", "2001:db8::1", "x", "ssh://[2001:db8::1]:22/x", true },
        { "", "", "", "", false },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_git_url url = ar_git_url_cut(ar_str_of(cases[i].url), &arena);

        T_STR(url.host, cases[i].host);
        T_STR(url.path, cases[i].path);
        T_INT(url.ssh, cases[i].ssh);
        T_STR(ar_git_url_clean(ar_str_of(cases[i].url), &arena), cases[i].clean);
    }
}

TEST(a_pattern_matches_all_of_a_text_or_nothing)
{
    static const struct {
        const char *pattern, *text;
        bool yes;
    } cases[] = {
        { "*", "", true },          { "*.conf", "a.conf", true }, { "*.conf", "a.conf~", false },
        { "a?c", "abc", true },     { "a?c", "ac", false },       { "", "a", false },
        { "*a*b", "xaxbxb", true }, { "**", "x", true },          { "a", "a", true },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++)
        T_INT(ar_glob_match(ar_str_of(cases[i].pattern), ar_str_of(cases[i].text)), cases[i].yes);
}

TEST(a_command_is_shown_without_what_could_be_a_secret)
{
    static const struct {
        const char *command, *shown;
    } cases[] = {
        { "/usr/bin/mysqldump -pSECRET --password=SECRET -u root db > /var/x.sql",
          "/usr/bin/mysqldump -p*** --password=*** -u *** *** > /var/x.sql" },
        { "curl -H 'Authorization: Bearer SECRET' https://me:SECRET@example.org/?token=SECRET",
          "curl -H '*** *** ***' ***" },
        { "TOKEN=SECRET  sh -c \"xyz --token SECRET\"; cd / && run-parts --report /etc/cron.daily",
          "TOKEN=*** sh -c \"*** --token ***\"; cd / && run-parts --report /etc/cron.daily" },
        { "mount //me:SECRET@nas/x /mnt", "mount *** /mnt" },
        { "[ -x /usr/sbin/a ] && a -rf $DIR ${X} %i /run/%i 2>&1",
          "[ -x /usr/sbin/a ] && a -rf $DIR ${X} %i /run/%i 2>&1" },
        { "sshpass -p SECRET ssh me@host", "sshpass -p *** *** ***" },
        { "echo SECRET|su", "echo ***|su" },
        { "x --SECRET\xff -SECRET -1234 -=SECRET =SECRET", "x --*** -S*** -1*** -*** ***" },
        { "", "" },
        { "  \t", "" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_str shown = ar_command_blank(ar_str_of(cases[i].command), &arena);
        T_STR(shown, cases[i].shown);
    }
}
