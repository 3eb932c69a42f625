#!/bin/sh
# demonstrations: what the pages docs/demonstration-N.md say is so.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=page.sh
. "${0%/*}/page.sh"
page demonstration-1 12
page demonstration-2 12
page demonstration-3 12
page demonstration-4 12
page demonstration-5 12
done_testing
