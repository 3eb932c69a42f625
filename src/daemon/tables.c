#include "daemon/tables.h"

#include "access/ops.h"
#include "act/ops.h"
#include "act/receipt.h"
#include "cli/cli.h"
#include "daemon/duty_inspect.h"
#include "daemon/serve.h"
#include "daemon/version.h"
#include "estate/estate.h"
#include "estate/look.h"
#include "estate/ops.h"
#include "estate/owner.h"
#include "estate/told.h"
#include "fact/ops.h"
#include "gate/ops.h"
#include "gate/past.h"
#include "gate/promote.h"
#include "govern/frozen.h"
#include "govern/metric_ops.h"
#include "govern/obligation.h"
#include "govern/progress.h"
#include "govern/review.h"
#include "govern/train.h"
#include "life/batch.h"
#include "life/ops.h"
#include "lookup/publish.h"
#include "op/core.h"
#include "op/events.h"
#include "op/home.h"
#include "op/session.h"
#include "response/case.h"
#include "response/ops.h"
#include "standard/ops.h"
#include "standard/queue.h"
#include "standard/snapshot.h"
#include "standard/tables.h"
#include "standard/trend.h"
#include "start/ops.h"
#include "start/register.h"
#include "work/mail_ops.h"
#include "work/ops.h"
#include "work/sync.h"
#include "work/tables.h"
#include "work/tracker_ops.h"

/* In the order in which `aright help` lists them. */
static const ar_op *const all_ops[] = {
    ar_home_ops,
    ar_event_ops,
    ar_look_ops,
    ar_kind_ops,
    ar_asset_ops,
    ar_connector_ops,
    ar_import_ops,
    ar_fetch_ops,
    ar_owner_ops,
    ar_claim_ops,
    ar_fact_ops,
    ar_queue_ops,
    ar_standard_ops,
    ar_promote_ops,
    ar_metric_ops,
    ar_frozen_ops,
    ar_obligation_ops,
    ar_gate_ops,
    ar_gate_past_ops,
    ar_start_ops,
    ar_work_ops,
    ar_sync_ops,
    ar_tracker_ops,
    ar_mail_ops,
    ar_case_ops,
    ar_life_ops,
    ar_grant_ops,
    ar_action_ops,
    ar_review_ops,
    ar_train_ops,
    ar_progress_ops,
    ar_snapshot_ops,
    ar_trend_ops,
    ar_serve_ops,
    ar_session_ops,
    ar_cli_ops,
    NULL,
};

static const ar_migration *const all_migrations[] = {
    ar_core_migrations,   ar_session_migrations,    ar_estate_migrations, ar_standard_migrations,
    ar_gate_migrations,   ar_promote_migrations,    ar_work_migrations,   ar_case_migrations,
    ar_review_migrations, ar_obligation_migrations, ar_frozen_migrations, ar_start_migrations,
    ar_life_migrations,   ar_act_migrations,        ar_lookup_migrations, NULL,
};

/* Called in this order when an estate has been opened. */
static ar_opened_fn *const all_opened[] = {
    ar_estate_opened,
    ar_lookup_opened,
    ar_told_publish,
    NULL,
};

static ar_err estate_status(ar_ctx *ctx, ar_reply *reply)
{
    AR_TRY(ar_import_status(ctx, reply));
    AR_TRY(ar_standard_status(ctx, reply));
    AR_TRY(ar_metric_status(ctx, reply));
    return ar_obligation_status(ctx, reply);
}

static ar_err publish(ar_ctx *ctx)
{
    AR_TRY(ar_told_publish(ctx));
    return ar_lookup_publish(ctx);
}

const ar_tables ar_all_tables = {
    .version = ar_version,
    .ops = all_ops,
    .migrations = all_migrations,
    .opened = all_opened,
    .hooks = { .inspect = ar_start_inspect,
               .ask = ar_cli_ask,
               .status = estate_status,
               .judging = ar_obligations_judging,
               .committed = publish,
               .snapped = ar_metrics_freeze,
               .check_owners = ar_owners_check },
};
