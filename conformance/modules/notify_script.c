/*
 * A notifyee that does what its script says. A line of the script:
 *
 *   pre-add 1223            answers, the last repeats: "1237,0"; likewise post-add, pre-cancel,
 *                           post-cancel
 *   context 0x1234          what PRE sets
 *   overwrite               write into the details, in place and into the members
 *   nested                  call WNet functions from inside
 *   dump FILE               append the raw bytes of all that is handed over
 *   post-context 0x99       what POST sets
 *   last-error              spoil the thread's error text
 *
 * It logs a line per call: the story, then after " | " all other fields.
 */
#include "common.h"

static atomic_uint turns[4];

static void dump_bytes(FILE *file, const void *at, size_t size)
{
    if (at)
        fwrite(at, 1, size, file);
}

static void dump_text(FILE *file, const WCHAR *text)
{
    dump_bytes(file, text, bytes(text));
}

static FILE *dump_file(void)
{
    char path[TEXT];

    return script("dump", path, sizeof path) ? fopen(path, "ab") : NULL;
}

/* Calls from inside: they work, and nobody is told (U25). */
static void nested(const char *when)
{
    WCHAR local[] = u"T:", remote[] = u"\\\\srv\\nested", provider[] = u"";
    NETRESOURCEW resource = { .dwType = RESOURCETYPE_DISK, .lpLocalName = local,
                              .lpRemoteName = remote, .lpProvider = provider };
    WCHAR name[MAX_PATH];
    DWORD size = MAX_PATH, asked, added, cancelled;

    asked = WNetGetConnectionW(u"S:", name, &size);
    added = WNetAddConnection2W(&resource, NULL, NULL, 0);
    cancelled = WNetCancelConnection2W(local, 0, TRUE);
    say("nested %s %s asked=%u added=%u cancelled=%u", me(), when, (unsigned)asked,
        (unsigned)added, (unsigned)cancelled);
}

static DWORD decide(LPNOTIFYINFO info, const char *what, const char *story, const char *fields)
{
    BOOL pre = info->dwNotifyStatus == NOTIFY_PRE;
    char key[32];
    unsigned slot = (pre ? 0 : 1) + (strcmp(what, "add") ? 2 : 0), code;
    unsigned long context = (unsigned long)(size_t)info->lpContext;
    char value[TEXT];

    if (pre)
        say("pre %s %s | status=%u operation=%u context=0x%lx%s", me(), story,
            (unsigned)info->dwNotifyStatus, (unsigned)info->dwOperationStatus, context, fields);
    else
        say("post %s %u 0x%lx %s | status=%u%s", me(), (unsigned)info->dwOperationStatus, context,
            story, (unsigned)info->dwNotifyStatus, fields);
    snprintf(key, sizeof key, "%s-%s", pre ? "pre" : "post", what);
    code = answer(key, &turns[slot], 0);
    if (script("nested", value, sizeof value))
        nested(pre ? "pre" : "post");
    if (script("last-error", value, sizeof value))
        WNetSetLastErrorW(4711, (WCHAR[]){ u's', u'p', u'o', u'i', u'l', u't', 0 },
                          (WCHAR[]){ u'N', 0 });
    if (pre)
        info->lpContext = (LPVOID)(size_t)number("context", 0);
    else
        info->lpContext = (LPVOID)(size_t)number("post-context", (unsigned)context);
    return code;
}

/* Writes over every character that was handed over. */
static void scribble(WCHAR *text)
{
    for (; text && *text; text++)
        *text = u'!';
}

EXPORT DWORD WINAPI AddConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo)
{
    NETRESOURCEW *resource = &lpAddInfo->NetResource;
    char story[TEXT], fields[TEXT], value[TEXT];
    FILE *file = dump_file();
    DWORD code;

    if (file) {
        dump_bytes(file, lpNotifyInfo, sizeof *lpNotifyInfo);
        dump_bytes(file, lpAddInfo, sizeof *lpAddInfo);
        dump_text(file, resource->lpLocalName);
        dump_text(file, resource->lpRemoteName);
        dump_text(file, resource->lpComment);
        dump_text(file, resource->lpProvider);
        fclose(file);
    }
    snprintf(story, sizeof story, "add %s %s %s 0x%x", shown(resource->lpLocalName),
             shown(resource->lpRemoteName), shown(resource->lpProvider),
             (unsigned)lpAddInfo->dwAddFlags);
    snprintf(fields, sizeof fields, " owner=0x%lx scope=%u type=%u display=%u usage=%u comment=%s",
             (unsigned long)(size_t)lpAddInfo->hwndOwner, (unsigned)resource->dwScope,
             (unsigned)resource->dwType, (unsigned)resource->dwDisplayType,
             (unsigned)resource->dwUsage, shown(resource->lpComment));
    code = decide(lpNotifyInfo, "add", story, fields);
    if (script("overwrite", value, sizeof value)) {
        scribble(resource->lpRemoteName);
        scribble(resource->lpLocalName);
        resource->lpRemoteName = NULL;
        resource->lpLocalName = NULL;
        resource->dwType = 0x7777;
        lpAddInfo->dwAddFlags = 0xFFFFFFFF;
        lpAddInfo->hwndOwner = (HWND)(size_t)0x5555;
        lpNotifyInfo->dwNotifyStatus = 77;
        lpNotifyInfo->dwOperationStatus = 78;
    }
    return code;
}

EXPORT DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYCANCEL lpCancelInfo)
{
    char story[TEXT], fields[64], value[TEXT];
    FILE *file = dump_file();
    DWORD code;

    if (file) {
        dump_bytes(file, lpNotifyInfo, sizeof *lpNotifyInfo);
        dump_bytes(file, lpCancelInfo, sizeof *lpCancelInfo);
        dump_text(file, lpCancelInfo->lpName);
        dump_text(file, lpCancelInfo->lpProvider);
        fclose(file);
    }
    snprintf(story, sizeof story, "cancel %s %s %u", shown(lpCancelInfo->lpName),
             shown(lpCancelInfo->lpProvider), (unsigned)lpCancelInfo->dwFlags);
    snprintf(fields, sizeof fields, " force=%d", lpCancelInfo->fForce);
    code = decide(lpNotifyInfo, "cancel", story, fields);
    if (script("overwrite", value, sizeof value)) {
        scribble(lpCancelInfo->lpName);
        lpCancelInfo->lpName = NULL;
        lpCancelInfo->dwFlags = 0xFFFFFFFF;
        lpCancelInfo->fForce = 77;
    }
    return code;
}
