/* A host of libtidemark_record: it records three calls of one plugin and writes them as CSV. */
#include <stdio.h>

#include "tidemark_record.h"

int main(int argc, char **argv)
{
    if (argc != 2 || tm_rec_start(NULL) != 0)
        return 1;
    tm_rec_plugin *plugin = tm_rec_register("echo", "1.0");
    if (!plugin)
        return 1;
    for (int i = 0; i < 3; i++) {
        struct tm_rec_call call;
        tm_rec_begin(&call, plugin);
        tm_rec_end(&call, TM_REC_OK);
    }
    int failed = tm_rec_flush_csv(argv[1]);
    if (failed)
        fprintf(stderr, "%s\n", tm_rec_message());
    tm_rec_stop();
    return failed != 0;
}
