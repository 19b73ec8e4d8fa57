/* The one place that speaks to expat: elements and their attributes, with positions. A document type is refused, and with it every
 * entity but the five; so is what is nested deeper, or longer in one piece, than any report is. */
#ifndef TM_INGEST_FORMATS_XML_H
#define TM_INGEST_FORMATS_XML_H

#include "ingest/diag.h"
#include "ingest/source.h"

enum { TM_XML_DEPTH = 128, TM_XML_PIECE = 8 << 20 };

struct tm_xml;

struct tm_xml_handler {
    void *context;
    /* attributes: name, value, name, value, ..., NULL; all valid during the call. */
    void (*start)(void *context, struct tm_xml *xml, const char *name, const char *const *attributes);
    void (*end)(void *context, struct tm_xml *xml, const char *name);
};

/* Reads the source to its end. 0, or -1 when it had to stop: the reason has been told to diag. */
int tm_xml_read(struct tm_source *source, const struct tm_xml_handler *handler, struct tm_diag *diag);

struct tm_place tm_xml_place(const struct tm_xml *xml);

/* Stops reading with that fault; the text is printf's. */
void tm_xml_fault(struct tm_xml *xml, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The value of an attribute; NULL: the element has none. */
const char *tm_xml_attribute(const char *const *attributes, const char *name);

#endif
