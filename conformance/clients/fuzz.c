/*
 * Calls every function with anything: NULL, texts that end at the edge of a page or do not end at
 * all, buffers of every size and sizes that lie, wrong flags, handles that are none.
 *
 *   fuzz SEED SECONDS CALLS   ends when either is over
 *
 * What may not happen: a crash, a write beside a buffer, a code that no document has, a success
 * with texts that do not lie in their buffer. The same seed makes the same calls.
 */
#include "form.h"

#include <time.h>

typedef uintptr_t ARG;
typedef ARG(WINAPI *ANY)(ARG, ARG, ARG, ARG, ARG, ARG, ARG, ARG, ARG, ARG);

/*
 * One letter for each argument: t text, r net resource, d flags, k small number, h window,
 * o texts out and l their length, b bytes out and s their size, p number out, x block and c its
 * length, e enumeration, E place for one, i j structures with figures, C D of dialogs,
 * v place of a number, q place of a text.
 */
typedef struct {
    const char *name, *arguments;
    ANY call;
} FUNCTION;

#define ONE(function, arguments) { #function, arguments, (ANY)(void (*)(void))function }
#ifdef FORM_A
#define BOTH(function, arguments) { #function, arguments, (ANY)(void (*)(void))function##A }
#else
#define BOTH(function, arguments) { #function, arguments, (ANY)(void (*)(void))function##W }
#endif

static const FUNCTION FUNCTIONS[] = {
    BOTH(WNetAddConnection, "ttt"),
    BOTH(WNetAddConnection2, "rttd"),
    BOTH(WNetAddConnection3, "hrttd"),
    BOTH(WNetAddConnection4, "hrxcdxc"),
    BOTH(WNetUseConnection, "hrttdolp"),
    BOTH(WNetUseConnection4, "hrxcdxcolp"),
    BOTH(WNetCancelConnection, "tk"),
    BOTH(WNetCancelConnection2, "tdk"),
    BOTH(WNetGetConnection, "tol"),
    BOTH(WNetGetUniversalName, "tkbs"),
    BOTH(WNetGetUser, "tol"),
    BOTH(WNetGetProviderName, "kol"),
    BOTH(WNetGetNetworkInformation, "ti"),
    BOTH(WNetGetResourceInformation, "rbsq"),
    BOTH(WNetGetResourceParent, "rbs"),
    BOTH(MultinetGetConnectionPerformance, "rj"),
    BOTH(WNetFormatNetworkName, "ttoldk"),
    BOTH(WNetOpenEnum, "kkkrE"),
    BOTH(WNetOpenEnum, "kkkrE"),
    BOTH(WNetEnumResource, "epbs"),
    BOTH(WNetEnumResource, "epbs"),
    ONE(WNetCloseEnum, "e"),
    ONE(WNetConnectionDialog, "hk"),
    BOTH(WNetConnectionDialog1, "C"),
    ONE(WNetDisconnectDialog, "hk"),
    BOTH(WNetDisconnectDialog1, "D"),
    BOTH(WNetRestoreConnection, "ht"),
    BOTH(WNetSetConnection, "tkv"),
    ONE(WNetClearConnections, "h"),
};

/* Codes that the documents name, and those that the test's providers answer. */
static const DWORD CODES[] = { 0,    2,    5,    8,    6,    50,   53,   59,   66,   67,  85,
                               86,   87,   170,  234,  259,  487,  1200, 1201, 1202, 1203,
                               1204, 1205, 1206, 1207, 1208, 1219, 1222, 1223, 1237, 2202,
                               2250, 2401, 2404, 0xFFFFFFFF };

static uint64_t state;
static char now[64]; /* the call under way */

static uint32_t any(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % below);
}

static BOOL one_in(uint32_t n)
{
    return any(n) == 0;
}

/* A few regions with a page behind them that nobody may touch. */
enum { REGION = 0x10000, REGIONS = 10 };

static BYTE *regions[REGIONS];
static unsigned used; /* in this call */

/* Memory that ends where nothing can be read. */
static void *room_for(size_t size)
{
    return regions[used++ % REGIONS] + REGION - size;
}

static const CH *const TEXTS[] = {
    L(""), L("S:"), L("T:"), L("s:"), L("C:"), L("Z:"), L("LPT1"), L("LPT9:"), L("\\\\srv\\share"),
    L("\\\\srv\\other"), L("\\\\srv"), L("\\\\srv\\"), L("\\\\"), L("P"), L("p"), L("Nobody"),
    L("S:\\a\\b"), L("S:\\"), L("SS:"), L("*"), L("http://host/a"), L("http://u:p@host/a"),
    L("\\\\srv\\share\\d\\f.txt"), L("\\\\foreign\\share"), L("//srv/share"), L("S"), L(" S: "),
    L("\\\\raw\\5"), L("\\\\srv@SSL@1\\DavWWWRoot"), L("\\\\?\\UNC\\srv\\share"), L("user"),
    L("S:\0x"), L("\xFC\xFF"), L("\\\\srv\\" NON_ASCII), L("\\??\\S:"), L("..\\..\\x"),
};

static CH *text(void)
{
    size_t size;
    CH *to;

    if (one_in(6))
        return NULL;
    if (one_in(60))
        return (CH *)(size_t)(any(2) ? 1 : 0xFFFF); /* no address of a text */
    if (one_in(12)) { /* random, perhaps without an end */
        size = 1 + any(one_in(10) ? 20000 : 300);
        to = room_for(size * sizeof *to);
        for (size_t i = 0; i < size; i++)
            to[i] = (CH)(1 + any(one_in(4) ? 0xFF : 0x7E));
        if (!one_in(4))
            to[size - 1] = 0;
        return to;
    }
    const CH *from = TEXTS[any(sizeof TEXTS / sizeof *TEXTS)];
    size = units(from) + 1;
    to = room_for(size * sizeof *to);
    memcpy(to, from, size * sizeof *to);
    if (one_in(20))
        to[any((uint32_t)size)] = (CH)(1 + any(0x7E)); /* perhaps the end */
    return to;
}

/* Any of these, alone, together, or nonsense. */
static DWORD flags(void)
{
    static const DWORD MASKS[] = { 0, 1, 0xFF, 0xFFF, 0xFFFF, 0xFFFFFFFF };

    /* Interactive ones ask at a terminal; there is none. */
    return any(3) ? any(4) : (DWORD)state & MASKS[any(6)];
}

static DWORD small(void)
{
    static const DWORD NUMBERS[] = { 0,   1,   2,   3,          4,          5,         6,
                                     7,   80,  0x10, 0x00250000, 0x00020000, 0xFFFF0000,
                                     128, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };

    return NUMBERS[any(sizeof NUMBERS / sizeof *NUMBERS)];
}

static NETRES *resource(void)
{
    NETRES *r;

    if (one_in(15))
        return NULL;
    used++; /* a region of its own */
    r = room_for(sizeof *r);
    *r = (NETRES){ .dwScope = small(), .dwType = any(3) ? 1 : small(), .dwDisplayType = small(),
                   .dwUsage = any(2) ? RESOURCEUSAGE_CONTAINER : small(), .lpLocalName = text(),
                   .lpRemoteName = text(), .lpComment = one_in(2) ? (CH *)1 : NULL,
                   .lpProvider = one_in(3) ? text() : NULL };
    return r;
}

/* A size, and how much of it is there: sizes beyond a region are lies. */
static DWORD length(size_t *real, size_t unit)
{
    static const DWORD SIZES[] = { 0, 1, 2, 3, 11, 12, 30, 64, 100, 300, 2000, 16384, 0x7FFFFFFF,
                                   0xFFFFFFFF };
    DWORD n = any(3) ? SIZES[any(sizeof SIZES / sizeof *SIZES)] : any(400);

    *real = (size_t)n * unit > REGION ? REGION : (size_t)n * unit;
    return n;
}

enum { HANDLES = 8 };
static HANDLE handles[HANDLES];

static HANDLE handle(void)
{
    if (one_in(8))
        return (HANDLE)(size_t)(any(2) ? any(1000) : (size_t)state);
    return handles[any(HANDLES)];
}

typedef struct {
    DWORD n;      /* as given */
    DWORD *place; /* where it was given, or NULL */
    BYTE *buffer;
    size_t real;
} OUTPUT;

static void fail(const char *what, DWORD code)
{
    printf("WRONG %s: %s, code %u\n", now, what, (unsigned)code);
    fflush(stdout);
    exit(3);
}

static DWORD *number_place(DWORD n)
{
    DWORD *place = room_for(sizeof n);

    *place = n;
    return place;
}

static void structure(char kind, ARG *to)
{
    size_t size = kind == 'i' ? sizeof(NETINFOSTRUCT) : kind == 'j' ? sizeof(NETCONNECTINFOSTRUCT)
                  : kind == 'C' ? sizeof(CONNECTDLG) : sizeof(DISCDLG);
    BYTE *at = room_for(size);

    memset(at, 0, size);
    if (kind == 'C')
        *(CONNECTDLG *)(void *)at = (CONNECTDLG){ .lpConnRes = resource(), .dwFlags = flags() };
    else if (kind == 'D')
        *(DISCDLG *)(void *)at = (DISCDLG){ .lpLocalName = text(), .lpRemoteName = text(),
                                            .dwFlags = flags() };
    *(DWORD *)(void *)at = one_in(6) ? any((uint32_t)size) : (DWORD)size;
    *to = one_in(15) ? 0 : (ARG)at;
}

static void one_call(const FUNCTION *function)
{
    ARG a[10] = { 0 };
    OUTPUT out = { 0 };
    HANDLE *opened = NULL, closing = NULL;
    DWORD code;
    BYTE front[16];

    used = any(REGIONS);
    memset(front, 0xA5, sizeof front);
    for (size_t i = 0; function->arguments[i]; i++) {
        size_t real;

        switch (function->arguments[i]) {
        case 't':
            a[i] = (ARG)text();
            break;
        case 'r':
            a[i] = (ARG)resource();
            break;
        case 'd':
            a[i] = flags();
            break;
        case 'k':
            a[i] = any(3) ? any(6) : small();
            break;
        case 'h':
            a[i] = one_in(3) ? small() : 0;
            break;
        case 'o':
        case 'b':
            out.n = length(&out.real, function->arguments[i] == 'o' ? sizeof(CH) : 1);
            out.buffer = room_for(out.real);
            memset(out.buffer, 0x55, out.real);
            if (out.real + sizeof front <= REGION)
                memset(out.buffer - sizeof front, 0xA5, sizeof front);
            if (one_in(12))
                out.buffer = NULL;
            a[i] = (ARG)out.buffer;
            break;
        case 'l':
        case 's':
            out.place = one_in(15) ? NULL : number_place(out.n);
            a[i] = (ARG)out.place;
            break;
        case 'p':
            a[i] = one_in(10) ? 0 : (ARG)number_place(small());
            break;
        case 'v':
        case 'q':
            a[i] = one_in(10) ? 0 : (ARG)memset(room_for(sizeof(ARG)), 0, sizeof(ARG));
            break;
        case 'x':
            length(&real, 1);
            a[i] = (ARG)memset(room_for(real), 7, real);
            a[i + 1] = (ARG)real;
            if (one_in(5))
                a[i] = 0;
            break;
        case 'e':
            closing = handle();
            a[i] = (ARG)closing;
            break;
        case 'E':
            opened = one_in(15) ? NULL : room_for(sizeof *opened);
            a[i] = (ARG)opened;
            break;
        case 'c':
            break;
        default:
            structure(function->arguments[i], &a[i]);
        }
    }
    code = (DWORD)function->call(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (CODES[i] == code)
            goto known;
    fail("a code that no document has", code);
known:
    if (out.buffer && out.real + sizeof front <= REGION &&
        memcmp(out.buffer - sizeof front, front, sizeof front))
        fail("written before the buffer", code);
    if (code == 234 && strcmp(function->name, "WNetEnumResource") && out.place &&
        *out.place <= out.n)
        fail("more data, and no more size", code);
    if (!code && opened)
        handles[any(HANDLES)] = *opened;
    if (one_in(64)) /* not all stay open */
        WNetCloseEnum(handles[any(HANDLES)]);
}

#ifdef _WIN32
static LONG CALLBACK say_where(EXCEPTION_POINTERS *what)
{
    /* Reads of what may not be readable are tried on purpose by some. */
    printf("CRASH %s: %lx at %p\n", now, what->ExceptionRecord->ExceptionCode,
           what->ExceptionRecord->ExceptionAddress);
    fflush(stdout);
    exit(4);
}
#else
#include <signal.h>

static void say_where(int signal)
{
    printf("CRASH %s: signal %d\n", now, signal);
    fflush(stdout);
    _exit(4);
}
#endif

int main(int argc, char **argv)
{
    unsigned long seed = strtoul(argc > 1 ? argv[1] : "1", NULL, 0);
    time_t end = time(NULL) + atol(argc > 2 ? argv[2] : "5");
    unsigned long most = strtoul(argc > 3 ? argv[3] : "4000000000", NULL, 0), n;

#ifdef _WIN32
    SetUnhandledExceptionFilter(say_where);
#else
    signal(SIGSEGV, say_where);
    signal(SIGBUS, say_where);
    signal(SIGABRT, say_where);
    signal(SIGILL, say_where);
#endif
    for (unsigned i = 0; i < REGIONS; i++)
        regions[i] = guarded(REGION);
    state = 0x9E3779B97F4A7C15u ^ ((uint64_t)seed * 0xD1B54A32D192ED03u);
    for (n = 0; n < most && ((n & 63) || time(NULL) < end); n++) {
        const FUNCTION *function = &FUNCTIONS[any(sizeof FUNCTIONS / sizeof *FUNCTIONS)];

        snprintf(now, sizeof now, "seed %lu call %lu %s", seed, n, function->name);
        one_call(function);
    }
    printf("survived %lu calls\n", n);
    return 0;
}
