/* libpq, loaded when the first store of PostgreSQL is opened: who has none needs none. Types and numbers are of its header. */
#ifndef TM_STORE_POSTGRES_LIBPQ_H
#define TM_STORE_POSTGRES_LIBPQ_H

#include <libpq-fe.h>

/* The functions that are called, as they are declared there. */
#define TM_LIBPQ_FUNCTIONS(F)                                                                                                      \
    F(PQconnectdbParams)                                                                                                           \
    F(PQconninfoParse)                                                                                                             \
    F(PQconninfoFree)                                                                                                              \
    F(PQreset)                                                                                                                     \
    F(PQfreemem)                                                                                                                   \
    F(PQsocket)                                                                                                                    \
    F(PQconsumeInput)                                                                                                              \
    F(PQisBusy)                                                                                                                    \
    F(PQsetNoticeProcessor)                                                                                                        \
    F(PQfinish)                                                                                                                    \
    F(PQstatus)                                                                                                                    \
    F(PQerrorMessage)                                                                                                              \
    F(PQserverVersion)                                                                                                             \
    F(PQhost)                                                                                                                      \
    F(PQport)                                                                                                                      \
    F(PQdb)                                                                                                                        \
    F(PQtransactionStatus)                                                                                                         \
    F(PQexec)                                                                                                                      \
    F(PQexecParams)                                                                                                                \
    F(PQprepare)                                                                                                                   \
    F(PQexecPrepared)                                                                                                              \
    F(PQdescribePrepared)                                                                                                          \
    F(PQsendQueryParams)                                                                                                           \
    F(PQsetSingleRowMode)                                                                                                          \
    F(PQgetResult)                                                                                                                 \
    F(PQputCopyData)                                                                                                               \
    F(PQputCopyEnd)                                                                                                                \
    F(PQresultStatus)                                                                                                              \
    F(PQresultErrorField)                                                                                                          \
    F(PQntuples)                                                                                                                   \
    F(PQnfields)                                                                                                                   \
    F(PQnparams)                                                                                                                   \
    F(PQparamtype)                                                                                                                 \
    F(PQfname)                                                                                                                     \
    F(PQftype)                                                                                                                     \
    F(PQgetvalue)                                                                                                                  \
    F(PQgetlength)                                                                                                                 \
    F(PQgetisnull)                                                                                                                 \
    F(PQcmdStatus)                                                                                                                 \
    F(PQclear)                                                                                                                     \
    F(PQgetCancel)                                                                                                                 \
    F(PQcancel)                                                                                                                    \
    F(PQfreeCancel)

struct tm_libpq {
#define TM_LIBPQ_MEMBER(name) __typeof__(&name) name;
    TM_LIBPQ_FUNCTIONS(TM_LIBPQ_MEMBER)
#undef TM_LIBPQ_MEMBER
};

/* NULL: it is not there, and *fault says what was not found. Good for the life of the process, in all threads. */
const struct tm_libpq *tm_libpq(const char **fault);

#endif
