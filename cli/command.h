/* What a command is, and what it is given. */
#ifndef TM_CLI_COMMAND_H
#define TM_CLI_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/message.h"
#include "gate/run.h"
#include "store/store.h"

enum { TM_MAX_OPTIONS = 40 }; /* gate has the most, and a compiler that says when it has more */

struct tm_option {
    const char *name;
    const char *argument; /* what stands for it in the help; NULL: a flag; "[=NAME]": it may have one */
    const char *help;
};

struct tm_given {
    int option; /* index in the command's options */
    const char *value;
    char *secret; /* owned: the value, where it is an address; else NULL */
};

/* The command line, taken apart. */
struct tm_arguments {
    const struct tm_command *command;
    char *db; /* --db, a copy; NULL: not given */
    struct tm_given *given;
    int n_given;
    char **words; /* what is no option; the array is owned */
    int n_words;
};

/* What a command has at hand when it runs. */
struct tm_context {
    const struct tm_arguments *arguments;
    const struct tm_config *config; /* tidemark.ini */
    const char *path;               /* of the store */
    unsigned flags;                 /* to open it with; `prepare` may change both */
    tm_store *store;
    bool committed;              /* the command has stored something, if not all of it */
    bool spooled;                /* the spool is open in the store's place (cli/spool.h) */
    struct tm_scope scope;       /* --project, --branch and --host; the project is there where the command needs one */
    struct tm_settings settings; /* TM_NEEDS_SETTINGS */
    struct tm_judged_run run;    /* TM_NEEDS_JUDGED_RUN */
    const char *default_branch;  /* of runs of which nothing says it; NULL: the store's */
    void *own;                   /* of the command: what `prepare` read; freed with free() */
    char *owned_project;         /* the text behind scope.project, where it came from the store */
};

/* What is done before a command runs; each takes in those above it. Commands that need a transaction end it with tm_context_commit;
 * else it is taken back. */
enum tm_need {
    TM_NEEDS_NOTHING,     /* not even a store */
    TM_NEEDS_READING,     /* the store, open for reading */
    TM_NEEDS_JUDGED_RUN,  /* and the run that the options name with its verdicts: the stored ones, or made in memory */
    TM_NEEDS_WRITING,     /* the store, open for writing */
    TM_NEEDS_TRANSACTION, /* and a transaction */
};

/* How the help sorts commands: a heading each. */
enum tm_group { TM_EVERY_NIGHT, TM_DECIDING, TM_ASKING, TM_KEEPING, TM_GROUPS };

struct tm_command {
    const char *name;
    const char *usage; /* behind the name */
    const char *summary;
    const char *more; /* paragraphs for --help; NULL: none */
    const char *example;
    enum tm_group group;
    enum tm_need needs;
    bool needs_project;  /* one: the one that is named, or the store's only one */
    bool needs_settings; /* with a judged run they are read in any case */
    bool repeatable;     /* done twice it is what it is done once: also where nobody knows whether it was done */
    bool checks_scope; /* as where a project is needed: one, or a host, that is not in the store is trouble, not an empty answer */
    int (*prepare)(struct tm_context *context); /* looks at the options before a store is opened; NULL: nothing to look at */
    int (*run)(struct tm_context *context);     /* an exit code */
    void (*finish)(struct tm_context *context); /* frees what `own` holds, where prepare has set it; NULL: nothing but itself */
    int least_words, most_words;                /* most_words < 0: any number */
    struct tm_option options[TM_MAX_OPTIONS];
};

/* Runs the command of the line: an exit code. */
int tm_command_run(const struct tm_arguments *arguments);

/* Opens a store that is a file or an address: 0, or -1 with the message in the handle, which is to be closed in any case. The
 * password of an address stays nowhere in our memory, and in no core file. */
int tm_context_open(const struct tm_context *context, const char *path, unsigned flags, tm_store **store);

/* For a command that needs a store only for a part of its time, and whose row says that it needs none. Taking up opens it: 0, or
 * TM_EXIT_TROUBLE after a message. Letting go closes a store in a file: who makes a new one keeps others from making it. */
int tm_context_take_up(struct tm_context *context);
void tm_context_let_go(struct tm_context *context);

/* Ends the transaction: 0, or TM_EXIT_TROUBLE after a message. */
int tm_context_commit(struct tm_context *context);

/* Finds the one project that the command is about, with several in the store by asking which: 0, or TM_EXIT_TROUBLE after a
 * message. plugin NULL, or: only projects with a plugin of that name count. */
int tm_context_choose_project(struct tm_context *context, const char *plugin);

/* Lets others who write in that project wait: before what is to be written anew is read. 0, or TM_EXIT_TROUBLE after a message. */
int tm_context_lock_project(struct tm_context *context);

/* 0 if the project has a plugin of that name, else TM_EXIT_TROUBLE after a message. Project NULL: any. */
int tm_context_check_plugin(struct tm_context *context, const char *name);

/* Shows progress on a terminal while many nights are judged. */
extern const struct tm_watcher tm_terminal_watcher;

/* --project, --branch and --host of the lists. */
#define TM_SCOPE_OPTIONS                                                                                                           \
    {"project", "NAME", "only this project"}, {"branch", "NAME", "only this branch"},                                              \
    {                                                                                                                              \
        "host", "KEY", "only runs of this host"                                                                                    \
    }

#endif
