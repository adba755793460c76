#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| exact_client::fuzz::webhook(data));
