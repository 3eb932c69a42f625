/* main: where the program begins. */
#include "base/base.h"

int main(void)
{
    return 0;
}
