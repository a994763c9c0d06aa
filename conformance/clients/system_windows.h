/*
 * system_windows.h - memory that ends in a page that nobody may read, texts of A functions, and
 * arguments in UTF-8
 */
#ifndef CONFORMANCE_SYSTEM_H
#define CONFORMANCE_SYSTEM_H

/* printf as in C, not as in msvcrt. */
#define __USE_MINGW_ANSI_STDIO 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define UNUSED __attribute__((unused))

/* A name with characters that A functions can say here. */
#define NON_ASCII "\u00DCbung-\u00E9\u00F1"

/* The letter that is chosen first: under Wine, Z: is the root of the file system. */
#define LAST_LETTER "Y:"

/* Memory of `size` bytes with an inaccessible page right behind it. */
UNUSED static void *guarded(size_t size)
{
    size_t page = 0x1000, whole = (size + page - 1) / page * page + page;
    char *memory = VirtualAlloc(NULL, whole, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    DWORD old;

    if (!memory || !VirtualProtect(memory + whole - page, page, PAGE_NOACCESS, &old))
        abort();
    return memory + whole - page - size;
}

/* Between UTF-8 and the ANSI code page. */
UNUSED static void recode(UINT from, const char *text, UINT to, char *out, size_t room)
{
    WCHAR wide[4096];

    if (!MultiByteToWideChar(from, 0, text, -1, wide, 4096) ||
        !WideCharToMultiByte(to, 0, wide, -1, out, (int)room, NULL, NULL))
        abort();
}

UNUSED static void from_utf8(char *to, size_t room, const char *text)
{
    recode(CP_UTF8, text, CP_ACP, to, room);
}

UNUSED static void to_utf8(char *to, size_t room, const char *text)
{
    recode(CP_ACP, text, CP_UTF8, to, room);
}

int __cdecl __wgetmainargs(int *, wchar_t ***, wchar_t ***, int, int *);

static LONG CALLBACK crashed(EXCEPTION_POINTERS *what)
{
    (void)what;
    puts("crash");
    fflush(stdout);
    ExitProcess(5);
}

/* The arguments; what main gets is of the ANSI code page. A crash ends the program, no debugger. */
UNUSED static char **arguments(int *count)
{
    wchar_t **wide, **environment;
    int mode = 0;
    char **texts;

    SetUnhandledExceptionFilter(crashed);
    if (__wgetmainargs(count, &wide, &environment, 0, &mode))
        abort();
    texts = calloc((size_t)*count + 1, sizeof *texts);
    for (int i = 0; i < *count; i++) {
        int size = WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, NULL, 0, NULL, NULL);

        texts[i] = malloc((size_t)size);
        WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, texts[i], size, NULL, NULL);
    }
    return texts;
}

#endif
