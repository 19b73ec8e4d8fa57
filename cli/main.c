/* The program: a table of commands. The help shows them by group, and within a group in this order: what people need most first. */
#include <errno.h>
#include <string.h>

#include "cli/arguments.h"

extern const struct tm_command tm_command_ingest, tm_command_runs, tm_command_plugins, tm_command_show, tm_command_sql,
    tm_command_check, tm_command_prune, tm_command_rm, tm_command_rename, tm_command_metric, tm_command_replay, tm_command_gate,
    tm_command_rebuild, tm_command_accept, tm_command_waive, tm_command_retire, tm_command_decisions, tm_command_undo,
    tm_command_bottlenecks, tm_command_compare, tm_command_audit, tm_command_findings, tm_command_trend, tm_command_report,
    tm_command_evaluate, tm_command_adopt, tm_command_formats, tm_command_export, tm_command_dump, tm_command_restore,
    tm_command_migrate, tm_command_push, tm_command_pull, tm_command_measure, tm_command_doctor;

static const struct tm_command *const commands[] = {
    &tm_command_gate,        &tm_command_findings, &tm_command_report,  &tm_command_trend,
    &tm_command_ingest,      &tm_command_measure,  &tm_command_formats, &tm_command_accept,
    &tm_command_waive,       &tm_command_retire,   &tm_command_adopt,   &tm_command_decisions,
    &tm_command_undo,        &tm_command_runs,     &tm_command_plugins, &tm_command_show,
    &tm_command_bottlenecks, &tm_command_compare,  &tm_command_sql,     &tm_command_export,
    &tm_command_doctor,      &tm_command_check,    &tm_command_replay,  &tm_command_evaluate,
    &tm_command_audit,       &tm_command_rebuild,  &tm_command_metric,  &tm_command_rename,
    &tm_command_rm,          &tm_command_prune,    &tm_command_migrate, &tm_command_dump,
    &tm_command_restore,     &tm_command_push,     &tm_command_pull,    NULL,
};

/* A full disk or a closed pipe behind standard output is trouble, whatever the command said. */
static int close_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    return tm_trouble("cannot write the output: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    struct tm_arguments arguments = {0};
    /* Help that was shown is a success that runs nothing: hence "exit code + 1". */
    int code = tm_arguments_parse(&arguments, commands, argc, argv);
    code = code ? code - 1 : tm_command_run(&arguments);
    tm_arguments_free(&arguments);
    return close_output(code);
}
