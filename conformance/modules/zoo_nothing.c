/* A library that is no module: neither NPGetCaps nor a notify function. */
#include "common.h"

EXPORT int zoo_nothing(void);
EXPORT int zoo_nothing(void)
{
    return 0;
}
