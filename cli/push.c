/* push, pull: runs from store to store. A spool on a build machine, a common store on a server and a copy at home are stores alike.
 * pull takes what people decided along; push leaves that at home. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/transfer.h"
#include "gate/restored.h"

/* The other store: opened here, for the command's own is the one that is read. 0, or TM_EXIT_TROUBLE after a message. */
static int open_other(const struct tm_context *context, const char *path, tm_store **other)
{
    return tm_context_open(context, path, TM_CREATE | TM_MADE_LATE, other) == 0 ? 0 : tm_store_trouble(*other);
}

/* "4 runs sent, 2 already there": 0, or TM_EXIT_TROUBLE where something was refused. */
static int print_sent(const struct tm_sent *sent, const char *doing, const char *where)
{
    printf("%" PRIu64 " run%s %s", sent->stored, TM_PLURAL(sent->stored), doing);
    if (sent->decisions > 0)
        printf(", %" PRIu64 " decision%s", sent->decisions, TM_PLURAL(sent->decisions));
    printf(", %" PRIu64 " already %s", sent->already, where);
    if (sent->refused > 0)
        printf(", %" PRIu64 " refused", sent->refused);
    putchar('\n');
    return sent->differ > 0 ? TM_EXIT_TROUBLE : TM_EXIT_DONE;
}

/* One store that waits for its own lock would wait for ever. */
static int check_paths(const char *from, const char *to)
{
    if (strcmp(to, ":memory:") == 0 || !*to || !*from)
        return tm_trouble("'%s' is no file: nothing would be kept", *from ? to : from);
    return tm_same_file(from, to) ? tm_trouble("the store to read from and the one to write to are the same") : 0;
}

/* As with a dump, only an option names a project: what is set for every night must not leave half of a spool behind. */
static int prepare_push(struct tm_context *context)
{
    const char *from = tm_option_value(context->arguments, "from"), *to = tm_option_value(context->arguments, "to");
    context->scope.project = tm_option_value(context->arguments, "project");
    if (!to)
        return tm_trouble("'push' needs --to STORE");
    if (from)
        context->path = from;
    return check_paths(context->path, to);
}

static int run_push(struct tm_context *context)
{
    tm_store *to = NULL;
    struct tm_sent sent;
    int code = open_other(context, tm_option_value(context->arguments, "to"), &to);
    if (code == 0)
        code = tm_transfer(context->store, to, context->scope.project, false, "sent", &sent);
    if (code == 0)
        code = print_sent(&sent, "sent", "there");
    tm_close(to);
    return code;
}

const struct tm_command tm_command_push = {
    .name = "push",
    .usage = "--to STORE [options]",
    .summary = "send the runs of this store that another one has not, such as those of a spool",
    .more =
        "What is there already is left as it is, so a push may be repeated, and come from several places. A run that is there with "
        "another\n"
        "content is named and not sent, and the exit code is 2; the others are sent all the same. Decisions stay at home.",
    .example = "  tidemark push --from spool.db --to postgresql://ci@db.example.org/tidemark\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = prepare_push,
    .run = run_push,
    .options = {{"from", "FILE", "the store to send from (default: that of --db)"},
                {"to", "STORE", "a file, which is made if it is not there, or the address of a server"},
                {"project", "NAME", "only this project (default: all of them, whatever tidemark.ini says)"}},
};

/* The store that is read is the other one; that of --db is kept in context->own meanwhile. */
static int prepare_pull(struct tm_context *context)
{
    const char *from = tm_option_value(context->arguments, "from");
    if (!from)
        return tm_trouble("'pull' needs --from STORE");
    int code = check_paths(from, context->path);
    if (code == 0 && !(context->own = strdup(context->path)))
        code = tm_trouble("out of memory");
    context->path = from;
    return code;
}

/* Branches that are new here are judged with the settings they were judged with there; those that were judged here are left to the
 * next gate. */
static int judge_new(tm_store *store)
{
    struct tm_restored judged;
    if (tm_begin(store) != 0 || tm_judge_restored(store, &tm_terminal_watcher, &judged) != 0 || tm_commit(store) != 0)
        return tm_store_trouble(store);
    if (judged.anew > 0)
        tm_hint("the settings with which %zu branch%s been judged are not understood: the next gate judges all nights anew",
                judged.anew, judged.anew == 1 ? " has" : "es have");
    return 0;
}

static int run_pull(struct tm_context *context)
{
    tm_store *to = NULL;
    struct tm_sent sent;
    int code = open_other(context, context->own, &to);
    tm_hide_passwords(context->own); /* a copy: the line's own is forgotten where it is opened */
    if (code == 0)
        code = tm_transfer(context->store, to, context->scope.project, true, "brought", &sent);
    if (code == 0 && sent.stored + sent.already > 0)
        code = judge_new(to);
    if (code == 0)
        code = print_sent(&sent, "brought", "here");
    tm_close(to);
    return code;
}

const struct tm_command tm_command_pull = {
    .name = "pull",
    .usage = "--from STORE [options]",
    .summary = "copy a project of another store into this one, or what is new in it",
    .more = "Runs, metrics and decisions come along, and verdicts are made of them as 'restore' makes them. What is here already "
            "is left "
            "as it is;\n"
            "where it differs it is named, and the exit code is 2. Nothing changes in the store it comes from.",
    .example = "  tidemark pull --from postgresql://ci@db.example.org/tidemark --project parser --db home.db\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_READING,
    .needs_project = true,
    .prepare = prepare_pull,
    .run = run_pull,
    .options = {{"from", "STORE", "the store to copy from: a file, or the address of a server"},
                {"project", "NAME", "the project (default: the only one of that store, or 'default')"}},
};
