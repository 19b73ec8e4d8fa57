/* tidemark.ini: read, asked, and made into settings of the gate. */
#include "cli/config.h"
#include "cli/settings.h"
#include "tests/fuzz/fuzz.h"

void tm_fuzz_ini(const uint8_t *bytes, size_t size)
{
    struct tm_arguments arguments = {0};
    struct tm_settings settings;
    struct tm_config config;
    static const struct tm_command nothing = {.name = "none"};
    arguments.command = &nothing;
    tm_scene_write("tidemark.ini", bytes, size);
    tm_settings_init(&settings);
    if (tm_config_read(&config, &arguments) == 0) {
        (void)tm_config_value(&config, "store", "db");
        (void)tm_config_apply(&config, &settings);
    }
    tm_settings_free(&settings);
    tm_config_free(&config);
}
