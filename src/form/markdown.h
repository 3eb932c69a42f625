/* markdown: text from outside in a Markdown document, where it is one line, marks up nothing and
 * calls nobody. */
#pragma once

#include "base/base.h"

void ar_markdown_text(ar_buf *out, ar_str text);
