//! An audience counted: by the index's columns, and by engines made for counting, on the same rows.
//!
//! `bench-audience PEOPLE FEWER`: DuckDB and Polars count among the first number of people, SQLite and PostgreSQL among
//! the second. `ASSENT_BENCH_PYTHON` is a Python with `bench/sql/requirements.txt`.

mod columns;
mod engines;
mod ours;
mod tell;

fn main() -> anyhow::Result<()> {
    let number = |n: usize, default: usize| std::env::args().nth(n).map_or(Ok(default), |text| text.parse());
    let (people, fewer) = (number(1, 10_000_000)?, number(2, 2_000_000)?);
    let large = ours::measure(people);
    eprintln!("{large:#?}");
    let mut peers = engines::run(people, &large, &["duckdb", "polars"])?;
    let small = ours::measure(fewer);
    peers.extend(engines::run(fewer, &small, &["sqlite", "postgres"])?);
    tell::write(&large, &small, &peers)
}
