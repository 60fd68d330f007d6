#include <atrium/version.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    printf("atrium %s\n", atr_version());
    return strcmp(atr_version(), ATR_VERSION) != 0;
}
