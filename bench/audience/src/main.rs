//! An audience counted: by the index's columns, and by engines made for counting, on the same rows.
//!
//! `bench-audience PEOPLE FEWER`: DuckDB and Polars count among the first number of people, SQLite and PostgreSQL among
//! the second. `ASSENT_BENCH_PYTHON` is a Python with `bench/sql/requirements.txt`. Without the feature `peers` only the
//! index is measured.

#[cfg(feature = "peers")]
mod columns;
#[cfg(feature = "peers")]
mod engines;
mod ours;
#[cfg(feature = "peers")]
mod tell;

fn main() -> anyhow::Result<()> {
    let number = |n: usize, default: usize| std::env::args().nth(n).map_or(Ok(default), |text| text.parse());
    let large = ours::measure(number(1, 10_000_000)?);
    eprintln!("{large:#?}");
    #[cfg(feature = "peers")]
    beside_peers(&large, number(2, 2_000_000)?)?;
    Ok(())
}

#[cfg(feature = "peers")]
fn beside_peers(large: &ours::Ours, fewer: usize) -> anyhow::Result<()> {
    let mut peers = engines::run(large.people, large, &["duckdb", "polars"])?;
    let small = ours::measure(fewer);
    peers.extend(engines::run(fewer, &small, &["sqlite", "postgres"])?);
    tell::write(large, &small, &peers)
}
