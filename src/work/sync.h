/* sync: what there is to do goes to the trackers of who has to do it. The command line starts a
 * child for each project before it asks for the estate, since who opens that gives up the network;
 * the estate says what is to be sent, the children send it, the estate enters what became of it. */
#pragma once

#include "op/op.h"

extern const ar_op ar_sync_ops[]; /* ends with a zero entry */
