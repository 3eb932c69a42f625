/* debian: the control files of dpkg and apt: stanzas, versions, apt.conf. deb822(5),
 * deb-version(7), apt.conf(5). */
#pragma once

#include "base/base.h"

typedef struct ar_deb_package {
    ar_str package, version, architecture, source, status;
} ar_deb_package;

/* The next stanza of *rest that names a package and its version; *rest moves past it. False at the
 * end. `source` is the package's own name when no other is said. */
bool ar_deb_next(ar_str *rest, ar_deb_package *out_package);
/* The value of a field in the first stanza of `text`; empty when absent. */
ar_str ar_deb_field(ar_str text, ar_str name);
/* Less than, equal to or greater than 0, as deb-version(7) orders. */
int ar_deb_compare(ar_str a, ar_str b);
/* The last value that `text` gives to `name`, "APT::Periodic::Enable", either way of writing it;
 * *value stays when there is none. */
void ar_apt_conf_get(ar_str text, ar_str name, ar_str *value);
