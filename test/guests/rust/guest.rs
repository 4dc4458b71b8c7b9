// What a program written in Rust does with its standard library. Exports follow the canonical ABI by hand.
use std::alloc::{alloc, realloc, Layout};
use std::collections::HashMap;
use std::fs::{read_to_string, OpenOptions};
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

extern "C" {
    fn __wasm_call_ctors();
}

/// A reactor starts once. Without this the linker would run constructors around each export, also `cabi_realloc`,
/// which must not call the host.
#[export_name = "_initialize"]
pub unsafe extern "C" fn initialize() {
    __wasm_call_ctors();
}

#[repr(C)]
pub struct Text {
    at: *const u8,
    length: usize,
}

#[export_name = "cabi_realloc"]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    if size == 0 {
        return align as *mut u8;
    }
    if old_size == 0 {
        return alloc(Layout::from_size_align_unchecked(size, align));
    }
    realloc(old, Layout::from_size_align_unchecked(old_size, align), size)
}

fn give(text: String) -> *const Text {
    let bytes = text.into_bytes().leak();
    Box::leak(Box::new(Text { at: bytes.as_ptr(), length: bytes.len() }))
}

#[export_name = "test:rust/api#note"]
pub unsafe extern "C" fn note(at: *mut u8, length: usize) -> *const Text {
    let line = String::from_utf8(Vec::from_raw_parts(at, length, length)).unwrap();
    let mut file = OpenOptions::new().create(true).append(true).open("/notes.txt").unwrap();
    writeln!(file, "{}", line).unwrap();
    drop(file);
    give(read_to_string("/notes.txt").unwrap().lines().collect::<Vec<_>>().join("+"))
}

#[export_name = "test:rust/api#hashed"]
pub extern "C" fn hashed() -> *const Text {
    let map: HashMap<u32, ()> = (0..32).map(|key| (key, ())).collect();
    give(map.keys().map(|key| key.to_string()).collect::<Vec<_>>().join(" "))
}

#[export_name = "test:rust/api#check"]
pub extern "C" fn check(value: u32) -> u32 {
    println!("checking {}", value);
    if value > 100 {
        panic!("value is too large");
    }
    value
}

#[export_name = "test:rust/api#arguments"]
pub extern "C" fn arguments() -> *const Text {
    give(std::env::args().collect::<Vec<_>>().join(" "))
}

#[export_name = "test:rust/api#now"]
pub extern "C" fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}
