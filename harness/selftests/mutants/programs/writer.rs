// The writer in Rust: the standard library's own calls are not those of the program.
use std::ffi::c_void;
use std::ptr::{copy_nonoverlapping, null_mut};

#[link(name = "kernel32")]
extern "system" {
    fn CreateFileMappingW(file: isize, security: *mut c_void, protection: u32, high: u32, low: u32,
                          name: *const u16) -> *mut c_void;
    fn MapViewOfFile(section: *mut c_void, access: u32, high: u32, low: u32, size: usize)
                     -> *mut c_void;
    fn UnmapViewOfFile(view: *const c_void) -> i32;
    fn CloseHandle(handle: *mut c_void) -> i32;
    fn GetLastError() -> u32;
}
#[link(name = "msvcrt")]
extern "C" {
    fn _getch() -> i32;
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn write() -> Result<(), (&'static str, i32)> {
    let name = utf16("Global\\MyFileMappingObject\0");
    let message = utf16("Message from first process.");
    unsafe {
        let section = CreateFileMappingW(-1, null_mut(), 4, 0, 256, name.as_ptr());
        if section.is_null() {
            return Err(("create file mapping object", GetLastError() as i32));
        }
        let view = MapViewOfFile(section, 0xf001f, 0, 0, 256);
        if view.is_null() {
            let code = GetLastError() as i32;
            CloseHandle(section);
            return Err(("map view of file", code));
        }
        copy_nonoverlapping(message.as_ptr(), view as *mut u16, message.len());
        _getch();
        UnmapViewOfFile(view);
        CloseHandle(section);
    }
    Ok(())
}

fn main() {
    if let Err((what, code)) = write() {
        print!("Could not {} ({}).\r\n", what, code);
        std::process::exit(1);
    }
}
