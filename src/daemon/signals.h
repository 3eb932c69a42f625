/* signals: what a process of the daemon is told from outside, as something to poll. */
#pragma once

#include "sys/file.h"

/* SIGTERM, SIGINT and SIGHUP, with `children` also SIGCHLD, are read from *out_signals (a signalfd)
 * from now on, and whoever stops listening ends nobody (SIGPIPE). Before there are threads: they
 * inherit what is blocked. */
ar_err ar_signals_open(bool children, ar_fd *out_signals);
