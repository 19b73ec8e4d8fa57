/* The command line, by the table of commands: options before the command, the command, its own
 * options with words in between. getopt_long does the splitting; a command's row says which
 * options there are, which have a value, and how many words it takes.
 *
 * Whatever makes no sense is told with the nearest thing that would: the same table that parses
 * also knows what could have been meant. */
#include "cli/arguments.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/nearest.h"
#include "base/timestamp.h"
#include "cli/help.h"

/* It may hold a password. */
static void free_secret(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

static const struct tm_command *find_command(const struct tm_command *const *commands, const char *name)
{
    for (; *commands; commands++)
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    return NULL;
}

static int unknown_command(const struct tm_command *const *commands, const char *name)
{
    struct tm_nearest nearest = tm_nearest_to(name);
    for (; *commands; commands++)
        tm_nearest_offer(&nearest, (*commands)->name);
    tm_trouble("unknown command '%s'", name);
    if (*nearest.found)
        tm_hint("did you mean '%s'?", nearest.found);
    else
        tm_hint("'tidemark --help' lists the commands");
    return TM_EXIT_TROUBLE;
}

/* command NULL: before any command, where only the common options are known. */
static int unknown_option(const struct tm_command *command, const char *word)
{
    char name[64];
    snprintf(name, sizeof name, "%s", word + strspn(word, "-"));
    name[strcspn(name, "=")] = '\0';
    struct tm_nearest nearest = tm_nearest_to(name);
    for (int i = 0; command && i < tm_count_options(command); i++)
        tm_nearest_offer(&nearest, command->options[i].name);
    for (int i = 0; i < TM_N_COMMON; i++)
        tm_nearest_offer(&nearest, tm_common_options[i].name);
    if (!command)
        tm_nearest_offer(&nearest, "version");
    tm_trouble("unknown option '%s'", word);
    if (*nearest.found)
        tm_hint("did you mean '--%s'?", nearest.found);
    else
        tm_hint("'tidemark %s%s--help' lists the options", command ? command->name : "", command ? " " : "");
    return TM_EXIT_TROUBLE;
}

/* What getopt_long returned ':' (no value given) or '?' for: an unknown option, or a flag with a
 * value, of which optopt is the code. */
static int bad_option(const struct tm_command *command, int code, char **argv, const struct option *options)
{
    const char *word = argv[optind - 1];
    if (code == ':')
        return tm_trouble("option '%s' needs a value", word);
    for (const struct option *option = options; option->name && optopt; option++)
        if (option->val == optopt)
            return tm_trouble("option '--%s' takes no value", option->name);
    return unknown_option(command, word);
}

/* Everybody on the machine sees the line: a password is taken out of it at once, and *copy keeps it. 0, or TM_EXIT_TROUBLE after a
 * message. */
static int take_secret(char *given, char **copy)
{
    *copy = strdup(given);
    if (!*copy)
        return tm_trouble("out of memory");
    if (tm_is_address(given))
        tm_hide_passwords(given);
    return 0;
}

static int take_db(struct tm_arguments *arguments, char *given)
{
    free_secret(arguments->db);
    return take_secret(given, &arguments->db);
}

/* Addresses are the values of more than --db. */
static int take_value(struct tm_arguments *arguments, int option, char *value)
{
    struct tm_given *given = &arguments->given[arguments->n_given++];
    *given = (struct tm_given){.option = option, .value = value ? value : ""};
    if (!value || !tm_is_address(value))
        return 0;
    int code = take_secret(value, &given->secret);
    given->value = given->secret;
    return code;
}

/* Before the command: --db, --help, --version. 0: the command follows at optind; else an exit
 * code + 1. The '+' stops at the first word, so that options behind the command are left to it. */
static int parse_front(struct tm_arguments *arguments, const struct tm_command *const *commands, int argc, char **argv)
{
    static const struct option options[] = {{"db", required_argument, NULL, 'd'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    int code;
    opterr = 0;
    while ((code = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
        if (code == 'd' && take_db(arguments, optarg) != 0)
            return TM_EXIT_TROUBLE + 1;
        if (code == 'd')
            continue;
        if (code == 'h')
            return tm_help_all(stdout, commands), TM_EXIT_DONE + 1;
        else if (code == 'V')
            return puts("tidemark " TM_VERSION), TM_EXIT_DONE + 1;
        else
            return bad_option(NULL, code, argv, options) + 1;
    }
    return 0;
}

/* The command's row; 'help NAME' shows its help, no command at all shows the list, on standard
 * error, and fails. */
static int parse_command(struct tm_arguments *arguments, const struct tm_command *const *commands, int argc, char **argv)
{
    if (optind >= argc) {
        tm_help_all(stderr, commands);
        return TM_EXIT_TROUBLE + 1;
    }
    const char *name = argv[optind];
    bool help = strcmp(name, "help") == 0;
    if (help && optind + 1 >= argc)
        return tm_help_all(stdout, commands), TM_EXIT_DONE + 1;
    if (help)
        name = argv[optind + 1];
    arguments->command = find_command(commands, name);
    if (!arguments->command)
        return unknown_command(commands, name) + 1;
    if (help)
        tm_help_command(stdout, arguments->command);
    return help ? TM_EXIT_DONE + 1 : 0;
}

/* What getopt_long returns for a command's first option: above every letter, so that short forms cannot be taken for it. */
enum { FIRST_OPTION = 1000 };

/* The command's options, then the common ones, as getopt_long wants them. */
static void describe_options(const struct tm_command *command, struct option *options)
{
    int n = tm_count_options(command);
    for (int i = 0; i < n + TM_N_COMMON; i++) {
        const struct tm_option *option = i < n ? &command->options[i] : &tm_common_options[i - n];
        int has = !option->argument ? no_argument : *option->argument == '[' ? optional_argument : required_argument;
        options[i] = (struct option){option->name, has, NULL, FIRST_OPTION + i};
    }
    options[n + TM_N_COMMON] = (struct option){0};
}

/* Too few or too many words: the usage line says what is missing, or names the first that is too many. */
static int check_words(const struct tm_arguments *arguments)
{
    const struct tm_command *command = arguments->command;
    bool few = arguments->n_words < command->least_words;
    if (!few && (command->most_words < 0 || arguments->n_words <= command->most_words))
        return 0;
    if (few)
        tm_trouble("'%s' needs more arguments: tidemark %s %s", command->name, command->name, command->usage);
    else
        tm_trouble("'%s' cannot use '%s': tidemark %s %s", command->name, arguments->words[command->most_words], command->name,
                   command->usage);
    return TM_EXIT_TROUBLE + 1;
}

/* "-- " begins an SQL comment in front of a query: that is a word, whatever getopt takes it for. */
static bool looks_like_option(const char *word)
{
    return strncmp(word, "--", 2) != 0 || !isspace((unsigned char)word[2]);
}

enum { WORD = 1 }; /* what getopt_long returns for one */

/* Short forms, which all have a value. The '-' makes getopt_long return words in their places, so
 * that they may stand between options; the ':' tells a missing value from an unknown option. */
static void describe_letters(const struct tm_command *command, char letters[2 * TM_MAX_OPTIONS + 3])
{
    char *at = stpcpy(letters, "-:");
    for (int i = 0; i < tm_count_options(command); i++)
        if (tm_option_letter(&command->options[i]))
            *at++ = tm_option_letter(&command->options[i]), *at++ = ':';
    *at = '\0';
}

/* Index of the option that a code of getopt_long stands for; below 0: none. */
static int option_of(const struct tm_command *command, int code)
{
    for (int i = 0; i < tm_count_options(command); i++)
        if (tm_option_letter(&command->options[i]) && tm_option_letter(&command->options[i]) == code)
            return i;
    return code - FIRST_OPTION;
}

/* Behind the command: its own options and the common ones, words in between. */
static int parse_rest(struct tm_arguments *arguments, int argc, char **argv)
{
    const struct tm_command *command = arguments->command;
    struct option options[TM_MAX_OPTIONS + TM_N_COMMON + 1];
    char letters[2 * TM_MAX_OPTIONS + 3];
    int code, n = tm_count_options(command);
    describe_options(command, options);
    describe_letters(command, letters);
    /* No more options, and no more words, than the line has. */
    arguments->given = calloc((size_t)argc, sizeof *arguments->given);
    arguments->words = calloc((size_t)argc + 1, sizeof *arguments->words);
    if (!arguments->given || !arguments->words)
        return tm_trouble("out of memory") + 1;
    /* 0, not 1: getopt starts anew, with other letters than in front of the command. */
    optind = 0;
    while ((code = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        int option = option_of(command, code);
        if (code == WORD || (code == '?' && !looks_like_option(argv[optind - 1])))
            arguments->words[arguments->n_words++] = argv[optind - 1];
        else if (option < 0)
            return bad_option(command, code, argv, options) + 1;
        else if (option == n + TM_OPTION_HELP)
            return tm_help_command(stdout, command), TM_EXIT_DONE + 1;
        else if ((option == n + TM_OPTION_DB ? take_db(arguments, optarg) : take_value(arguments, option, optarg)) != 0)
            return TM_EXIT_TROUBLE + 1;
    }
    while (optind < argc)
        arguments->words[arguments->n_words++] = argv[optind++];
    return check_words(arguments);
}

/* getopt_long has permuted nothing so far: what is behind optind is the command and its line. */
int tm_arguments_parse(struct tm_arguments *arguments, const struct tm_command *const *commands, int argc, char **argv)
{
    int code = parse_front(arguments, commands, argc, argv);
    if (code == 0)
        code = parse_command(arguments, commands, argc, argv);
    return code ? code : parse_rest(arguments, argc - optind, argv + optind);
}

void tm_arguments_free(struct tm_arguments *arguments)
{
    free_secret(arguments->db);
    for (int i = 0; i < arguments->n_given; i++)
        free_secret(arguments->given[i].secret);
    free(arguments->given);
    free(arguments->words);
}

void tm_arguments_forget(const struct tm_arguments *arguments, const char *address)
{
    if (arguments->db && arguments->db == address)
        tm_hide_passwords(arguments->db);
    for (int i = 0; i < arguments->n_given; i++)
        if (arguments->given[i].secret && arguments->given[i].secret == address)
            tm_hide_passwords(arguments->given[i].secret);
}

const char *tm_option_next(const struct tm_arguments *arguments, const char *name, int *at)
{
    while (*at < arguments->n_given) {
        const struct tm_given *given = &arguments->given[(*at)++];
        if (strcmp(arguments->command->options[given->option].name, name) == 0)
            return given->value;
    }
    return NULL;
}

/* The last one counts: a script's default is overridden by adding to the line. */
const char *tm_option_value(const struct tm_arguments *arguments, const char *name)
{
    const char *last = NULL;
    int at = 0;
    for (const char *value; (value = tm_option_next(arguments, name, &at));)
        last = value;
    return last;
}

bool tm_option_given(const struct tm_arguments *arguments, const char *name)
{
    return tm_option_value(arguments, name) != NULL;
}

/* Decimal and whole, from `least` up. *value stays as it is where the option is not given. */
int tm_option_count(const struct tm_arguments *arguments, const char *name, int64_t least, int64_t *value)
{
    const char *text = tm_option_value(arguments, name);
    char *end;
    if (!text)
        return 0;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < least) {
        tm_trouble("--%s '%s' is not a whole number from %lld up", name, text, (long long)least);
        return -1;
    }
    *value = number;
    return 0;
}

int tm_option_time(const struct tm_arguments *arguments, const char *name, int64_t *value)
{
    const char *text = tm_option_value(arguments, name);
    if (!text || tm_time_parse(text, strlen(text), value) == 0)
        return 0;
    tm_trouble("--%s '%s' is not a time: expected ISO 8601, like 2026-11-20T02:00:00Z, or epoch seconds", name, text);
    return -1;
}

int tm_option_share(const struct tm_arguments *arguments, const char *name, double least, double most, double *share)
{
    const char *text = tm_option_value(arguments, name);
    char *end = NULL;
    double value = text ? strtod(text, &end) : 0;
    if (!text)
        return 0;
    if (end > text && *end == '%') {
        value /= 100;
        end++;
    }
    if (end == text || *end || !(value >= least && value <= most)) {
        tm_trouble("--%s '%s': expected a share from %g%% to %g%%, like 10%% or 0.1", name, text, 100 * least, 100 * most);
        return -1;
    }
    *share = value;
    return 0;
}

int tm_option_seconds(const struct tm_arguments *arguments, const char *name, double *ns)
{
    static const double MOST = 1e9; /* thirty years */
    const char *text = tm_option_value(arguments, name);
    char *end = NULL;
    double value = text ? strtod(text, &end) : 0;
    if (!text)
        return 0;
    if (end == text || *end || !(value > 0 && value <= MOST)) {
        tm_trouble("--%s '%s' is not a number of seconds above 0", name, text);
        return -1;
    }
    *ns = 1e9 * value;
    return 0;
}
