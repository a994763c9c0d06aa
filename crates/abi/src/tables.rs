//! Lists of what the C headers declare, made by the macros that declare it to Rust.
//!
//! One source for both: the layout assertions, the types and these lists cannot drift apart. Tests
//! compare them with C compilers and with other people's headers.

/// A constant of the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its name in C.
    pub name: &'static str,
    /// Its value.
    pub value: u32,
}

/// A structure of the headers; numbers in bytes, first for 32 and then for 64 bit pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Its name in C.
    pub name: &'static str,
    /// Its size.
    pub size: [usize; 2],
    /// Its members in order: name and offset.
    pub members: &'static [(&'static str, [usize; 2])],
}

/// A function of the headers, all of them `WINAPI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name in C.
    pub name: &'static str,
    /// The type it returns.
    pub result: &'static str,
    /// The types of its parameters; `PLPWSTR` stands for `LPWSTR *`.
    pub parameters: &'static [&'static str],
}

/// Which column of a [`Structure`] this target uses.
pub const COLUMN: usize = if cfg!(target_pointer_width = "64") { 1 } else { 0 };

/// Declares constants in groups, each documented by its group, and a list of them.
macro_rules! constants {
    ($list:ident: $list_doc:literal; $($doc:literal { $($name:ident = $value:expr),* $(,)? })*) => {
        $($(#[doc = $doc] pub const $name: u32 = $value;)*)*

        #[doc = $list_doc]
        pub const $list: &[$crate::tables::Constant] = &[
            $($($crate::tables::Constant { name: stringify!($name), value: $name },)*)*
        ];
    };
}

/// Asserts sizes and offsets (32 bit, 64 bit) of structures declared above it, and lists them.
macro_rules! layouts {
    ($list:ident: $list_doc:literal; $($($name:ident)+ ($s32:literal, $s64:literal) $members:tt)*) => {
        $($($crate::tables::layouts!(@assert $name $s32 $s64 $members);)+)*

        #[doc = $list_doc]
        pub const $list: &[$crate::tables::Structure] = &[
            $($($crate::tables::layouts!(@list $name $s32 $s64 $members),)+)*
        ];
    };
    (@assert $name:ident $s32:literal $s64:literal
     { $($member:ident $o32:literal $o64:literal),* $(,)? }) => {
        const _: () = {
            use core::mem::{offset_of, size_of};
            assert!(size_of::<$name>() == [$s32, $s64][$crate::tables::COLUMN]);
            $(assert!(offset_of!($name, $member) == [$o32, $o64][$crate::tables::COLUMN]);)*
        };
    };
    (@list $name:ident $s32:literal $s64:literal
     { $($member:ident $o32:literal $o64:literal),* $(,)? }) => {
        $crate::tables::Structure {
            name: stringify!($name),
            size: [$s32, $s64],
            members: &[$((stringify!($member), [$o32, $o64])),*],
        }
    };
}

/// Declares the pointer types of functions, and a list of the functions.
macro_rules! functions {
    ($list:ident: $list_doc:literal;
     $($doc:literal $name:ident $pointer:ident ($($parameter:ident: $type:ident),* $(,)?)
       -> $result:ident;)*) => {
        $(
            #[doc = $doc]
            pub type $pointer = unsafe extern "system" fn($($parameter: $type),*) -> $result;
        )*

        #[doc = $list_doc]
        pub const $list: &[$crate::tables::Function] = &[
            $($crate::tables::Function {
                name: stringify!($name),
                result: stringify!($result),
                parameters: &[$(stringify!($type)),*],
            },)*
        ];
    };
}

pub(crate) use {constants, functions, layouts};
