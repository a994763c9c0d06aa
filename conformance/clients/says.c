/*
 * Does what it is told: each argument is a command, its fields separated by blanks, "-" is NULL
 * and "''" is empty. Prints a line per command: its name, the code, what came out.
 */
#include "form.h"

static DWORD type = RESOURCETYPE_DISK;
static void *comment, *owner;

enum { FIELDS = 10 };

static void say(const char *what, DWORD code, const char *more)
{
    printf("%s %u%s%s\n", what, (unsigned)code, more ? " " : "", more ? more : "");
    fflush(stdout);
}

static NETRES resource(char **f)
{
    return (NETRES){ .dwType = type, .lpLocalName = given(f[1]), .lpRemoteName = given(f[2]),
                     .lpComment = comment, .lpProvider = given(f[4]) };
}

/* add LOCAL REMOTE FLAGS PROVIDER USER PASSWORD: 1, 2, 3 and 4 by their number */
static void add(char **f)
{
    NETRES r = resource(f);
    DWORD flags = (DWORD)strtoul(f[3], NULL, 0), code;
    CH *user = given(f[5]), *password = given(f[6]);

    switch (f[0][3]) {
    case '1':
        code = F(WNetAddConnection)(r.lpRemoteName, password, r.lpLocalName);
        break;
    case '3':
        code = F(WNetAddConnection3)(owner, &r, password, user, flags);
        break;
    case '4':
        code = F(WNetAddConnection4)(owner, &r, NULL, 0, flags, NULL, 0);
        break;
    case 'b':
        code = F(WNetAddConnection4)(owner, &r, (BYTE[]){ 7, 8 }, 2, flags, (BYTE[]){ 9 }, 1);
        break;
    default:
        code = F(WNetAddConnection2)(&r, password, user, flags);
    }
    say(f[0], code, NULL);
}

static void use(char **f)
{
    NETRES r = resource(f);
    DWORD room = 300, result = 77, flags = (DWORD)strtoul(f[3], NULL, 0), code;
    CH name[300] = { 0 };
    char more[512];

    code = f[0][3] == '4' ? F(WNetUseConnection4)(owner, &r, NULL, 0, flags, NULL, 0, name, &room,
                                                  &result)
                          : F(WNetUseConnection)(owner, &r, given(f[6]), given(f[5]), flags, name,
                                                 &room, &result);
    snprintf(more, sizeof more, "%s %u 0x%x", shown(name), (unsigned)room, (unsigned)result);
    say(f[0], code, code ? NULL : more);
}

static void cancel(char **f)
{
    DWORD flags = (DWORD)strtoul(f[2], NULL, 0);
    BOOL force = !strcmp(f[3], "force");

    say(f[0], f[0][6] == '1' ? F(WNetCancelConnection)(given(f[1]), force)
                             : F(WNetCancelConnection2)(given(f[1]), flags, force), NULL);
}

static void get(char **f)
{
    CH name[2000] = { 0 };
    DWORD room = 2000;
    DWORD code = f[0][0] == 'g' ? F(WNetGetConnection)(given(f[1]), name, &room)
                                : F(WNetGetUser)(given(f[1]), name, &room);

    say(f[0], code, *name ? shown(name) : NULL);
}

static void universal(char **f)
{
    REMOTE info[100];
    DWORD room = sizeof info, level = (DWORD)strtoul(f[2], NULL, 0);
    DWORD code = F(WNetGetUniversalName)(given(f[1]), level, info, &room);
    char more[2048];

    if (level == REMOTE_NAME_INFO_LEVEL)
        snprintf(more, sizeof more, "%s %s %s", code ? "" : shown(info->lpUniversalName),
                 code ? "" : shown(info->lpConnectionName),
                 code ? "" : shown(info->lpRemainingPath));
    else
        snprintf(more, sizeof more, "%s", code ? "" : shown(((UNIVERSAL *)info)->lpUniversalName));
    say(f[0], code, code ? NULL : more);
}

static void show_entry(const NETRES *r)
{
    printf("  scope=%u type=%u display=%u usage=0x%x %s %s %s %s\n", (unsigned)r->dwScope,
           (unsigned)r->dwType, (unsigned)r->dwDisplayType, (unsigned)r->dwUsage,
           shown(r->lpLocalName), shown(r->lpRemoteName), shown(r->lpComment),
           shown(r->lpProvider));
}

/* enum SCOPE [REMOTE|- PROVIDER|-]: entries one at a time, so that every call is exercised */
static void list(char **f)
{
    NETRES container = { .dwUsage = RESOURCEUSAGE_CONTAINER, .lpRemoteName = given(f[2]),
                         .lpProvider = given(f[4]) };
    BOOL inside = container.lpRemoteName || container.lpProvider;
    NETRES buffer[200];
    HANDLE handle = NULL;
    DWORD code = F(WNetOpenEnum)((DWORD)atoi(f[1]), 0, 0, inside ? &container : NULL, &handle);

    say(f[0], code, NULL);
    while (!code) {
        DWORD count = 1, room = sizeof buffer;

        code = F(WNetEnumResource)(handle, &count, buffer, &room);
        if (!code)
            show_entry(buffer);
        else
            printf("  end %u count=%u close=%u\n", (unsigned)code, (unsigned)count,
                   (unsigned)WNetCloseEnum(handle));
    }
}

static void error(char **f)
{
    CH text[1000], name[100];
    DWORD code = 0, result = F(WNetGetLastError)(&code, text, 1000, name, 100);
    char more[6000];

    snprintf(more, sizeof more, "%u '%s' '%s'", (unsigned)code, shown(text), shown(name));
    say(f[0], result, more);
}

static void provider(char **f)
{
    CH name[100] = { 0 };
    DWORD room = 100, code = F(WNetGetProviderName)((DWORD)strtoul(f[1], NULL, 0), name, &room);

    say(f[0], code, code ? NULL : shown(name));
}

static void other(char **f)
{
    DWORD value = !strcmp(f[2], "1");

    if (!strcmp(f[0], "type"))
        type = (DWORD)strtoul(f[1], NULL, 0);
    else if (!strcmp(f[0], "owner"))
        owner = (void *)(size_t)strtoul(f[1], NULL, 0);
    else if (!strcmp(f[0], "comment")) /* a page that nobody may read */
        printf("comment %p\n", comment = (char *)guarded(1) + 1);
    else if (!strcmp(f[0], "block")) { /* binary, its first word zero (P2) */
        comment = memcpy(malloc(8), "\0\0\1\2\3\4\5\6", 8);
        printf("block %p\n", comment);
    } else if (!strcmp(f[0], "restore"))
        say(f[0], F(WNetRestoreConnection)(NULL, given(f[1])), NULL);
    else if (!strcmp(f[0], "persist"))
        say(f[0], F(WNetSetConnection)(given(f[1]), NETPROPERTY_PERSISTENT, &value), NULL);
    else if (!strcmp(f[0], "clear"))
        say(f[0], WNetClearConnections(NULL), NULL);
#ifdef FORM_W
    else if (!strcmp(f[0], "restore1"))
        say(f[0], WNetRestoreSingleConnectionW(NULL, given(f[1]), FALSE), NULL);
#endif
    else
        exit(9);
}

static void command(char **f)
{
    static const struct {
        const char *begin;
        void (*call)(char **);
    } COMMANDS[] = { { "add", add },   { "use", use },   { "cancel", cancel },
                     { "get", get },   { "user", get },  { "universal", universal },
                     { "enum", list }, { "error", error }, { "provider", provider },
                     { "", other } };

    for (size_t i = 0;; i++)
        if (!strncmp(f[0], COMMANDS[i].begin, strlen(COMMANDS[i].begin))) {
            /* "user" begins as "use" does */
            if (COMMANDS[i].call == use && f[0][3] == 'r')
                continue;
            COMMANDS[i].call(f);
            return;
        }
}

int main(int argc, char **argv)
{
    static char none[] = "-";

#ifdef _WIN32
    argv = arguments(&argc);
#endif
    for (int i = 1; i < argc; i++) {
        char *fields[FIELDS], *rest = NULL, *at = strtok_r(argv[i], " ", &rest);

        for (int n = 0; n < FIELDS; n++, at = at ? strtok_r(NULL, " ", &rest) : NULL)
            fields[n] = at ? at : none;
        command(fields);
    }
    return 0;
}
