/* main: where the program begins: `aright --process NAME` is a duty of the daemon, or a child;
 * anything else is the command line. */
#include "cli/cli.h"
#include "daemon/process.h"
#include "daemon/tables.h"
#include "sys/sandbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is opened later must not become standard output because that was closed. */
static void fill_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
            abort();
}

int main(int argc, char **argv)
{
    fill_standard_descriptors();
    (void)umask(077);
    (void)ar_sandbox_no_dump(); /* who enters a sandbox is told whether it worked */
    if (argc > 2 && strcmp(argv[1], "--process") == 0)
        /* what cleans up at exit may want what the process gave up */
        _exit(ar_process_main(&ar_all_tables, argv[2], argc - 3, argv + 3));
    return ar_cli_main(&ar_all_tables, argc, argv);
}
