//! The nameless exports 22 to 24: memory of the process's heap, as old modules of the shell want it.

use std::ffi::c_void;

const HEAP_ZERO_MEMORY: u32 = 8;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetProcessHeap() -> *mut c_void;
    fn HeapAlloc(heap: *mut c_void, flags: u32, size: usize) -> *mut c_void;
    fn HeapReAlloc(heap: *mut c_void, flags: u32, memory: *mut c_void, size: usize) -> *mut c_void;
    fn HeapFree(heap: *mut c_void, flags: u32, memory: *mut c_void) -> i32;
}

/// Ordinal 22, `Alloc`: returns memory that is all zero, or NULL.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub extern "system" fn MprAlloc(size: u32) -> *mut c_void {
    // SAFETY: the heap is the process's own, and takes any size.
    unsafe { HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size as usize) }
}

/// Ordinal 23, `ReAlloc`: changes a size; what is new is zero. NULL becomes new memory.
///
/// # Safety
///
/// `memory` is NULL or comes from one of these functions.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MprReAlloc(memory: *mut c_void, size: u32) -> *mut c_void {
    if memory.is_null() {
        return MprAlloc(size);
    }
    // SAFETY: it cannot fail.
    let heap = unsafe { GetProcessHeap() };
    // SAFETY: the caller, by this function's contract.
    unsafe { HeapReAlloc(heap, HEAP_ZERO_MEMORY, memory, size as usize) }
}

/// Ordinal 24, `Free`: gives memory back; tells whether there was some.
///
/// # Safety
///
/// `memory` is NULL or comes from one of these functions.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MprFree(memory: *mut c_void) -> i32 {
    if memory.is_null() {
        return 0;
    }
    // SAFETY: it cannot fail.
    let heap = unsafe { GetProcessHeap() };
    // SAFETY: the caller, by this function's contract.
    unsafe { HeapFree(heap, 0, memory) }
}
