/* drive.c - does with a network drive what its arguments say, one after the other */
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include <winnetwk.h>

static wchar_t **next_word;

static void say(const wchar_t *what, const wchar_t *name, DWORD code, const wchar_t *text)
{
    wprintf(L"%ls %ls %lu%ls%ls\n", what, name, code, *text ? L" " : L"", text);
    fflush(stdout);
}

static DWORD add(wchar_t *local, wchar_t *remote, wchar_t *user, wchar_t *password)
{
    NETRESOURCEW resource = {0};
    resource.dwType = RESOURCETYPE_DISK;
    resource.lpLocalName = wcscmp(local, L"-") ? local : NULL;
    resource.lpRemoteName = remote;
    return WNetAddConnection2W(&resource, password, user, 0);
}

static DWORD list(void)
{
    static NETRESOURCEW entries[256];
    DWORD count = (DWORD)-1, size = sizeof entries, at, code;
    HANDLE handle;

    code = WNetOpenEnumW(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle);
    if (code)
        return code;
    code = WNetEnumResourceW(handle, &count, entries, &size);
    for (at = 0; !code && at < count; at++)
        wprintf(L"  %ls %ls %ls\n", entries[at].lpLocalName ? entries[at].lpLocalName : L"-",
                entries[at].lpRemoteName, entries[at].lpProvider);
    WNetCloseEnum(handle);
    return code;
}

static DWORD file(const wchar_t *name, BOOL write, wchar_t *text)
{
    char bytes[256] = "written by a Windows program";
    DWORD count = (DWORD)strlen(bytes), code = 0;
    HANDLE handle = CreateFileW(name, write ? GENERIC_WRITE : GENERIC_READ, FILE_SHARE_READ, NULL,
                                write ? CREATE_ALWAYS : OPEN_EXISTING, 0, NULL);

    if (handle == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!(write ? WriteFile(handle, bytes, count, &count, NULL)
                : ReadFile(handle, bytes, sizeof bytes - 1, &count, NULL)))
        code = GetLastError();
    bytes[code ? 0 : count] = 0;
    if (!write)
        swprintf(text, 256, L"%hs", bytes);
    CloseHandle(handle);
    return code;
}

int wmain(int count, wchar_t **words)
{
    wchar_t *what, *name, text[1024];
    DWORD code, size;

    (void)count;
    next_word = words + 1;
    while ((what = *next_word++)) {
        *text = 0;
        size = sizeof text;
        name = *next_word ? *next_word++ : L"";
        if (!wcscmp(what, L"add")) {
            code = add(name, *next_word, NULL, NULL);
            next_word++;
        } else if (!wcscmp(what, L"login")) {
            code = add(name, next_word[0], next_word[1], next_word[2]);
            next_word += 3;
        } else if (!wcscmp(what, L"auto")) {
            NETRESOURCEW resource = {.dwType = RESOURCETYPE_DISK, .lpRemoteName = name};
            DWORD result;
            size = 1024;
            code = WNetUseConnectionW(NULL, &resource, NULL, NULL, CONNECT_REDIRECT, text, &size,
                                      &result);
        } else if (!wcscmp(what, L"cancel")) {
            code = WNetCancelConnection2W(name, 0, FALSE);
        } else if (!wcscmp(what, L"force")) {
            code = WNetCancelConnection2W(name, 0, TRUE);
        } else if (!wcscmp(what, L"get")) {
            size = 1024;
            code = WNetGetConnectionW(name, text, &size);
        } else if (!wcscmp(what, L"user")) {
            size = 1024;
            code = WNetGetUserW(name, text, &size);
        } else if (!wcscmp(what, L"universal")) {
            UNIVERSAL_NAME_INFOW *info = (UNIVERSAL_NAME_INFOW *)text;
            code = WNetGetUniversalNameW(name, UNIVERSAL_NAME_INFO_LEVEL, text, &size);
            if (code)
                *text = 0;
            else
                wmemmove(text, info->lpUniversalName, wcslen(info->lpUniversalName) + 1);
        } else if (!wcscmp(what, L"type")) {
            code = GetDriveTypeW(name);
            swprintf(text, 1024, L"%ls",
                     GetLogicalDrives() & 1u << (*name - L'A') ? L"listed" : L"not listed");
        } else if (!wcscmp(what, L"read")) {
            code = file(name, FALSE, text);
        } else if (!wcscmp(what, L"write")) {
            code = file(name, TRUE, text);
        } else if (!wcscmp(what, L"hold")) {
            code = CreateFileW(name, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL) ==
                           INVALID_HANDLE_VALUE ? GetLastError() : 0;
        } else if (!wcscmp(what, L"cd")) {
            code = SetCurrentDirectoryW(name) ? 0 : GetLastError();
        } else if (!wcscmp(what, L"module")) {
            NETINFOSTRUCT info = {.cbStructure = sizeof info};
            code = WNetGetNetworkInformationW(name, &info);
            if (info.dwHandle && info.dwHandle == (ULONG_PTR)GetModuleHandleW(L"mprunix.dll"))
                wcscpy(text, L"mprunix.dll");
        } else if (!wcscmp(what, L"list")) {
            code = list();
        } else {
            return 2;
        }
        if (code && !*text && wcscmp(what, L"type")) {
            wchar_t by[256];
            DWORD own;
            if (!WNetGetLastErrorW(&own, text, 1024, by, 256) && !wcschr(text, L';'))
                wprintf(L"  %ls: %ls\n", by, text);
            *text = 0;
        }
        say(what, name, code, text);
    }
    return 0;
}
