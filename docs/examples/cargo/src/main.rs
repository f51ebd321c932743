//! Says hello to its first argument.

fn greeting(name: &str) -> String {
    format!("Hello, {name}.")
}

fn main() {
    let name = std::env::args().nth(1).unwrap_or_else(|| "world".into());
    println!("{}", greeting(&name));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_is_in_the_greeting() {
        assert_eq!(super::greeting("Zoë"), "Hello, Zoë.");
    }

    #[test]
    fn this_is_windows() {
        let file = std::env::temp_dir().join("hello.txt");
        std::fs::write(&file, "kept").unwrap();
        assert!(file.to_str().unwrap().contains(":\\"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
    }
}
