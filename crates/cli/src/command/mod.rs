//! The commands, one file each: its options, what it does, what it prints.

pub(crate) mod browse;
pub(crate) mod completions;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod notifyee;
pub(crate) mod provider;
pub(crate) mod restore;
pub(crate) mod r#use;
pub(crate) mod wine;
