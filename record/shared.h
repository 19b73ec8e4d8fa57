/* Functions of the recorder that the library above it calls (record/outlet), though no host does: they are seen outside of
 * libtidemark_record.so. packaging/libtidemark_record.map lists them apart from the public ones. */
#ifndef TM_RECORD_SHARED_H
#define TM_RECORD_SHARED_H

#ifdef __GNUC__
#define TM_RECORD_SHARED __attribute__((visibility("default")))
#else
#define TM_RECORD_SHARED
#endif

#endif
