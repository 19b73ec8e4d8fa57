/* SARIF 2.1.0, which services that scan code take in. They know a result again by its partial fingerprint, and some take none
 * without a place in a file: a plugin has none that is known here, so its name stands there, as a relative address. */
#include <ctype.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/text.h"
#include "report/forms/forms.h"
#include "report/forms/issues.h"
#include "report/words.h"
#include "schema/tidemark.h"

/* What a result may be, with what is said of it as such. */
static const struct {
    const char *check, *text;
} rules[] = {{"regressed", "A plugin has become worse tonight, beyond its noise"},
             {"open", "A plugin became worse in an earlier run, and still is"},
             {"missing", "A plugin that is usually there was not called"},
             {"over limit", "A plugin is beyond a limit that tidemark.ini sets"},
             {"suspect", "A plugin may have become worse: the next run tells"},
             {"empty run", "No plugin was called"},
             {"slow run", "The run was slow for all plugins"}};

/* "over limit" is "over-limit": an id is one word. */
static void put_id(FILE *out, const char *check)
{
    putc('"', out);
    for (; *check; check++)
        putc(*check == ' ' ? '-' : *check, out);
    putc('"', out);
}

static void put_rules(FILE *out)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        fputs(i ? ",\n      {\"id\": " : "\n      {\"id\": ", out);
        put_id(out, rules[i].check);
        fprintf(out, ", \"shortDescription\": {\"text\": \"%s\"}}", rules[i].text);
    }
}

/* In a message brackets may begin a link, and braces a placeholder: in a name they are neither. NULL: no memory; so does the next.
 */
static char *literal(const char *text)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return NULL;
    for (; *text; text++) {
        if (strchr("[]\\", *text))
            putc('\\', builder.out);
        else if (strchr("{}", *text))
            putc(*text, builder.out);
        putc(*text, builder.out);
    }
    return tm_built(&builder);
}

/* A relative reference that is one step of a path, whatever the name holds: never a scheme, a host or a step upwards. */
static char *address(const char *name)
{
    struct tm_builder builder;
    bool dots = name[strspn(name, ".")] == '\0';
    if (!tm_build(&builder))
        return NULL;
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        if ((c < 0x80 && isalnum(c)) || (strchr("-_~.", c) && !dots))
            putc(c, builder.out);
        else
            fprintf(builder.out, "%%%02X", c);
    }
    return tm_built(&builder);
}

static int put_result(FILE *out, const struct tm_issue *issue, bool first)
{
    fputs(first ? "\n    {\"ruleId\": " : ",\n    {\"ruleId\": ", out);
    put_id(out, issue->check);
    fprintf(out, ", \"level\": \"%s\",\n     \"message\": {\"text\": ", issue->fails ? "error" : "warning");
    int result = tm_put_owned(out, tm_put_json, literal(issue->text));
    fputs("},\n     \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": ", out);
    result |= tm_put_owned(out, tm_put_json, address(issue->subject));
    fputs("}, \"region\": {\"startLine\": 1}}}],\n     \"partialFingerprints\": {\"tidemark/v1\": ", out);
    tm_put_json(out, issue->fingerprint);
    fputs("}}", out);
    return result;
}

int tm_write_sarif(FILE *out, const struct tm_report *report)
{
    bool any;
    fputs("{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n  \"version\": \"2.1.0\",\n"
          "  \"runs\": [{\n    \"tool\": {\"driver\": {\"name\": \"Tidemark\", \"version\": \"" TM_VERSION "\", \"rules\": [",
          out);
    put_rules(out);
    fputs("\n    ]}},\n    \"columnKind\": \"utf16CodeUnits\",\n    \"results\": [", out);
    int result = tm_issues_put(out, report, put_result, &any);
    fputs(any ? "\n    ]\n  }]\n}\n" : "]\n  }]\n}\n", out);
    return result;
}
