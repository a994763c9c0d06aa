/*
 * A notifyee in C, to read and to test with: one line of log per event, and a
 * veto. See README.md; notifyees/sample is the same in Rust.
 *
 * It appends to the file that NOTIFY_SAMPLE_C_LOG names and logs nothing
 * without it. The context between PRE and POST is a number on the heap, to
 * show who frees it: whoever allocated it, in POST.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winnetwk.h>
#include <npapi.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#define TEXT_SIZE 1024

static atomic_uint last;

/* Puts one code point as UTF-8; returns the bytes used. */
static size_t put(char *to, unsigned code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xE0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3F));
        to[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3F));
    to[2] = (char)(0x80 | (code >> 6 & 0x3F));
    to[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Converts a name for people; absent and empty show as a dash. */
static const char *show(const WCHAR *name, char *text)
{
    size_t n = 0;

    if (!name || !*name)
        return "-";
    for (; *name && n + 4 < TEXT_SIZE; name++) {
        unsigned code = *name;

        if (code >= 0xD800 && code < 0xDC00 && name[1] >= 0xDC00 && name[1] < 0xE000)
            code = 0x10000 + ((code - 0xD800) << 10) + (*++name - 0xDC00u);
        else if (code >= 0xD800 && code < 0xE000)
            code = 0xFFFD;
        n += put(text + n, code);
    }
    text[n] = '\0';
    return text;
}

/* One write per line, so that lines of several processes stay whole. */
static void write_line(const char *line)
{
    const char *path = getenv("NOTIFY_SAMPLE_C_LOG");
    FILE *file = path ? fopen(path, "ab") : NULL;

    if (!file)
        return;
    fputs(line, file);
    fclose(file);
}

/* Makes the context of an operation; without memory there is no POST. */
static void remember(LPNOTIFYINFO info, unsigned number)
{
    unsigned *context = malloc(sizeof *context);

    if (context)
        *context = number;
    info->lpContext = context;
}

static unsigned recall(LPNOTIFYINFO info)
{
    unsigned *context = info->lpContext, number = context ? *context : 0;

    free(context);
    return number;
}

EXPORT DWORD WINAPI AddConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo)
{
    char local[TEXT_SIZE], remote[TEXT_SIZE], provider[TEXT_SIZE], line[4 * TEXT_SIZE];
    const NETRESOURCEW *resource = (const NETRESOURCEW *)&lpAddInfo->NetResource;
    const char *shown_local = show(resource->lpLocalName, local);
    const char *shown_remote = show(resource->lpRemoteName, remote);
    BOOL veto = strstr(shown_remote, "forbidden") != NULL;
    unsigned number;

    switch (lpNotifyInfo->dwNotifyStatus) {
    case NOTIFY_PRE:
        number = ++last;
        snprintf(line, sizeof line, "%u %s %s %s flags=%u\n", number, veto ? "veto-add" : "pre-add",
                 shown_local, shown_remote, (unsigned)lpAddInfo->dwAddFlags);
        write_line(line);
        if (veto)
            return WN_CANCEL;
        remember(lpNotifyInfo, number);
        return WN_SUCCESS;
    case NOTIFY_POST:
        snprintf(line, sizeof line, "%u post-add %s %s code=%u provider=%s\n",
                 recall(lpNotifyInfo), shown_local, shown_remote,
                 (unsigned)lpNotifyInfo->dwOperationStatus, show(resource->lpProvider, provider));
        write_line(line);
        return WN_SUCCESS;
    default:
        return WN_SUCCESS;
    }
}

EXPORT DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYCANCEL lpCancelInfo)
{
    char name[TEXT_SIZE], provider[TEXT_SIZE], line[3 * TEXT_SIZE];
    const char *shown_name = show((const WCHAR *)lpCancelInfo->lpName, name);
    unsigned number;

    switch (lpNotifyInfo->dwNotifyStatus) {
    case NOTIFY_PRE:
        number = ++last;
        snprintf(line, sizeof line, "%u pre-cancel %s flags=%u force=%d\n", number, shown_name,
                 (unsigned)lpCancelInfo->dwFlags, lpCancelInfo->fForce != 0);
        write_line(line);
        remember(lpNotifyInfo, number);
        return WN_SUCCESS;
    case NOTIFY_POST:
        snprintf(line, sizeof line, "%u post-cancel %s code=%u provider=%s\n",
                 recall(lpNotifyInfo), shown_name, (unsigned)lpNotifyInfo->dwOperationStatus,
                 show((const WCHAR *)lpCancelInfo->lpProvider, provider));
        write_line(line);
        return WN_SUCCESS;
    default:
        return WN_SUCCESS;
    }
}
