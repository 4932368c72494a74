//! The `coship` command: parse arguments, run, exit status.

use std::panic;
use std::process::ExitCode;

use clap::Parser;
use coship::cli::Cli;
use coship::commands::{self, Exit};

/// Evaluation makes many small objects on several threads, which is what this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = panic::catch_unwind(|| commands::run(&cli)).unwrap_or_else(|_| {
        // The panic's own message is on stderr already. A closed stderr is no reason to panic again.
        use std::io::Write;
        let _ = writeln!(
            std::io::stderr(),
            "error: this is a bug in coship {}, not in the code that it looked at. Please report it with the lines above.",
            env!("CARGO_PKG_VERSION"),
        );
        Exit::Failed
    });
    ExitCode::from(u8::from(exit))
}
