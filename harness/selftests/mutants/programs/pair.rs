// The pair in Rust; with `--cfg writer` the writer, else the reader, which works in a second thread.
// The standard library's own calls are not those of the programs.
use std::ffi::c_void;
use std::ptr::{copy_nonoverlapping, null_mut};

#[link(name = "kernel32")]
extern "system" {
    fn CreateFileMappingW(file: isize, security: *mut c_void, protection: u32, high: u32, low: u32,
                          name: *const u16) -> *mut c_void;
    fn OpenFileMappingW(access: u32, inherit: i32, name: *const u16) -> *mut c_void;
    fn MapViewOfFile(section: *mut c_void, access: u32, high: u32, low: u32, size: usize)
                     -> *mut c_void;
    fn UnmapViewOfFile(view: *const c_void) -> i32;
    fn CloseHandle(handle: *mut c_void) -> i32;
    fn GetLastError() -> u32;
}
#[link(name = "user32")]
extern "system" {
    fn MessageBoxW(owner: *mut c_void, text: *const u16, title: *const u16, style: u32) -> i32;
}
#[link(name = "msvcrt")]
extern "C" {
    fn _getch() -> i32;
}

fn work() -> Result<(), (&'static str, i32)> {
    let [name, message, title] =
        ["Global\\MyFileMappingObject\0", "Message from first process.", "Process2\0"]
            .map(|text| text.encode_utf16().collect::<Vec<u16>>());
    unsafe {
        let (section, failure) = if cfg!(writer) {
            (CreateFileMappingW(-1, null_mut(), 4, 0, 256, name.as_ptr()), "create")
        } else {
            (OpenFileMappingW(0xf001f, 0, name.as_ptr()), "open")
        };
        if section.is_null() {
            return Err((failure, GetLastError() as i32));
        }
        let view = MapViewOfFile(section, 0xf001f, 0, 0, 256);
        if view.is_null() {
            let code = GetLastError() as i32;
            CloseHandle(section);
            return Err(("map", code));
        }
        if cfg!(writer) {
            copy_nonoverlapping(message.as_ptr(), view as *mut u16, message.len());
            _getch();
        } else {
            MessageBoxW(null_mut(), view as *const u16, title.as_ptr(), 0);
        }
        UnmapViewOfFile(view);
        CloseHandle(section);
    }
    Ok(())
}

fn main() {
    let done = if cfg!(writer) { work() } else { std::thread::spawn(work).join().unwrap() };
    if let Err((what, code)) = done {
        let object = if what == "map" { "view of file" } else { "file mapping object" };
        print!("Could not {} {} ({}).\r\n", what, object, code);
        std::process::exit(1);
    }
}
