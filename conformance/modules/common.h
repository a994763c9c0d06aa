/*
 * common.h - what the test modules share: who am I, my script, the log
 *
 * A module is known by its file: /x/b.so is "b", reads its script from /x/b.script and appends
 * to the file that CONFORMANCE_LOG names. Copies of one module are therefore independent. What the
 * systems have otherwise is in system_*.h.
 */
#ifndef CONFORMANCE_COMMON_H
#define CONFORMANCE_COMMON_H

#ifdef _WIN32
#include "system_windows.h"
#else
#include "system_linux.h"
#endif
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winnetwk.h>
#include <npapi.h>

#define UNUSED __attribute__((unused))

enum { TEXT = 2048 };

/* The file of this module, without its ending. */
UNUSED static const char *stem(void)
{
    static _Thread_local char path[TEXT];

    if (!own_file(path, sizeof path) || !strrchr(path, '.'))
        abort();
    *strrchr(path, '.') = '\0';
    return path;
}

UNUSED static const char *me(void)
{
    return strrchr(stem(), SEPARATOR) + 1;
}

/* One write per line, so that lines of several threads and processes stay whole. */
UNUSED static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
UNUSED static void say(const char *format, ...)
{
    const char *path = getenv("CONFORMANCE_LOG");
    char line[4 * TEXT];
    int n;
    va_list args;

    if (!path)
        return;
    va_start(args, format);
    n = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    if (n > (int)sizeof line - 2)
        n = sizeof line - 2;
    line[n] = '\n';
    append(path, line, (size_t)n + 1);
}

/* UTF-16 to UTF-8; absent and empty are kept apart. The result lives until the 8th call after. */
UNUSED static const char *shown(const WCHAR *name)
{
    static _Thread_local char texts[8][TEXT];
    static _Thread_local unsigned turn;
    char *text = texts[turn++ % 8];
    size_t n = 0;

    if (!name)
        return "-";
    if (!*name)
        return "\"\"";
    for (; *name && n + 5 < TEXT; name++) {
        unsigned code = *name;

        if (code >= 0xD800 && code < 0xDC00 && name[1] >= 0xDC00 && name[1] < 0xE000)
            code = 0x10000 + ((code - 0xD800) << 10) + (*++name - 0xDC00u);
        else if (code >= 0xD800 && code < 0xE000)
            code = 0xFFFD;
        if (code < 0x80) {
            text[n++] = (char)code;
        } else if (code < 0x800) {
            text[n++] = (char)(0xC0 | code >> 6);
            text[n++] = (char)(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            text[n++] = (char)(0xE0 | code >> 12);
            text[n++] = (char)(0x80 | (code >> 6 & 0x3F));
            text[n++] = (char)(0x80 | (code & 0x3F));
        } else {
            text[n++] = (char)(0xF0 | code >> 18);
            text[n++] = (char)(0x80 | (code >> 12 & 0x3F));
            text[n++] = (char)(0x80 | (code >> 6 & 0x3F));
            text[n++] = (char)(0x80 | (code & 0x3F));
        }
    }
    text[n] = '\0';
    return text;
}

/* ASCII to UTF-16, for what is written in scripts. */
UNUSED static void widen(const char *from, WCHAR *to, size_t room)
{
    size_t i = 0;

    for (; from[i] && i + 1 < room; i++)
        to[i] = (WCHAR)(unsigned char)from[i];
    to[i] = 0;
}

UNUSED static size_t length(const WCHAR *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

UNUSED static WCHAR upper(WCHAR unit)
{
    return unit >= u'a' && unit <= u'z' ? (WCHAR)(unit - 32) : unit;
}

UNUSED static BOOL begins(const WCHAR *text, const WCHAR *with)
{
    for (; *with; text++, with++)
        if (upper(*text) != upper(*with))
            return FALSE;
    return TRUE;
}

UNUSED static BOOL same(const WCHAR *a, const WCHAR *b)
{
    return begins(a, b) && length(a) == length(b);
}

UNUSED static void copy(WCHAR *to, const WCHAR *from)
{
    memcpy(to, from, (length(from) + 1) * sizeof *from);
}

/* The script's value of a key ("key value", a line each): whether there is one. */
UNUSED static BOOL script(const char *key, char *value, size_t room)
{
    char path[TEXT + 8], line[TEXT];
    size_t n = strlen(key);
    BOOL found = FALSE;
    FILE *file;

    snprintf(path, sizeof path, "%s.script", stem());
    if (!(file = fopen(path, READ_MODE)))
        return FALSE;
    while (!found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        found = !strncmp(line, key, n) && (line[n] == ' ' || !line[n]);
        if (found)
            snprintf(value, room, "%s", line[n] ? line + n + 1 : "");
    }
    fclose(file);
    return found;
}

UNUSED static unsigned number(const char *key, unsigned otherwise)
{
    char value[TEXT];

    return script(key, value, sizeof value) ? (unsigned)strtoul(value, NULL, 0) : otherwise;
}

/* The turn's item of a list "59,0": the last one repeats. */
UNUSED static unsigned answer(const char *key, atomic_uint *turn, unsigned otherwise)
{
    char value[TEXT], *at = value;
    unsigned n = atomic_fetch_add(turn, 1);

    if (!script(key, value, sizeof value))
        return otherwise;
    for (; n && strchr(at, ','); n--)
        at = strchr(at, ',') + 1;
    return (unsigned)strtoul(at, NULL, 0);
}

/* Copies a text out; *room counts characters and is set only if too small. */
UNUSED static DWORD give(const WCHAR *text, LPWSTR buffer, LPDWORD room)
{
    DWORD needed = (DWORD)length(text) + 1;

    if (*room < needed) {
        *room = needed;
        return WN_MORE_DATA;
    }
    copy(buffer, text);
    return WN_SUCCESS;
}

/* Puts a text at the end of the free room; *end counts bytes from the buffer's start. */
UNUSED static LPWSTR pack(void *buffer, size_t *end, const WCHAR *text)
{
    LPWSTR place;

    if (!text)
        return NULL;
    *end -= (length(text) + 1) * sizeof *text;
    place = (LPWSTR)(void *)((char *)buffer + *end);
    copy(place, text);
    return place;
}

UNUSED static size_t bytes(const WCHAR *text)
{
    return text ? (length(text) + 1) * sizeof *text : 0;
}

/* What nearly every network can do. */
enum {
    CONNECTS = WNNC_CON_ADDCONNECTION3 | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS
};

/* The capabilities of a small network that runs. */
UNUSED static DWORD usual_caps(DWORD index, DWORD connection, DWORD enumeration)
{
    switch (index) {
    case WNNC_SPEC_VERSION:
        return WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return WNNC_NET_RDR2SAMPLE;
    case WNNC_CONNECTION:
        return connection;
    case WNNC_ENUMERATION:
        return enumeration;
    case WNNC_START:
        return WNNC_WAIT_FOR_START;
    default:
        return 0;
    }
}

#endif
