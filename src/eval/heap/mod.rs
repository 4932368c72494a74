//! Containers by allocation site: what is put into them, what outlives a body, and what a call hands over.

pub mod container;
pub mod equal_key;
pub mod parted_key;
pub mod register;
pub mod remember;
pub mod shared;
pub mod transfer;
