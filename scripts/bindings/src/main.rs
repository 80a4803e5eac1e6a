//! Writes the JavaScript that calls the Worker's Wasm, with the library behind the `wasm-bindgen` command.
//!
//! The command includes a test runner with an HTTP server and a TLS stack, and takes three times as long to compile.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: corsgate-bindings WASM FOLDER";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(wasm), Some(folder), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut generator = Bindgen::new();
    // The last two let the next call after a panic or a trap run in a new instance of the Wasm.
    let generated = generator.module(true).and_then(|generator| {
        generator
            .input_path(wasm)
            .out_name("index")
            .typescript(false)
            .omit_default_module_path(false)
            .reset_state_function(true)
            .force_enable_abort_handler(true)
            .generate(folder)
    });
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
