/*
 * Functions that fill structures with texts: exact fit, one less, nothing, any alignment.
 * Every buffer ends at a page that nobody may touch. "right" is the size of the structure and of
 * its texts (wnet.md §1).
 */
#include "form.h"

/* Asks once; texts[] gets what the structure points to, *base its size. */
typedef DWORD (*ASK)(void *buffer, DWORD *size, CH *texts[5], size_t *base);

static DWORD universal(DWORD level, void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    DWORD code = F(WNetGetUniversalName)(T("S:\\d\\\u00FCber.txt"), level, buffer, size);
    REMOTE info = { 0 };

    *base = level == 1 ? sizeof(UNIVERSAL) : sizeof(REMOTE);
    if (!code) {
        memcpy(&info, buffer, *base);
        texts[0] = info.lpUniversalName;
        texts[1] = info.lpConnectionName;
        texts[2] = info.lpRemainingPath;
    }
    return code;
}

static DWORD universal1(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    return universal(1, buffer, size, texts, base);
}

static DWORD universal2(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    return universal(2, buffer, size, texts, base);
}

static void entry(const void *buffer, CH *texts[5], size_t *base)
{
    NETRES r;

    *base = sizeof r;
    memcpy(&r, buffer, sizeof r);
    texts[0] = r.lpLocalName;
    texts[1] = r.lpRemoteName;
    texts[2] = r.lpComment;
    texts[3] = r.lpProvider;
}

static DWORD information(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    NETRES in = { .lpRemoteName = T("\\\\srv\\share\\\u00DC\\f") };
    CH *rest = NULL;
    DWORD code = F(WNetGetResourceInformation)(&in, buffer, size, &rest);

    if (!code) {
        entry(buffer, texts, base);
        texts[4] = rest;
    }
    return code;
}

static DWORD parent(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    NETRES in = { .lpRemoteName = T("\\\\srv\\share"), .lpProvider = T("P") };
    DWORD code = F(WNetGetResourceParent)(&in, buffer, size);

    if (!code)
        entry(buffer, texts, base);
    return code;
}

static DWORD top(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    NETRES in = { .lpRemoteName = T("\\\\srv"), .lpProvider = T("P") };
    DWORD code = F(WNetGetResourceParent)(&in, buffer, size);

    if (!code)
        entry(buffer, texts, base);
    return code;
}

/* A new handle each time; after 234 the entry is still there for a buffer that is large enough. */
static DWORD enumerate(DWORD scope, void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    static BYTE large[4000];
    HANDLE handle;
    DWORD count = 5, code, again, plenty = sizeof large;

    if (F(WNetOpenEnum)(scope, 0, 0, NULL, &handle))
        abort();
    code = F(WNetEnumResource)(handle, &count, buffer, size);
    if (code == ERROR_MORE_DATA) {
        count = 5;
        again = F(WNetEnumResource)(handle, &count, large, &plenty);
        if (again || count != 1)
            printf("    the entry is lost: %u, %u\n", (unsigned)again, (unsigned)count);
    } else if (!code) {
        entry(buffer, texts, base);
    }
    if (WNetCloseEnum(handle))
        abort();
    return code;
}

static DWORD connected(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    return enumerate(RESOURCE_CONNECTED, buffer, size, texts, base);
}

static DWORD roots(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    return enumerate(RESOURCE_GLOBALNET, buffer, size, texts, base);
}

static DWORD remembered(void *buffer, DWORD *size, CH *texts[5], size_t *base)
{
    return enumerate(RESOURCE_REMEMBERED, buffer, size, texts, base);
}

/* Prints the texts if asked to; returns the size they need, 0 if one lies outside the buffer. */
static DWORD weigh(const void *buffer, DWORD size, CH *texts[5], size_t base, BOOL print)
{
    const char *from = buffer, *to = from + size;

    for (int i = 0; i < 5; i++) {
        const char *text = (const char *)texts[i];

        if (print)
            printf(" %s", shown(texts[i]));
        if (!text)
            continue;
        if (text < from || text >= to)
            return 0;
        base += (units(texts[i]) + 1) * sizeof(CH);
    }
    return (DWORD)base;
}

static void attempt(const char *what, ASK ask, DWORD room, DWORD right, DWORD skew)
{
    DWORD size = room, code, weight;
    BYTE *buffer = (BYTE *)guarded(room + skew);
    CH *texts[5] = { 0 };
    size_t base = 0;
    BOOL clean = TRUE;

    memset(buffer, 0x55, room + skew);
    code = ask(buffer, &size, texts, &base);
    printf("  %s: %u", what, (unsigned)code);
    if (!code) {
        weight = weigh(buffer, room, texts, base, FALSE);
        printf(", %s, size %s\n", weight == right ? "right" : "WRONG",
               size == room ? "as given" : "CHANGED");
        return;
    }
    for (DWORD i = 0; i < room + skew; i++)
        clean = clean && buffer[i] == 0x55;
    printf(", size %s, %s\n", size == right ? "right" : size == room ? "as given" : "WRONG",
           clean ? "untouched" : "WRITTEN TO");
}

static void sizes(const char *section, const char *name, ASK ask)
{
    BYTE plenty[4000];
    DWORD size = sizeof plenty, right, code;
    CH *texts[5] = { 0 };
    size_t base = 0;

    code = ask(plenty, &size, texts, &base);
    printf("%s %s: %u", section, name, (unsigned)code);
    right = weigh(plenty, sizeof plenty, texts, base, TRUE);
    printf(", size %s\n", size == sizeof plenty ? "as given" : "CHANGED");
    if (code)
        return;
    attempt("exact", ask, right, right, 0);
    attempt("one less", ask, right - 1, right, 0);
    attempt("structure only", ask, (DWORD)base, right, 0);
    attempt("one", ask, 1, right, 0);
    attempt("none", ask, 0, right, 0);
    attempt("more, odd", ask, right + 5, right, 0);
    attempt("unaligned", ask, right, right, 1);
}

int main(void)
{
    NETRES r = { .dwType = RESOURCETYPE_DISK, .lpLocalName = T("S:"),
                 .lpRemoteName = T("\\\\srv\\\u00DCbung") };

    printf("4 AddConnection2: %u\n", (unsigned)F(WNetAddConnection2)(&r, NULL, NULL, 1));
    sizes("6", "GetUniversalName 1", universal1);
    sizes("6", "GetUniversalName 2", universal2);
    sizes("8", "GetResourceInformation", information);
    sizes("8", "GetResourceParent", parent);
    sizes("8", "GetResourceParent top", top);
    sizes("8", "EnumResource CONNECTED", connected);
    sizes("8", "EnumResource GLOBALNET", roots);
    sizes("8", "EnumResource REMEMBERED", remembered);
    return 0;
}
