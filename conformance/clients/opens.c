/*
 * Opens the library for itself alone, as interpreters do, and is refused with a text: a module
 * must find WNetSetLastErrorW all the same. Not linked with the library.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "winnetwk.h"

int main(void)
{
    DWORD (WINAPI *add)(LPCSTR, LPCSTR, LPCSTR);
    DWORD (WINAPI *last)(LPDWORD, LPSTR, DWORD, LPSTR, DWORD);
    DWORD code = 0, own = 0;
    char text[100] = "", name[100] = "";
    void *library = dlopen("libmpr.so.1", RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return puts(dlerror());
    *(void **)&add = dlsym(library, "WNetAddConnectionA");
    *(void **)&last = dlsym(library, "WNetGetLastErrorA");
    if (!add || !last)
        return puts("not exported");
    code = add("\\\\srv\\share", NULL, "S:");
    last(&own, text, sizeof text, name, sizeof name);
    printf("%u %s\n", code, text);
    return 0;
}
