//! Writes a demo log for foreign verifiers: `cargo run -p assent-verify --example sample_log -- DIR [OLD SIZE]`.

#[path = "../tests/sample/mod.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (dir, old, size) = match args.as_slice() {
        [dir] => (dir, 65_000, 70_000),
        [dir, old, size] => (dir, old.parse()?, size.parse()?),
        _ => return Err("usage: sample_log DIR [OLD SIZE]".into()),
    };
    sample::write(std::path::Path::new(dir), old, size)
}
