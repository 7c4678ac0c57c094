//! One decision: what the compiled law costs, beside one random load from memory and beside other engines that decide
//! the same requests about the same people. Every answer is compared.

#[cfg(feature = "peers")]
mod peers;
mod single;
#[cfg(feature = "peers")]
mod tell;

fn main() -> anyhow::Result<()> {
    let people: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let found = single::measure(people);
    eprintln!("{found:#?}");
    #[cfg(feature = "peers")]
    tell::write(people, &found, &peers::measure()?)?;
    Ok(())
}
