//! Writes the JavaScript that calls a Wasm, with the library behind the `wasm-bindgen` command: that of the Worker, or with
//! `--web` that of a page.
//!
//! The command includes a test runner with an HTTP server and a TLS stack, and takes three times as long to compile.

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: corsgate-bindings WASM FOLDER NAME, or corsgate-bindings --web WASM FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let generated = match arguments.as_slice() {
        [web, wasm, folder] if web == "--web" => for_a_page(wasm, folder),
        [wasm, folder, name] => for_the_worker(wasm, folder, name),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn for_the_worker(
    wasm: &OsStr,
    folder: &OsStr,
    name: &OsStr,
) -> Result<(), Box<dyn core::error::Error + Send + Sync>> {
    let mut generator = Bindgen::new();
    // The last two let the next call after a panic or a trap run in a new instance of the Wasm.
    generator
        .module(true)?
        .input_path(wasm)
        .out_name(&name.to_string_lossy())
        .typescript(false)
        .omit_default_module_path(false)
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(folder)?;
    Ok(())
}

/// The page says where the Wasm is. After a panic it starts anew with another instance.
fn for_a_page(wasm: &OsStr, folder: &OsStr) -> Result<(), Box<dyn core::error::Error + Send + Sync>> {
    let mut generator = Bindgen::new();
    generator
        .web(true)?
        .input_path(wasm)
        .out_name("playground")
        .typescript(false)
        .omit_default_module_path(true)
        .generate(folder)?;
    Ok(())
}
