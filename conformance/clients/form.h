/*
 * form.h - one source for the A and the W functions
 *
 * FORM_A or FORM_W chooses: T("text"), F(WNetGetUser), NETRES, CH. What clients read and print is
 * UTF-8 in both forms.
 */
#ifndef CONFORMANCE_FORM_H
#define CONFORMANCE_FORM_H

#ifdef _WIN32
#include "system_windows.h"
#else
#include "system_linux.h"
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winnetwk.h>
#include <npapi.h>

#ifdef FORM_A
typedef CHAR CH;
#define L(text) text
#define F(name) name##A
typedef NETRESOURCEA NETRES;
typedef CONNECTDLGSTRUCTA CONNECTDLG;
typedef DISCDLGSTRUCTA DISCDLG;
typedef UNIVERSAL_NAME_INFOA UNIVERSAL;
typedef REMOTE_NAME_INFOA REMOTE;
#else
typedef WCHAR CH;
#define L(text) u"" text
#define F(name) name##W
typedef NETRESOURCEW NETRES;
typedef CONNECTDLGSTRUCTW CONNECTDLG;
typedef DISCDLGSTRUCTW DISCDLG;
typedef UNIVERSAL_NAME_INFOW UNIVERSAL;
typedef REMOTE_NAME_INFOW REMOTE;
#endif

/* A text that may be written to; it lives as long as the block that it is written in. */
#define T(text) ((CH[]){ L(text) })

#define UNUSED __attribute__((unused))

UNUSED static DWORD units(const CH *text)
{
    DWORD n = 0;

    while (text[n])
        n++;
    return n;
}

/* UTF-8 to this form; "-" is NULL, "''" is empty. Never freed: clients are short-lived. */
UNUSED static CH *given(const char *text)
{
    CH *to, *start;

    if (!strcmp(text, "-"))
        return NULL;
    if (!strcmp(text, "''"))
        text = "";
    start = to = calloc(strlen(text) + 1, sizeof *to);
#ifdef FORM_A
    from_utf8(to, strlen(text) + 1, text);
#else
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        unsigned code = *at++, more = code < 0xC0 ? 0 : code < 0xE0 ? 1 : code < 0xF0 ? 2 : 3;

        code &= more ? 0x3Fu >> more : 0x7F;
        for (; more; more--)
            code = code << 6 | (*at++ & 0x3F);
        if (code >= 0x10000) {
            *to++ = (CH)(0xD800 + ((code - 0x10000) >> 10));
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        *to++ = (CH)code;
    }
#endif
    return start;
}

/* This form to UTF-8, for printing. */
UNUSED static const char *shown(const CH *text)
{
    static _Thread_local char texts[8][4096];
    static _Thread_local unsigned turn;
    char *to = texts[turn++ % 8];

    if (!text)
        return "-";
    if (!*text)
        return "''";
#ifdef FORM_A
    to_utf8(to, sizeof texts[0], text);
#else
    size_t n = 0;
    for (; *text && n + 5 < sizeof texts[0]; text++) {
        unsigned code = *text;

        if (code >= 0xD800 && code < 0xDC00 && text[1] >= 0xDC00)
            code = 0x10000 + ((code - 0xD800) << 10) + (*++text - 0xDC00u);
        if (code < 0x80) {
            to[n++] = (char)code;
        } else if (code < 0x800) {
            to[n++] = (char)(0xC0 | code >> 6);
            to[n++] = (char)(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            to[n++] = (char)(0xE0 | code >> 12);
            to[n++] = (char)(0x80 | (code >> 6 & 0x3F));
            to[n++] = (char)(0x80 | (code & 0x3F));
        } else {
            to[n++] = (char)(0xF0 | code >> 18);
            to[n++] = (char)(0x80 | (code >> 12 & 0x3F));
            to[n++] = (char)(0x80 | (code >> 6 & 0x3F));
            to[n++] = (char)(0x80 | (code & 0x3F));
        }
    }
    to[n] = '\0';
#endif
    return to;
}

/* A text whose terminator is the last thing that can be read. */
UNUSED static CH *at_edge(const CH *text)
{
    size_t size = (units(text) + 1) * sizeof *text;

    return memcpy(guarded(size), text, size);
}

#endif
