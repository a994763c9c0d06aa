/*
 * Eight threads that connect, cancel, list and ask at once. Prints what each counted; the log of
 * the modules tells the rest.
 */
#include "form.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 60 };

typedef struct {
    unsigned made, broken, wrong;
} COUNTS;

static COUNTS counts[THREADS];

static void list(COUNTS *count)
{
    NETRES buffer[64];
    HANDLE handle;
    DWORD entries, size, code;

    if (F(WNetOpenEnum)(RESOURCE_CONNECTED, 0, 0, NULL, &handle)) {
        count->wrong++;
        return;
    }
    do {
        entries = 3;
        size = sizeof buffer;
        code = F(WNetEnumResource)(handle, &entries, buffer, &size);
        for (DWORD i = 0; !code && i < entries; i++)
            count->wrong += !buffer[i].lpRemoteName || !*buffer[i].lpRemoteName;
    } while (!code);
    count->wrong += code != ERROR_NO_MORE_ITEMS;
    count->wrong += WNetCloseEnum(handle) != 0;
}

static void *work(void *number)
{
    size_t me = (size_t)number;
    COUNTS *count = &counts[me];
    CH own[] = { (CH)('D' + me), ':', 0 }, text[300];
    NETRES resource = { .dwType = RESOURCETYPE_DISK, .lpLocalName = own,
                        .lpRemoteName = T("\\\\srv\\share") };
    NETRES shared = resource;
    CH common[] = { 'Z', ':', 0 };

    shared.lpLocalName = common;
    for (unsigned i = 0; i < ROUNDS; i++) {
        DWORD room = 300, code, size = 300;

        code = F(WNetAddConnection2)(&resource, NULL, NULL, i % 4 ? 0 : CONNECT_UPDATE_PROFILE);
        count->made += !code;
        count->wrong += code != 0;
        code = F(WNetGetConnection)(own, text, &room);
        count->wrong += code != 0;
        /* One drive that all want: somebody has it, or nobody. */
        code = F(WNetAddConnection2)(&shared, NULL, NULL, 0);
        count->wrong += code && code != ERROR_ALREADY_ASSIGNED;
        count->made += !code;
        code = F(WNetGetUser)(common, text, &size);
        count->wrong += code && code != ERROR_NOT_CONNECTED;
        list(count);
        code = F(WNetCancelConnection2)(common, 0, TRUE);
        count->broken += !code;
        count->wrong += code && code != ERROR_NOT_CONNECTED;
        code = F(WNetCancelConnection2)(own, i % 4 ? 0 : CONNECT_UPDATE_PROFILE, FALSE);
        count->broken += !code;
        count->wrong += code != 0;
        count->wrong += F(WNetCancelConnection2)(own, 0, FALSE) != ERROR_NOT_CONNECTED;
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    COUNTS all = { 0 };

    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i))
            abort();
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        all.made += counts[i].made;
        all.broken += counts[i].broken;
        all.wrong += counts[i].wrong;
    }
    printf("wrong %u, left %u\n", all.wrong, all.made - all.broken);
    return 0;
}
