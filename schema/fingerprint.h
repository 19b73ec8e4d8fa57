/* The SHA-256, in base64, of all that the migrations declare in an empty store, as tm_sqlite_fingerprint() reads it. A test
 * compares it with what they make, and says what to write here after a change of the tables. */
#ifndef TM_SCHEMA_FINGERPRINT_H
#define TM_SCHEMA_FINGERPRINT_H

#define TM_SCHEMA_FINGERPRINT "17XYzezBlVCPnbUFgerzQI/3nVApS+jqMNIoev2a/Js="

#endif
