/* The fuzz targets, a line each; no guard, since it is read twice. */
TM_FUZZ_TARGET(csv)     /* a file for ingest, a row per plugin or per call */
TM_FUZZ_TARGET(format)  /* a file of another program */
TM_FUZZ_TARGET(ini)     /* tidemark.ini */
TM_FUZZ_TARGET(sql)     /* a query of somebody's */
TM_FUZZ_TARGET(store)   /* changes of a store's rows, schema and pages, and commands on it */
TM_FUZZ_TARGET(restore) /* a dump, stored and dumped again */
TM_FUZZ_TARGET(line)    /* command lines */
TM_FUZZ_TARGET(words)   /* a command's line */
