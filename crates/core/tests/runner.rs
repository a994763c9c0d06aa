//! Whole operations on scripted parts; one binary for all.

mod cancel;
mod connect;
mod enumerate;
mod notify_matrix;
mod notify_rules;
mod parts;
mod profile;
mod properties;
mod queries;
mod routing;
