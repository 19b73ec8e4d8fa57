/* Atom: an entry for each alarm that was raised, and for each that ended. What a reader of news has seen it knows by an entry's id,
 * so that is made of what the entry is about, and of nothing that may change: judged again, or made on another machine, it is the
 * same. */
#include "report/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/sha256.h"
#include "base/timestamp.h"
#include "report/notes.h"
#include "report/words.h"
#include "schema/tidemark.h"

/* A UUID of version 8 (RFC 9562): whatever its bits are, but for six. */
static void put_id(FILE *out, const char *text, size_t size)
{
    uint8_t digest[TM_SHA256_SIZE];
    tm_sha256(text, size, digest);
    digest[6] = (uint8_t)(0x80 | (digest[6] & 0x0f));
    digest[8] = (uint8_t)(0x80 | (digest[8] & 0x3f));
    fputs("<id>urn:uuid:", out);
    for (int i = 0; i < 16; i++)
        fprintf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", digest[i]);
    fputs("</id>\n", out);
}

/* Of a lineage, or with an entry of that. Parts are parted by what no name holds. 0, or -1: no memory. */
static int put_id_of(FILE *out, const struct tm_report *report, const struct tm_report_entry *entry)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    fprintf(builder.out, "tidemark\n%s\n%s\n%s", report->project ? report->project : "", report->branch,
            report->host ? report->host : "");
    if (entry) {
        size_t plugin = entry->verdict.plugin;
        int metric = entry->verdict.metric;
        fprintf(builder.out, "\n%s\n%s\n%s\n%s", entry->run, entry->raised ? "raised" : "ended",
                plugin == TM_WHOLE_RUN ? "*" : report->plugins[plugin].name, metric < 0 ? "" : report->metrics[metric].name);
    }
    char *text = tm_built(&builder);
    if (!text)
        return -1;
    put_id(out, text, builder.size);
    free(text);
    return 0;
}

static void put_updated(FILE *out, int64_t at)
{
    char text[TM_TIME_SIZE];
    tm_time_format(at, text);
    fprintf(out, "<updated>%s</updated>\n", text);
}

static void put_link(FILE *out, const struct tm_report *report, size_t plugin)
{
    fputs("    <link rel=\"alternate\" type=\"text/html\" href=\"index.html", out);
    if (plugin != TM_WHOLE_RUN)
        fprintf(out, "#p%lld", (long long)report->plugins[plugin].number);
    fputs("\"/>\n", out);
}

/* What it is in a sentence, and with what of a verdict's words; an end has no more to say. 0, or -1: no memory. */
static int put_entry(FILE *out, const struct tm_report *report, const struct tm_report_entry *entry)
{
    char *title = entry->raised ? tm_verdict_sentence(report, &entry->verdict) : tm_end_text(report, &entry->end);
    fputs("  <entry>\n    ", out);
    int result = put_id_of(out, report, entry);
    fputs("    <title>", out);
    result |= tm_put_owned(out, tm_put_xml, title);
    fputs("</title>\n    ", out);
    put_updated(out, entry->at);
    put_link(out, report, entry->verdict.plugin);
    fprintf(out, "    <category term=\"%s\"/>\n", entry->raised ? "raised" : "ended");
    fputs("    <content type=\"text\">run ", out);
    tm_put_xml(out, entry->run);
    if (entry->raised) {
        fputs(": ", out);
        result |= tm_put_owned(out, tm_put_xml, tm_verdict_words(report, &entry->verdict));
    }
    fputs("</content>\n  </entry>\n", out);
    return result;
}

int tm_feed_write(FILE *out, const struct tm_report *report)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n", out);
    fputs("  <generator version=\"" TM_VERSION "\">Tidemark</generator>\n  ", out);
    int result = put_id_of(out, report, NULL);
    fputs("  <title>Alarms of ", out);
    tm_put_xml(out, report->project ? report->project : "default");
    fputs(" on ", out);
    tm_put_xml(out, report->branch);
    fputs("</title>\n  ", out);
    put_updated(out, report->n_entries > 0 ? report->entries[0].at : report->run->started_at);
    fputs("  <author><name>Tidemark</name></author>\n  <link rel=\"self\" type=\"application/atom+xml\" href=\"feed.atom\"/>\n"
          "  <link rel=\"alternate\" type=\"text/html\" href=\"index.html\"/>\n",
          out);
    for (size_t i = 0; i < report->n_entries && result == 0; i++)
        result = put_entry(out, report, &report->entries[i]);
    fputs("</feed>\n", out);
    return result;
}
