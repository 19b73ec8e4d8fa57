/* Command lines. A byte stands for a word that means something, or begins one of the input's own. What would leave the folder is
 * left out: words with a slash, and --confirm and measure, which run a command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { WORDS_MOST = 24, WORD_SIZE = 200, OWN = 40 /* of 256 bytes begin a word of the input's */ };

static const char *const known[] = {
    "gate",
    "findings",
    "report",
    "trend",
    "ingest",
    "accept",
    "waive",
    "retire",
    "adopt",
    "decisions",
    "undo",
    "runs",
    "plugins",
    "show",
    "bottlenecks",
    "compare",
    "sql",
    "check",
    "replay",
    "evaluate",
    "audit",
    "doctor",
    "rebuild",
    "metric",
    "rename",
    "rm",
    "prune",
    "help",
    "--db",
    "--help",
    "--version",
    "--run",
    "--at",
    "--host",
    "--branch",
    "--project",
    "--commit",
    "--format",
    "--config",
    "--calls",
    "--replace",
    "--append",
    "--last",
    "--json",
    "--strict",
    "--budget",
    "--min-effect",
    "--max-age",
    "--dry-run",
    "--explain",
    "--repeat-of",
    "--reason",
    "--metric",
    "--until",
    "--ceiling",
    "--keep-days",
    "--before",
    "--all",
    "--timeout",
    "--file",
    "--unit",
    "--better",
    "--extreme",
    "--base",
    "--allow-unjudged",
    "--at-least",
    "--summary",
    "--issue",
    "-o",
    "-",
    "--",
    "t.db",
    "night.csv",
    "nights.csv",
    "t.ini",
    "p1",
    "p3",
    "*",
    "n14",
    "n13",
    "ci",
    "main",
    "default",
    "json",
    "csv",
    "text",
    "markdown",
    "junit",
    "github",
    "openmetrics",
    "badge",
    "slack",
    "teams",
    "text-short",
    "table",
    "2026-11-20",
    "2100-01-01",
    "1761400000",
    "0",
    "1",
    "-1",
    "5%",
    "+30%",
    "1e999",
    "nan",
    "9223372036854775807",
    "9223372036854775808",
    "wall_per_call_ms",
    "SELECT * FROM latest",
    "SELECT 1",
    "",
    "export",
    "--output",
    "--snapshot",
    "ndjson",
    "data.js",
    "otlp",
    "dump",
    "restore",
    "night.jsonl",
};

/* Options may be abbreviated. */
static bool leaves_the_folder(const char *word)
{
    size_t length = strcspn(word, "=");
    return strchr(word, '/') || strcmp(word, "..") == 0 || strcmp(word, "measure") == 0 ||
           (length > 3 && strncmp(word, "--confirm", length) == 0);
}

void tm_fuzz_line(const uint8_t *bytes, size_t size)
{
    static const char night[] = "plugin,calls,wall_ms\np1,100,1000\np3,100,2000\n", ini[] = "[gate]\nbudget = 1\n";
    const struct tm_scene_store *made = tm_scene_store();
    struct tm_pieces pieces = {bytes, bytes + size};
    static char own[WORDS_MOST][WORD_SIZE];
    const char *words[WORDS_MOST + 1] = {NULL};
    tm_scene_clear();
    tm_scene_write("tidemark.db", made->bytes, made->size);
    tm_scene_write("t.db", made->bytes, made->size);
    tm_scene_write("night.csv", night, sizeof night - 1);
    tm_scene_write("t.ini", ini, sizeof ini - 1);
    for (int n = 0; n < WORDS_MOST && pieces.at < pieces.end;) {
        uint64_t code = tm_piece(&pieces, 1);
        if (code >= 256 - OWN)
            tm_piece_text(&pieces, own[n], sizeof own[n]);
        else
            snprintf(own[n], sizeof own[n], "%s", known[code % (sizeof known / sizeof *known)]);
        if (!leaves_the_folder(own[n])) {
            words[n] = own[n];
            n++;
        }
    }
    tm_scene_run(words);
}
