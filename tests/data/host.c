/* A plugin host outside of Tidemark that records its calls, as C and as C++:
 *     cc host.c $(pkg-config --cflags --libs tidemark) -o host
 *     PLUGIN_PROFILING=1 ./host night.csv */
#include <stdio.h>
#include <tidemark_record.h>

#ifdef __cplusplus
#include <stdexcept>

/* Ends the call however its scope is left. */
struct scope {
    struct tm_rec_call call;
    enum tm_rec_status status;
    explicit scope(tm_rec_plugin *plugin) : call(), status(TM_REC_ERROR)
    {
        tm_rec_begin(&call, plugin);
    }
    ~scope()
    {
        tm_rec_end(&call, status);
    }
};

static int call_plugin(tm_rec_plugin *plugin, int argument)
{
    scope recorded(plugin);
    if (argument % 10 == 0)
        throw std::runtime_error("ten");
    recorded.status = TM_REC_OK;
    return argument;
}

static int call_safely(tm_rec_plugin *plugin, int argument)
{
    try {
        return call_plugin(plugin, argument);
    } catch (const std::runtime_error &) {
        return 0;
    }
}
#else
static int call_safely(tm_rec_plugin *plugin, int argument)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_end(&call, argument % 10 ? TM_REC_OK : TM_REC_ERROR);
    return argument;
}
#endif

int main(int argc, char **argv)
{
    int sum = 0;
    if (tm_rec_start(0) != 0) {
        fprintf(stderr, "host: %s\n", tm_rec_message());
        return 2;
    }
    tm_rec_plugin *plugin = tm_rec_register("counter", "2.0");
    for (int i = 0; i < 100; i++)
        sum += call_safely(plugin, i);
    if (tm_rec_flush_csv(argc > 1 ? argv[1] : "night.csv") != 0) {
        fprintf(stderr, "host: %s\n", tm_rec_message());
        return 2;
    }
    tm_rec_stop();
    return sum > 0 ? 0 : 1;
}
