/* Help is made from the commands' rows; there is no second list of anything. */
#include "cli/help.h"

#include <string.h>

const struct tm_option tm_common_options[] = {
    [TM_OPTION_DB] = {.name = "db",
                      .argument = "FILE",
                      .help = "the store (default: $TIDEMARK_DB, db in tidemark.ini, or tidemark.db)"},
    [TM_OPTION_HELP] = {.name = "help", .help = "show this help"},
};

void tm_help_all(FILE *out, const struct tm_command *const *commands)
{
    static const char *const titles[TM_GROUPS] = {
        [TM_EVERY_NIGHT] = "every night", [TM_DECIDING] = "decide", [TM_ASKING] = "ask", [TM_KEEPING] = "keep the store"};
    fputs("usage: tidemark [--db FILE] COMMAND ...\n\n"
          "Tidemark keeps performance profiles of plugins in one SQLite file, and judges every night.\n",
          out);
    for (int group = 0; group < TM_GROUPS; group++) {
        fprintf(out, "\n%s:\n", titles[group]);
        for (const struct tm_command *const *command = commands; *command; command++)
            if ((*command)->group == (enum tm_group)group)
                fprintf(out, "  %-11s %s\n", (*command)->name, (*command)->summary);
    }
    fputs("\n'tidemark COMMAND --help' explains one command; 'tidemark --version' shows the version.\n"
          "The store is --db FILE, or $TIDEMARK_DB, or 'db =' under [store] in tidemark.ini, or ./tidemark.db.\n"
          "Exit codes: 0 done or pass, 1 regression, 2 trouble, 3 nothing judged.\n",
          out);
}

int tm_count_options(const struct tm_command *command)
{
    int n = 0;
    while (n < TM_MAX_OPTIONS && command->options[n].name)
        n++;
    return n;
}

char tm_option_letter(const struct tm_option *option)
{
    if (strcmp(option->name, "output") == 0)
        return 'o';
    return strcmp(option->name, "runs") == 0 ? 'n' : '\0';
}

static void put_option(FILE *out, const struct tm_option *option)
{
    char left[64], letter[8] = "";
    if (tm_option_letter(option))
        snprintf(letter, sizeof letter, "-%c, ", tm_option_letter(option));
    const char *argument = option->argument ? option->argument : "";
    snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, *argument && *argument != '[' ? " " : "", argument);
    fprintf(out, "  %-20s %s\n", left, option->help);
}

void tm_help_command(FILE *out, const struct tm_command *command)
{
    fprintf(out, "usage: tidemark %s %s\n\n%s.\n", command->name, command->usage, command->summary);
    if (command->more)
        fprintf(out, "\n%s\n", command->more);
    fputs("\noptions:\n", out);
    for (int i = 0; i < tm_count_options(command); i++)
        put_option(out, &command->options[i]);
    for (int i = 0; i < TM_N_COMMON; i++)
        put_option(out, &tm_common_options[i]);
    fprintf(out, "\nexample:\n%s", command->example);
}
