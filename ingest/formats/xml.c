/* Expat reads in pieces, and calls back with what is whole. What it cannot finish it keeps: the
 * distance between what was given and where it stands bounds its memory. */
#include "ingest/formats/xml.h"

#include <expat.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

enum { PIECE = 1 << 16 }; /* bytes given at once */

struct tm_xml {
    XML_Parser parser;
    struct tm_source *source;
    struct tm_diag *diag;
    const struct tm_xml_handler *handler;
    int depth;
    bool failed;
};

struct tm_place tm_xml_place(const struct tm_xml *xml)
{
    return (struct tm_place){xml->source->name, XML_GetCurrentLineNumber(xml->parser), XML_GetCurrentColumnNumber(xml->parser) + 1};
}

void tm_xml_fault(struct tm_xml *xml, const char *format, ...)
{
    const struct tm_place place = tm_xml_place(xml);
    va_list arguments;
    if (xml->failed)
        return;
    va_start(arguments, format);
    tm_diag_verror(xml->diag, &place, format, arguments);
    va_end(arguments);
    xml->failed = true;
    XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL start_element(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct tm_xml *xml = context;
    if (++xml->depth > TM_XML_DEPTH)
        tm_xml_fault(xml, "found more than %d elements in one another", TM_XML_DEPTH);
    else if (!xml->failed)
        xml->handler->start(xml->handler->context, xml, name, (const char *const *)attributes);
}

static void XMLCALL end_element(void *context, const XML_Char *name)
{
    struct tm_xml *xml = context;
    xml->depth--;
    if (!xml->failed)
        xml->handler->end(xml->handler->context, xml, name);
}

static void XMLCALL refuse_doctype(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                                   int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    tm_xml_fault(context, "found a document type, which no report has: it may hide anything");
}

/* One piece of the file: 1, 0 at its end, -1. */
static int parse_piece(struct tm_xml *xml, uint64_t *given)
{
    void *buffer = XML_GetBuffer(xml->parser, PIECE);
    if (!buffer) {
        tm_xml_fault(xml, "out of memory");
        return -1;
    }
    ssize_t got = tm_source_read(xml->source, buffer, PIECE);
    if (got < 0) {
        tm_xml_fault(xml, "cannot read: %s", tm_source_fault(xml->source));
        return -1;
    }
    *given += (uint64_t)got;
    if (XML_ParseBuffer(xml->parser, (int)got, got == 0) != XML_STATUS_OK) {
        enum XML_Error error = XML_GetErrorCode(xml->parser);
        tm_xml_fault(xml, error == XML_ERROR_NO_MEMORY ? "out of memory" : "found no well-formed XML: %s", XML_ErrorString(error));
        return -1;
    }
    XML_Index at = XML_GetCurrentByteIndex(xml->parser);
    if (at >= 0 && *given > (uint64_t)at + TM_XML_PIECE) {
        tm_xml_fault(xml, "found a tag of more than %d MiB", TM_XML_PIECE >> 20);
        return -1;
    }
    return got > 0;
}

int tm_xml_read(struct tm_source *source, const struct tm_xml_handler *handler, struct tm_diag *diag)
{
    struct tm_xml xml = {.source = source, .diag = diag, .handler = handler, .parser = XML_ParserCreate(NULL)};
    uint64_t given = 0;
    int step = 1;
    if (!xml.parser) {
        tm_diag_error(diag, &(struct tm_place){source->name, 0, 0}, "out of memory");
        return -1;
    }
    XML_SetUserData(xml.parser, &xml);
    XML_SetElementHandler(xml.parser, start_element, end_element);
    XML_SetStartDoctypeDeclHandler(xml.parser, refuse_doctype);
    while (step == 1)
        step = parse_piece(&xml, &given);
    XML_ParserFree(xml.parser);
    return step < 0 || xml.failed ? -1 : 0;
}

const char *tm_xml_attribute(const char *const *attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}
