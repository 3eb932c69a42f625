/* version: which aright this is, as the build names it. */
#pragma once

extern const char ar_version[];
