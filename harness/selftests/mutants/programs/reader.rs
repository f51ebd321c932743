// The reader in Rust, which does its work in a second thread.
use std::ffi::c_void;
use std::ptr::null_mut;

#[link(name = "kernel32")]
extern "system" {
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

fn read() -> Result<(), (&'static str, i32)> {
    let name: Vec<u16> = "Global\\MyFileMappingObject\0".encode_utf16().collect();
    let title: Vec<u16> = "Process2\0".encode_utf16().collect();
    unsafe {
        let section = OpenFileMappingW(0xf001f, 0, name.as_ptr());
        if section.is_null() {
            return Err(("open file mapping object", GetLastError() as i32));
        }
        let view = MapViewOfFile(section, 0xf001f, 0, 0, 256);
        if view.is_null() {
            let code = GetLastError() as i32;
            CloseHandle(section);
            return Err(("map view of file", code));
        }
        MessageBoxW(null_mut(), view as *const u16, title.as_ptr(), 0);
        UnmapViewOfFile(view);
        CloseHandle(section);
    }
    Ok(())
}

fn main() {
    if let Err((what, code)) = std::thread::spawn(read).join().unwrap() {
        print!("Could not {} ({}).\r\n", what, code);
        std::process::exit(1);
    }
}
