/*
 * system_windows.h - where a module is and how it appends to a log, on Windows
 */
#ifndef CONFORMANCE_SYSTEM_H
#define CONFORMANCE_SYSTEM_H

/* printf as in C, not as in msvcrt. */
#define __USE_MINGW_ANSI_STDIO 1
#include <fcntl.h>
#include <io.h>
#include <windows.h>

#define EXPORT __declspec(dllexport)
#define SEPARATOR '\\'
#define READ_MODE "r"
#ifndef O_CLOEXEC
#define O_CLOEXEC _O_NOINHERIT
#endif

__attribute__((unused)) static int own_file(char *path, size_t room)
{
    DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                  GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    HMODULE module;
    DWORD n;

    if (!GetModuleHandleExA(flags, (LPCSTR)(size_t)&own_file, &module))
        return 0;
    n = GetModuleFileNameA(module, path, (DWORD)room);
    return n && n < room;
}

__attribute__((unused)) static void append(const char *path, const char *text, size_t size)
{
    HANDLE file = CreateFileA(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_ALWAYS, 0, NULL);
    DWORD written;

    if (file == INVALID_HANDLE_VALUE)
        return;
    if (!WriteFile(file, text, (DWORD)size, &written, NULL) || written != size)
        abort();
    CloseHandle(file);
}

#endif
