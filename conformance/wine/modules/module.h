/*
 * module.h - what test modules for Windows share: who am I, the log
 *
 * A module is known by its file: Z:\x\b.dll is "b". It appends to the file that CONFORMANCE_LOG
 * names. Copies of one module are therefore independent.
 */
#ifndef CONFORMANCE_WINE_MODULE_H
#define CONFORMANCE_WINE_MODULE_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winnetwk.h>
#include <npapi.h>

#define EXPORT __declspec(dllexport)
#define UNUSED __attribute__((unused))

enum { TEXT = 2048 };

static HINSTANCE own;

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        own = instance;
    return TRUE;
}

/* The file of this module, without folder and ending. */
UNUSED static const char *me(void)
{
    static char path[MAX_PATH];
    char *name;

    if (!path[0] && !GetModuleFileNameA(own, path, sizeof path))
        return "?";
    name = strrchr(path, '\\');
    name = name ? name + 1 : path;
    if (strrchr(name, '.'))
        *strrchr(name, '.') = '\0';
    return name;
}

/* One write per line, so that lines of several threads and processes stay whole. */
UNUSED static void say(const char *format, ...)
{
    char file_name[MAX_PATH], line[TEXT];
    HANDLE file;
    DWORD written;
    va_list args;
    int n;

    if (!GetEnvironmentVariableA("CONFORMANCE_LOG", file_name, sizeof file_name))
        return;
    file = CreateFileA(file_name, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    va_start(args, format);
    n = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    if (n < 0 || n > (int)sizeof line - 2)
        n = sizeof line - 2;
    line[n] = '\n';
    WriteFile(file, line, (DWORD)n + 1, &written, NULL);
    CloseHandle(file);
}

/* UTF-16 to UTF-8; absent and empty are kept apart. The result lives until the 8th call after. */
UNUSED static const char *shown(const WCHAR *text)
{
    static char texts[8][TEXT];
    static unsigned turn;
    char *place = texts[turn++ % 8];

    if (!text)
        return "NULL";
    place[0] = '"';
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, place + 1, TEXT - 2, NULL, NULL))
        return "?";
    strcat(place, "\"");
    return place;
}

#endif
