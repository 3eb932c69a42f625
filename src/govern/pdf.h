/* pdf: a page of HTML as a tagged PDF, printed by the Chromium of this machine. It runs in a folder
 * of its own that goes with it, without network; the page is all it can read beside the system. */
#pragma once

#include "op/op.h"

enum {
    AR_PDF_MAX = 64 << 20, /* bytes, of the page and of the PDF */
    AR_PDF_SECONDS = 60,   /* that printing may take */
};

/* Who will print, with the rights of who asks. */
typedef struct ar_pdf {
    ar_child child;
    ar_fd to;
} ar_pdf;

/* Starts it; before the estate is opened, as the process may give up its rights on the way.
 * AR_UNAVAILABLE: this machine has no Chromium, and what else helps. */
ar_err ar_pdf_start(const ar_place *place, ar_str path, ar_pdf *out_pdf);
/* Once: prints the page to the path it was started with, in place of what was there.
 * AR_UNAVAILABLE: Chromium did not print it. Failures of that path as ar_file_write has them. */
ar_err ar_pdf_print(ar_pdf *pdf, ar_str html);
void ar_pdf_done(ar_pdf *pdf);

/* `aright --process print PATH` takes a page and answers how it went, `aright --process browser
 * FOLDER` becomes Chromium in that folder. */
int ar_print_main(const ar_tables *tables, int argc, char **argv);
int ar_browser_main(const ar_tables *tables, int argc, char **argv);
