#!/bin/sh
# find_an_owner: what docs/find-an-owner.md says is so.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=page.sh
. "${0%/*}/page.sh"
page find-an-owner 12
done_testing
