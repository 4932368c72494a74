//! Packages whose decorators compile functions from their source, for machines that are not Python's.
//!
//! A contributor adds a line to [`COMPILERS`], from the package's own documentation: what it compiles follows rules of its own, in which a number has methods
//! and a name may be given by the compiler.

/// By the name under which each is imported, in order.
const COMPILERS: &[&str] = &["cutlass", "taichi", "tilelang", "triton", "warp"];

/// Whether decorators of a top-level package read the functions' source.
#[must_use]
pub fn compiles(package: &str) -> bool {
    COMPILERS.binary_search(&package).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{COMPILERS, compiles};

    #[test]
    fn packages_are_found_by_name() {
        assert!(COMPILERS.is_sorted());
        assert!(compiles("triton") && !compiles("trit"));
    }
}
