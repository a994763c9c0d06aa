/*
 * system_linux.h - memory that ends in a page that nobody may read, and texts of A functions
 */
#ifndef CONFORMANCE_SYSTEM_H
#define CONFORMANCE_SYSTEM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

/* A name with characters that A functions can say here. */
#define NON_ASCII "\u00DCbung-\u65E5\u672C-\U0001F600"

/* The letter that is chosen first. */
#define LAST_LETTER "Z:"

/* Memory of `size` bytes with an inaccessible page right behind it. */
UNUSED static void *guarded(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page + page;
    char *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || mprotect(memory + whole - page, page, PROT_NONE))
        abort();
    return memory + whole - page - size;
}

/* Texts of A functions are UTF-8 (U60). */
UNUSED static void from_utf8(char *to, size_t room, const char *text)
{
    snprintf(to, room, "%s", text);
}

UNUSED static void to_utf8(char *to, size_t room, const char *text)
{
    snprintf(to, room, "%s", text);
}

#endif
