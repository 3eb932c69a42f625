/* child: fetches page after page, with the network and nothing else: no home, no store, no file
 * but those that name hosts and certificates. */
#pragma once

struct ar_tables;

/* The work of `aright --process fetch`: finds libcurl, gives up all other rights, hears its errand
 * and its secret on standard input, and says on standard output what comes (fetch/message.h). */
int ar_fetch_main(const struct ar_tables *tables, int argc, char **argv);
