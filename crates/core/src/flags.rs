//! Bit sets and small number types of the WNet interface, with the constants of its headers.
//!
//! All are open: bits and numbers that nobody named are kept as they are.

macro_rules! bits {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub u32);

        impl $name {
            $($(#[$item_doc])* pub const $item: Self = Self($value);)*

            /// The empty set.
            pub const NONE: Self = Self(0);

            /// Tells whether every bit of `other` is set.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Tells whether any bit of `other` is set.
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Returns the set without the bits of `other`.
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }

            /// Returns both sets together.
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl core::ops::BitOr for $name {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                self.with(other)
            }
        }

        impl core::ops::BitAnd for $name {
            type Output = Self;
            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }
    };
}

macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub u32);

        impl $name {
            $($(#[$item_doc])* pub const $item: Self = Self($value);)*
        }
    };
}

bits! {
    /// `CONNECT_*`: how to connect, and what the router remembers of it.
    ConnectFlags {
        /// Remember the connection in the profile.
        UPDATE_PROFILE = 0x1,
        /// Put it on the recent list; accepted without effect (U42).
        UPDATE_RECENT = 0x2,
        /// Do not remember it; wins over `UPDATE_PROFILE`.
        TEMPORARY = 0x4,
        /// The user may be asked.
        INTERACTIVE = 0x8,
        /// Offer a choice before defaults are used.
        PROMPT = 0x10,
        /// Reserved; accepted and ignored (U41).
        NEED_DRIVE = 0x20,
        /// Windows 95 leftover; accepted and ignored (U41).
        REFCOUNT = 0x40,
        /// Choose a device if none is named.
        REDIRECT = 0x80,
        /// Result of `WNetUseConnection`: a device was redirected.
        LOCALDRIVE = 0x100,
        /// Do not start using a new medium.
        CURRENT_MEDIA = 0x200,
        /// Create the device now, connect at its first use.
        DEFERRED = 0x400,
        /// Prompt in the console.
        COMMANDLINE = 0x800,
        /// Save prompted credentials.
        CMD_SAVECRED = 0x1000,
        /// Reset stored credentials.
        CRED_RESET = 0x2000,
        /// Fail unless signing can be had.
        REQUIRE_INTEGRITY = 0x4000,
        /// Fail unless encryption can be had.
        REQUIRE_PRIVACY = 0x8000,
        /// Write through.
        WRITE_THROUGH_SEMANTICS = 0x10000,
        /// Visible to all sessions.
        GLOBAL_MAPPING = 0x40000,
        /// Every bit that a caller may set (U41).
        ACCEPTED = 0x5ffff,
        /// Flags that a provider takes which does not say (`npapi.md` §2).
        PROVIDER_DEFAULT = 0x1c,
    }
}

bits! {
    /// `WNNC_CON_*`: what a provider can do with connections.
    ConnectionCaps {
        /// `NPAddConnection`.
        ADD_CONNECTION = 0x1,
        /// `NPCancelConnection`.
        CANCEL_CONNECTION = 0x2,
        /// `NPGetConnection`.
        GET_CONNECTIONS = 0x4,
        /// `NPAddConnection3`.
        ADD_CONNECTION3 = 0x8,
        /// `NPAddConnection4`.
        ADD_CONNECTION4 = 0x10,
        /// `NPCancelConnection2`.
        CANCEL_CONNECTION2 = 0x20,
        /// `NPGetConnectionPerformance`.
        GET_PERFORMANCE = 0x40,
        /// Deferred connections.
        DEFER = 0x80,
    }
}

bits! {
    /// `WNNC_ENUM_*`: what a provider can enumerate.
    EnumerationCaps {
        /// The network itself.
        GLOBAL = 0x1,
        /// Its connections.
        LOCAL = 0x2,
        /// The user's surroundings.
        CONTEXT = 0x4,
        /// Shareable resources.
        SHAREABLE = 0x8,
    }
}

bits! {
    /// `WNNC_DLG_*`: dialogs and name services of a provider.
    DialogCaps {
        /// `NPDeviceMode`.
        DEVICE_MODE = 0x1,
        /// `NPPropertyDialog`.
        PROPERTY_DIALOG = 0x20,
        /// `NPSearchDialog`.
        SEARCH_DIALOG = 0x40,
        /// `NPFormatNetworkName`.
        FORMAT_NETWORK_NAME = 0x80,
        /// `NPFMXEditPerm`.
        PERMISSION_EDITOR = 0x100,
        /// `NPGetResourceParent`.
        GET_RESOURCE_PARENT = 0x200,
        /// `NPGetResourceInformation`.
        GET_RESOURCE_INFORMATION = 0x800,
    }
}

bits! {
    /// `RESOURCEUSAGE_*`.
    ResourceUsage {
        /// Can be connected to.
        CONNECTABLE = 0x1,
        /// Holds other resources.
        CONTAINER = 0x2,
        /// May be connected without a device.
        NO_LOCAL_DEVICE = 0x4,
        /// Beside the user's own, in a context enumeration.
        SIBLING = 0x8,
        /// The user must be authenticated.
        ATTACHED = 0x10,
        /// Every usage that a caller may filter by.
        ALL = 0x13,
        /// Set in entries that stand for a provider.
        RESERVED = 0x8000_0000,
    }
}

bits! {
    /// `RESOURCETYPE_*`; `ANY` is the empty set.
    ResourceType {
        /// Any type.
        ANY = 0x0,
        /// Disks.
        DISK = 0x1,
        /// Printers.
        PRINT = 0x2,
    }
}

numbers! {
    /// `RESOURCE_*`: the scope of an enumeration.
    Scope {
        /// What is connected now.
        CONNECTED = 1,
        /// The network.
        GLOBALNET = 2,
        /// What the profile remembers.
        REMEMBERED = 3,
        /// Recently used; always empty (U52).
        RECENT = 4,
        /// The user's surroundings.
        CONTEXT = 5,
    }
}

numbers! {
    /// `RESOURCEDISPLAYTYPE_*`: a hint for icons.
    DisplayType {
        /// Does not matter.
        GENERIC = 0,
        /// A domain.
        DOMAIN = 1,
        /// A server.
        SERVER = 2,
        /// A share.
        SHARE = 3,
        /// A file.
        FILE = 4,
        /// A group.
        GROUP = 5,
        /// A network, that is a provider.
        NETWORK = 6,
        /// The root of everything.
        ROOT = 7,
        /// An administrative share.
        SHARE_ADMIN = 8,
        /// A directory.
        DIRECTORY = 9,
        /// A tree.
        TREE = 10,
    }
}
