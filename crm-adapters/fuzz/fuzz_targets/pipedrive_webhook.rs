#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| crm_adapters::fuzz::pipedrive_webhook(data));
