/*
 * system_linux.h - where a module is and how it appends to a log, on Linux
 */
#ifndef CONFORMANCE_SYSTEM_H
#define CONFORMANCE_SYSTEM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define SEPARATOR '/'
#define READ_MODE "re"

__attribute__((unused)) static int own_file(char *path, size_t room)
{
    Dl_info info;

    if (!dladdr((void *)(size_t)&own_file, &info) || !info.dli_fname ||
        strlen(info.dli_fname) >= room)
        return 0;
    strcpy(path, info.dli_fname);
    return 1;
}

__attribute__((unused)) static void append(const char *path, const char *text, size_t size)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    if (file < 0)
        return;
    if (write(file, text, size) != (ssize_t)size)
        abort();
    close(file);
}

#endif
