/*
 * Functions that fill one text: exact fit, one less, nothing, NULL, absurd. Every buffer ends at a
 * page that nobody may touch. "right" means what was measured with plenty of room (wnet.md §1).
 */
#include "form.h"

typedef DWORD (*ASK)(CH *buffer, DWORD *room);

static CH *device;

static DWORD connection(CH *buffer, DWORD *room)
{
    return F(WNetGetConnection)(device, buffer, room);
}

static DWORD user(CH *buffer, DWORD *room)
{
    return F(WNetGetUser)(T("S:"), buffer, room);
}

static DWORD process_user(CH *buffer, DWORD *room)
{
    return F(WNetGetUser)(T(""), buffer, room);
}

static DWORD provider(CH *buffer, DWORD *room)
{
    return F(WNetGetProviderName)(WNNC_NET_RDR2SAMPLE, buffer, room);
}

static DWORD format(CH *buffer, DWORD *room)
{
    return F(WNetFormatNetworkName)(T("P"), T("\\\\srv\\\u00DCbung"), buffer, room,
                                    WNFMT_ABBREVIATED, 80);
}

/* Connects anew each time; what was made is broken again. */
static DWORD use(CH *local, CH *remote, DWORD flags, CH *buffer, DWORD *room)
{
    NETRES r = { .dwType = RESOURCETYPE_DISK, .lpLocalName = local, .lpRemoteName = remote };
    DWORD result = 0x77, ignored, code;

    code = F(WNetUseConnection)(NULL, &r, NULL, NULL, flags, buffer, room, &result);
    ignored = F(WNetCancelConnection2)(flags ? T(LAST_LETTER) : local ? local : remote, 0, TRUE);
    if (!code != !ignored)
        printf("    a connection that should not be: %u %u\n", (unsigned)code, (unsigned)ignored);
    if (code ? result != 0x77 : result != (local || flags ? CONNECT_LOCALDRIVE : 0u))
        printf("    the result is wrong: %#x\n", (unsigned)result);
    return code;
}

static DWORD use_device(CH *buffer, DWORD *room)
{
    return use(T("J:"), T("\\\\srv\\share"), 0, buffer, room);
}

static DWORD use_chosen(CH *buffer, DWORD *room)
{
    return use(NULL, T("\\\\srv\\share"), CONNECT_REDIRECT, buffer, room);
}

static DWORD use_remote(CH *buffer, DWORD *room)
{
    return use(NULL, T("\\\\srv\\" NON_ASCII), 0, buffer, room);
}

static const char *judged(DWORD is, DWORD right, DWORD given)
{
    return is == given && is == right ? "as given, right" : is == right ? "right"
                                                          : is == given ? "as given"
                                                                        : "WRONG";
}

static CH *marked(DWORD room)
{
    return memset(guarded(room * sizeof(CH)), 0x55, room * sizeof(CH));
}

static const char *untouched(const CH *buffer, DWORD room)
{
    for (size_t i = 0; i < room * sizeof(CH); i++)
        if (((const BYTE *)buffer)[i] != 0x55)
            return "WRITTEN TO";
    return "untouched";
}

static void sizes(const char *section, const char *name, ASK ask, BOOL secret)
{
    CH plenty[1000] = { 0 }, *buffer;
    DWORD room = 1000, right, code = ask(plenty, &room);

    right = units(plenty) + 1;
    printf("%s %s: %u '%s', length %s\n", section, name, (unsigned)code,
           secret ? "..." : shown(plenty), judged(room, 0, 1000));

    buffer = guarded(right * sizeof(CH));
    room = right;
    code = ask(buffer, &room);
    printf("  exact: %u, length %s, %s\n", (unsigned)code, judged(room, right, right),
           memcmp(buffer, plenty, right * sizeof(CH)) ? "DIFFERENT" : "the same");

    buffer = marked(right - 1);
    room = right - 1;
    code = ask(buffer, &room);
    printf("  one less: %u, length %s, %s\n", (unsigned)code, judged(room, right, right - 1),
           untouched(buffer, right - 1));

    buffer = marked(1);
    room = 1;
    code = ask(buffer, &room);
    printf("  one: %u, length %s, %s\n", (unsigned)code, judged(room, right, 1),
           untouched(buffer, 1));

    room = 0;
    code = ask(marked(0), &room);
    printf("  none: %u, length %s\n", (unsigned)code, judged(room, right, 0));
    room = 0;
    code = ask(NULL, &room);
    printf("  NULL and none: %u, length %s\n", (unsigned)code, judged(room, right, 0));
    room = 1000;
    code = ask(NULL, &room);
    printf("  NULL and room: %u, length %s\n", (unsigned)code, judged(room, right, 1000));
    printf("  no length: %u\n", (unsigned)ask(marked(right), NULL));

    buffer = guarded(right * sizeof(CH));
    room = 0xFFFFFFFF;
    code = ask(buffer, &room);
    printf("  absurd: %u, length %s, %s\n", (unsigned)code, judged(room, right, 0xFFFFFFFF),
           memcmp(buffer, plenty, right * sizeof(CH)) ? "DIFFERENT" : "the same");
}

/* WNetGetLastError cuts, and always terminates. */
static void last_error(void)
{
    static const DWORD ROOMS[] = { 100, 9, 8, 7, 2, 1, 0 };
    DWORD code;

    F(WNetSetLastError)(17, T("no wire!"), T("Net"));
    for (size_t i = 0; i < sizeof ROOMS / sizeof *ROOMS; i++) {
        DWORD room = ROOMS[i], names = room > 4 ? 4 : room;
        CH *text = marked(room), *name = marked(names);
        DWORD result = F(WNetGetLastError)(&code, text, room, name, names);

        printf("7 GetLastError %u: %u '%s' '%s'\n", (unsigned)room, (unsigned)result,
               result ? "?" : shown(text), result ? "?" : shown(name));
    }
}

int main(void)
{
    NETRES r = { .dwType = RESOURCETYPE_DISK, .lpLocalName = T("S:"),
                 .lpRemoteName = T("\\\\srv\\" NON_ASCII) };
    NETRES t = { .dwType = RESOURCETYPE_DISK, .lpLocalName = T("T:"),
                 .lpRemoteName = T("\\\\srv\\share") };

    printf("4 AddConnection2: %u\n", (unsigned)F(WNetAddConnection2)(&r, NULL, T("J\u00FCrg"), 0));
    printf("4 AddConnection2: %u\n", (unsigned)F(WNetAddConnection2)(&t, NULL, NULL, 0));
    device = T("T:");
    sizes("6", "GetConnection", connection, FALSE);
    device = T("s:");
    sizes("6", "GetConnection non-ASCII", connection, FALSE);
    sizes("6", "GetUser", user, FALSE);
    sizes("6", "GetUser process", process_user, TRUE);
    sizes("6", "GetProviderName", provider, FALSE);
    sizes("10", "FormatNetworkName", format, FALSE);
    sizes("4.4", "UseConnection device", use_device, FALSE);
    sizes("4.4", "UseConnection chosen", use_chosen, FALSE);
    sizes("4.4", "UseConnection deviceless", use_remote, FALSE);
    last_error();
    return 0;
}
