#include "daemon/process.h"

#include "access/host.h"
#include "act/runner.h"
#include "daemon/duty_core.h"
#include "daemon/duty_front.h"
#include "daemon/duty_inspect.h"
#include "daemon/duty_log.h"
#include "estate/child.h"
#include "fetch/call.h"
#include "fetch/child.h"
#include "fetch/mail.h"
#include "govern/pdf.h"
#include "op/query.h"

#include <stdio.h>

typedef int process_main(const ar_tables *tables, int argc, char **argv);

static const struct {
    const char *name;
    process_main *run;
} processes[] = {
    { "act", ar_runner_main },          { "browser", ar_browser_main }, { "call", ar_call_main },
    { "connector", ar_connector_main }, { "core", ar_duty_core },       { "facts", ar_duty_facts },
    { "fetch", ar_fetch_main },         { "front", ar_duty_front },     { "gate", ar_duty_gate },
    { "grant", ar_host_grant_main },    { "inspect", ar_duty_inspect }, { "mail", ar_mail_main },
    { "print", ar_print_main },         { "query", ar_query_child },
};

int ar_process_main(const ar_tables *tables, const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < AR_COUNT(processes); i++)
        if (strcmp(processes[i].name, name) == 0) return processes[i].run(tables, argc, argv);
    (void)fprintf(stderr, "aright: there is no process '%s'\n", name);
    return ar_code_exit(AR_INVALID);
}
