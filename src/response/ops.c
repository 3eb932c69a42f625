#include "response/ops.h"

#include "response/count.h"
#include "response/move.h"
#include "response/open.h"
#include "response/read.h"

const ar_op ar_case_ops[] = {
    { .name = "case.list",
      .help = "list vulnerability and incident cases, what is overdue first",
      .more = "At risk is what is not due yet and, as long as its owner's stages take, mitigated "
              "after that. It is computed as it is read; `case show` tells the numbers.",
      .example = "aright case list --state at_risk",
      .grant = "case.read",
      .params = ar_case_list_params,
      .columns = ar_case_columns,
      .run = ar_case_run_list },
    { .name = "case.count",
      .help = "count cases by who answers for them: open, at risk, missed",
      .example = "aright case count --by division",
      .grant = "case.read",
      .params = ar_case_count_params,
      .run = ar_case_run_count },
    { .name = "case.show",
      .help = "show a case, and what happened to it when",
      .shape = AR_SHAPE_RECORD,
      .grant = "case.read",
      .params = ar_case_show_params,
      .columns = ar_case_show_columns,
      .run = ar_case_run_show },
    { .name = "case.open",
      .help = "report a vulnerability or an incident",
      .more = "The form for researchers, outside and inside: who reports needs no other grant. "
              "A table of decision points says by when it must be mitigated; points that are not "
              "given are assumed, as the table says, until it is triaged.",
      .example = "aright case open 'login page takes any password' --reporter 'Ada Byron'",
      .effect = AR_CHANGES,
      .grant = "case.open",
      .event = "case.opened",
      .params = ar_case_open_params,
      .columns = ar_case_columns,
      .run = ar_case_run_open },
    { .name = "case.stage",
      .help = "say how far a case is",
      .more = "A case goes forward by one stage or several; it goes back with --because only. The "
              "time to mitigate ends with 'mitigated'. With --point it is decided anew by when: "
              "once it is triaged, that only becomes earlier.",
      .effect = AR_CHANGES,
      .grant = "case.write",
      .event = "case.staged",
      .params = ar_case_stage_params,
      .columns = ar_case_columns,
      .run = ar_case_run_stage },
    { .name = "case.signal",
      .help = "warn of the cases that are going to miss their due date",
      .more = "Each is warned of once, and keeps when. It also shows all cases to the estate "
              "again, whose facts would be stale after two days: a timer runs it, every hour or "
              "so, and before `evaluate`.",
      .example = "aright case signal",
      .effect = AR_CHANGES,
      .grant = "case.signal",
      .event = "case.signalled",
      .columns = ar_case_columns,
      .run = ar_case_run_signal },
    { .name = "case.close",
      .help = "close a case that is mitigated",
      .more = "It wants the root cause of a vulnerability, what was learnt from it, and, when the "
              "due date was missed, the reason.",
      .effect = AR_CHANGES,
      .grant = "case.write",
      .event = "case.closed",
      .params = ar_case_close_params,
      .columns = ar_case_columns,
      .run = ar_case_run_close },
    { .name = "case.reasons",
      .help = "count why due dates were missed, the most frequent reason first",
      .none = "No case missed its date.",
      .example = "aright case reasons --since -90d",
      .grant = "case.read",
      .params = ar_case_reasons_params,
      .columns = ar_case_reasons_columns,
      .run = ar_case_run_reasons },
    { 0 },
};
