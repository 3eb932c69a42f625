/* main: where the program begins. */
#include "cli/cli.h"
#include "daemon/tables.h"

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
    return ar_cli_main(&ar_all_tables, argc, argv);
}
