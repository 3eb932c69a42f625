/* sheet: CSV and Parquet as what they have in common: names of fields, then rows of values. Each
 * row becomes a map, so that a mapping looks at it as at any document. */
#pragma once

#include "estate/plan.h"

typedef struct ar_sheet ar_sheet;

/* `text`, in UTF-8, must live as long as the sheet.
 *   AR_INVALID  no header, one that names a field twice, or without `id` where that must be one */
ar_err ar_sheet_csv(const ar_plan *plan, ar_str text, ar_sheet **out_sheet);
/* The engine reads the file behind `fd` by its name, so the process must be allowed to open it
 * anew. AR_INVALID  it is no whole Parquet file; AR_DENIED; AR_LIMIT; AR_INVALID as above */
ar_err ar_sheet_parquet(const ar_plan *plan, int fd, ar_sheet **out_sheet);
void ar_sheet_free(ar_sheet **sheet);

/* The next row, NULL at the end; it lives until the next call. */
ar_err ar_sheet_next(ar_sheet *sheet, const ar_node **out_row);
/* Where the last row is: the line of CSV that it begins in, or its number; 0 before the first. */
int64_t ar_sheet_line(const ar_sheet *sheet);
/* After an error of ar_sheet_next: whether the next call goes on behind that row. */
bool ar_sheet_recovers(const ar_sheet *sheet);
