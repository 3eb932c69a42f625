#include "inspect/pipeline.h"

#include "inspect/words.h"

static bool is_yaml(ar_str path)
{
    return ar_str_ends(path, AR_LIT(".yml")) || ar_str_ends(path, AR_LIT(".yaml"));
}

const char *ar_pipeline_system(ar_str path)
{
    static const struct {
        const char *path; /* '/' at the end: every YAML file in the folder */
        const char *system;
    } known[] = {
        { ".github/workflows/", "github" },
        { ".gitlab-ci.yml", "gitlab" },
        { "azure-pipelines.yml", "azure" },
        { "azure-pipelines.yaml", "azure" },
        { ".azure-pipelines/", "azure" },
        { "Jenkinsfile", "jenkins" },
        { ".circleci/config.yml", "other" },
        { ".drone.yml", "other" },
        { ".tekton/", "other" },
        { ".woodpecker.yml", "other" },
        { ".woodpecker/", "other" },
        { ".travis.yml", "other" },
        { "bitbucket-pipelines.yml", "other" },
        { ".forgejo/workflows/", "other" },
        { ".gitea/workflows/", "other" },
    };

    for (size_t i = 0; i < AR_COUNT(known); i++) {
        ar_str at = ar_str_of(known[i].path);

        if (ar_str_eq(path, at)) return known[i].system;
        if (ar_str_ends(at, AR_LIT("/")) && ar_str_starts(path, at) && is_yaml(path) &&
            ar_last_part(path).len == path.len - at.len)
            return known[i].system;
    }
    return NULL;
}

static bool is_hex(ar_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("0123456789abcdefABCDEF", text.ptr[i]) == NULL || text.ptr[i] == '\0')
            return false;
    return text.len > 0;
}

static ar_str after_last(ar_str text, char byte)
{
    size_t from = text.len;

    while (from > 0 && text.ptr[from - 1] != byte) from--;
    return from == 0 ? (ar_str){ 0 } : ar_str_cut(text, from, text.len);
}

static bool is_pinned(ar_str ref)
{
    ar_str tail = after_last(ref, '@');

    if (ar_str_starts(tail, AR_LIT("sha256:")))
        return tail.len == 71 && is_hex(ar_str_cut(tail, 7, tail.len));
    return (tail.len == 40 || tail.len == 64) && is_hex(tail);
}

static ar_str unquote(ar_str text)
{
    text = ar_str_trim(text);
    if (text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
        text.ptr[text.len - 1] == text.ptr[0])
        text = ar_str_cut(text, 1, text.len - 1);
    return text;
}

/* "- uses: x # note" -> key "uses", value "x". */
static bool cut_line(ar_str line, ar_str *out_key, ar_str *out_value)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == '#' && (i == 0 || line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
            line = ar_str_cut(line, 0, i);
    line = ar_str_trim(line);
    while (ar_str_starts(line, AR_LIT("- "))) line = ar_str_trim(ar_str_cut(line, 2, line.len));
    *out_key = ar_before(line, ':');
    if (out_key->len == line.len) {
        *out_value = (ar_str){ 0 };
        return line.len > 0;
    }
    *out_value = unquote(ar_str_cut(line, out_key->len + 1, line.len));
    *out_key = unquote(*out_key);
    return true;
}

static bool is_foreign(ar_str key, ar_str value)
{
    if (value.len == 0 || value.ptr[0] == '$' || value.ptr[0] == '{' || value.ptr[0] == '*' ||
        value.ptr[0] == '&')
        return false;
    if (ar_str_eq(key, AR_LIT("uses")))
        return !ar_str_starts(value, AR_LIT("./")) && !ar_str_starts(value, AR_LIT("../"));
    return ar_str_eq(key, AR_LIT("image")) || ar_str_eq(key, AR_LIT("container"));
}

static bool is_trigger(ar_str key, ar_str value)
{
    static const ar_str risky[] = { AR_LIT("pull_request_target"), AR_LIT("workflow_run"),
                                    AR_LIT("issue_comment") };

    for (size_t i = 0; i < AR_COUNT(risky); i++)
        if (ar_str_eq(key, risky[i]) ||
            (ar_str_eq(key, AR_LIT("on")) && ar_str_contains(value, risky[i])))
            return true;
    return false;
}

/* "secrets.NAME" other than the token that every run gets for itself. */
static bool names_secret(ar_str line)
{
    static const ar_str mark = AR_LIT("secrets.");

    for (size_t i = 0; i + mark.len < line.len; i++) {
        ar_str rest = ar_str_cut(line, i, line.len);

        if (ar_str_starts(rest, mark) &&
            !ar_str_starts(ar_str_cut(rest, mark.len, rest.len), AR_LIT("GITHUB_TOKEN")))
            return true;
    }
    return false;
}

static bool signs(ar_str text)
{
    return ar_str_contains(text, AR_LIT("attest-build-provenance")) ||
           ar_str_contains(text, AR_LIT("slsa-github-generator")) ||
           ar_str_contains(text, AR_LIT("cosign attest"));
}

void ar_pipeline_read(ar_str text, ar_pipeline *out_pipeline)
{
    ar_pipeline p = { 0 };
    bool several = false;
    ar_str line, key, value;

    while (ar_line(&text, &line)) {
        if (!cut_line(line, &key, &value)) continue;
        p.uses_secrets |= names_secret(line) || ar_str_eq(value, AR_LIT("inherit"));
        p.provenance |= signs(line);
        p.untrusted_trigger |= is_trigger(key, value);
        if (is_foreign(key, value)) {
            p.foreign++;
            p.pinned += is_pinned(value);
        }
        if (!ar_str_eq(key, AR_LIT("runs-on")) || value.len == 0) continue;
        several |= p.runner.len > 0 && !ar_str_eq(p.runner, value);
        p.runner = value;
    }
    if (several) p.runner = (ar_str){ 0 };
    *out_pipeline = p;
}
