/* The SHA-256, in base64, of all that the migrations declare in an empty store, as tm_sqlite_fingerprint() reads it. A test
 * compares it with what they make, and says what to write here after a change of the tables. */
#ifndef TM_SCHEMA_FINGERPRINT_H
#define TM_SCHEMA_FINGERPRINT_H

#define TM_SCHEMA_FINGERPRINT "f2rK31Z8OV/SlXqXAOK9zc9DBjGc2J+1c1rbYQwqIhc="

#endif
