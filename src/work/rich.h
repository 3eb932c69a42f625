/* rich: the Markdown of our bodies (headings, tables, paragraphs; work/body.h) as other trackers
 * want it. What marks up nothing in it marks up nothing there. */
#pragma once

#include "base/base.h"

/* HTML, for Azure DevOps. */
ar_str ar_rich_html(ar_str markdown, ar_arena *arena);
/* An Atlassian Document Format document as JSON, for Jira. */
ar_str ar_rich_adf(ar_str markdown, ar_arena *arena);
