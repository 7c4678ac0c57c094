//! Time as the thread's own CPU spent it: other work on the machine does not count.

use std::time::Duration;

use cpu_time::ThreadTime;

/// CPU time of this thread that something took.
pub fn took<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = ThreadTime::now();
    let out = work();
    (begun.elapsed(), out)
}

/// The middle of so many runs, in nanoseconds for each of `each` things.
pub fn median(runs: usize, each: usize, mut work: impl FnMut()) -> f64 {
    let mut all: Vec<Duration> = (0..runs).map(|_| took(&mut work).0).collect();
    all.sort_unstable();
    all[runs / 2].as_secs_f64() * 1e9 / each as f64
}
