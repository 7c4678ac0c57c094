"""The same audience counted by engines made for it: DuckDB, Polars, SQLite, PostgreSQL.

engines.py FOLDER ENGINE...   reads the columns and questions that bench-audience wrote into FOLDER,
and prints a line for each engine and question: engine, question, people, milliseconds of CPU time.
"""

import json
import mmap
import os
import sqlite3
import statistics
import sys
import time

import pyarrow as pa

COLUMNS = [
    ("person", pa.uint32()), ("purpose", pa.uint8()), ("home", pa.uint8()), ("version", pa.uint8()),
    ("uses", pa.uint16()), ("regions", pa.uint16()), ("categories", pa.uint32()), ("until", pa.uint32()),
    ("recipients", pa.uint64()),
]
RUNS = 5


def table(folder):
    """The columns as they lie on disk, not copied."""
    arrays = []
    for name, kind in COLUMNS:
        with open(os.path.join(folder, name), "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        rows = len(mapped) * 8 // kind.bit_width
        arrays.append(pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(mapped)]))
    return pa.table(arrays, names=[name for name, _ in COLUMNS])


def rows(folder):
    """The same as rows, for engines whose largest number is signed."""
    signed = lambda n: n - (1 << 64) if n >> 63 else n
    for batch in table(folder).to_batches(max_chunksize=200_000):
        *others, recipients = (column.to_pylist() for column in batch.columns)
        yield from zip(*others, map(signed, recipients))


def where(q):
    """The conditions, for every engine that speaks SQL. A mandate bars homes; the most selective come first."""
    return (
        f"purpose = {q['purpose']} AND until > {q['now']} AND (categories & {q['categories']}) = {q['categories']} "
        f"AND (regions & {q['reached']}) = {q['reached']} AND (uses & {q['uses']}) <> 0 "
        f"AND (recipients & {q['to']}) <> 0 AND version >= {q['oldest']} AND ((1 << CAST(home AS INTEGER)) & {q['barred']}) = 0"
    )


def tell(engine, questions, run, clock=time.process_time, share=1):
    for q in questions:
        count, times = run(q), []
        for _ in range(RUNS):
            begun = clock()
            count = run(q)
            times.append((clock() - begun) * 1000 / share)
        print(f"{engine}\t{q['name']}\t{count}\t{statistics.median(times):.4f}", flush=True)


def duckdb(folder, questions):
    import duckdb as engine

    db = engine.connect(":memory:")
    rows = table(folder)
    db.register("given", rows)
    db.execute("CREATE TABLE plain AS SELECT * FROM given")
    db.execute("CREATE TABLE sorted AS SELECT * FROM given ORDER BY purpose, until")
    for threads in (1, 2):
        db.execute(f"SET threads = {threads}")
        for name in ("plain", "sorted"):
            label = f"DuckDB 2.0, {'sorted by purpose and end' if name == 'sorted' else 'unsorted'}, {threads}t"
            run = lambda q: db.execute(f"SELECT count(*) FROM {name} WHERE {where(q)}").fetchone()[0]
            # With two threads: the CPU time of both, shared evenly, which favours it.
            tell(label, questions, run, share=threads)


def polars(folder, questions):
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    frame = pl.from_arrow(table(folder)).sort("purpose", "until").rechunk()
    names = ["home"] + [n for n, _ in COLUMNS if n != "home"]
    frame = frame.select(names).lazy()

    def run(q):
        c = pl.col
        barred = [n for n in range(16) if q["barred"] >> n & 1]
        bits = lambda name, value, kind: c(name) & pl.lit(value, dtype=kind)
        found = frame.filter(
            (c("purpose") == q["purpose"]) & (c("until") > q["now"])
            & (bits("categories", q["categories"], pl.UInt32) == q["categories"])
            & (bits("regions", q["reached"], pl.UInt16) == q["reached"])
            & (bits("uses", q["uses"], pl.UInt16) != 0) & (bits("recipients", q["to"], pl.UInt64) != 0)
            & (c("version") >= q["oldest"]) & ~c("home").is_in(barred)
        )
        return found.select(pl.len()).collect().item()

    tell("Polars 2.1, sorted, 1t", questions, run)


def sqlite(folder, questions):
    db = sqlite3.connect(":memory:")
    names = ", ".join(name for name, _ in COLUMNS)
    db.execute(f"CREATE TABLE t ({', '.join(n + ' INTEGER' for n, _ in COLUMNS)})")
    marks = ", ".join("?" for _ in COLUMNS)
    db.executemany(f"INSERT INTO t VALUES ({marks})", rows(folder))
    order = "purpose, until, categories, regions, uses, recipients, version, home"
    db.execute(f"CREATE INDEX covering ON t ({order})")
    run = lambda q: db.execute(f"SELECT count(*) FROM t WHERE {where(q)}").fetchone()[0]
    tell("SQLite, in memory, covering index", questions, run)


def postgres(folder, questions):
    import psycopg

    with psycopg.connect(os.environ["ASSENT_TEST_PG"], autocommit=True) as db:
        db.execute("CREATE TEMP TABLE t (person int, purpose int, home int, version int, uses int, regions int, "
                   "categories int, until bigint, recipients bigint)")
        with db.cursor().copy("COPY t FROM STDIN") as copy:
            for row in rows(folder):
                copy.write_row(row)
        db.execute("CREATE INDEX covering ON t (purpose, until) "
                   "INCLUDE (categories, regions, uses, recipients, version, home)")
        db.execute("VACUUM ANALYZE t")
        db.execute("SET max_parallel_workers_per_gather = 0")
        db.execute("SET jit = off")
        run = lambda q: db.execute(f"SELECT count(*) FROM t WHERE {where(q)}").fetchone()[0]
        # Its CPU time is another process's: wall time, as its clients see it.
        tell("PostgreSQL 15, covering index", questions, run, clock=time.perf_counter)


def main():
    folder, engines = sys.argv[1], sys.argv[2:]
    with open(os.path.join(folder, "questions.json"), encoding="utf-8") as file:
        questions = json.load(file)
    for name in engines:
        {"duckdb": duckdb, "polars": polars, "sqlite": sqlite, "postgres": postgres}[name](folder, questions)


main()
