//! A few threads that do the same, and the jobs that wait for them.
//!
//! One job wakes one thread, and that is the one that fell idle last: its connection, and what the processor keeps of both,
//! are still warm. Threads that take turns at a channel wake two for each job, and every connection in turn.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// Where jobs are handed over. When the last of these is gone the threads do what waits, and end.
pub(super) struct Jobs<T>(Arc<Counter<T>>);

/// One thread's hold on them.
pub(super) struct Hand<T> {
    table: Arc<Table<T>>,
    /// Told when there is something for this one.
    bell: Arc<Condvar>,
}

struct Counter<T>(Arc<Table<T>>);

struct Table<T>(Mutex<State<T>>);

struct State<T> {
    waiting: VecDeque<T>,
    /// Who waits for a job, the last one last.
    idle: Vec<Arc<Condvar>>,
    hands: usize,
    /// Nobody can hand over anything any more.
    over: bool,
}

impl<T> Clone for Jobs<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Table<T> {
    /// A lock that is broken is one whose jobs nobody does any more.
    fn lock(&self) -> Option<MutexGuard<'_, State<T>>> {
        self.0.lock().ok()
    }
}

impl<T> Jobs<T> {
    pub(super) fn new() -> Self {
        let state = State { waiting: VecDeque::new(), idle: Vec::new(), hands: 0, over: false };
        Self(Arc::new(Counter(Arc::new(Table(Mutex::new(state))))))
    }

    /// For a thread that is about to start.
    pub(super) fn hand(&self) -> Hand<T> {
        let table = Arc::clone(&self.0.0);
        if let Some(mut state) = table.lock() {
            state.hands += 1;
        }
        Hand { table, bell: Arc::default() }
    }

    /// Hands a job over; false when nobody is there to do it.
    pub(super) fn send(&self, job: T) -> bool {
        let Some(mut state) = self.0.0.lock() else { return false };
        if state.hands == 0 {
            return false;
        }
        state.waiting.push_back(job);
        let bell = state.idle.pop();
        drop(state);
        if let Some(bell) = bell {
            bell.notify_one();
        }
        true
    }
}

impl<T> Drop for Counter<T> {
    fn drop(&mut self) {
        if let Some(mut state) = self.0.lock() {
            state.over = true;
            state.idle.drain(..).for_each(|bell| bell.notify_one());
        }
    }
}

impl<T> Hand<T> {
    /// The next job, in the order in which they came; none when there will be none.
    pub(super) fn next(&self) -> Option<T> {
        let mut state = self.table.lock()?;
        loop {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.over {
                return None;
            }
            state.idle.push(Arc::clone(&self.bell));
            state = self.bell.wait(state).ok()?;
            // Woken for nothing it still stands there; and what it was woken for, another may have done meanwhile.
            state.idle.retain(|bell| !Arc::ptr_eq(bell, &self.bell));
        }
    }
}

impl<T> Drop for Hand<T> {
    fn drop(&mut self) {
        let Some(mut state) = self.table.lock() else { return };
        state.hands = state.hands.saturating_sub(1);
        if state.hands == 0 {
            // Whoever waits hears that nobody answers; not under the lock, which what they hold may want.
            let left = std::mem::take(&mut state.waiting);
            drop(state);
            drop(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// Waits until so many threads are idle.
    fn idle(jobs: &Jobs<u32>, wanted: usize) {
        while jobs.0.0.lock().unwrap().idle.len() != wanted {
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn who_fell_idle_last_is_woken_and_nobody_else() {
        let jobs = Jobs::new();
        let (tell, told) = channel();
        for n in 0..3 {
            let (hand, tell) = (jobs.hand(), tell.clone());
            thread::spawn(move || {
                while let Some(job) = hand.next() {
                    tell.send((n, job)).unwrap();
                }
            });
            idle(&jobs, n + 1);
        }
        for job in 0..20 {
            assert!(jobs.send(job));
            assert_eq!(told.recv().unwrap(), (2, job));
            idle(&jobs, 3);
        }
    }

    #[test]
    fn every_job_is_done_once_and_then_the_threads_end() {
        let jobs = Jobs::new();
        let done = Arc::new(Mutex::new(Vec::new()));
        let work = |hand: Hand<u32>| {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                while let Some(job) = hand.next() {
                    done.lock().unwrap().push(job);
                }
            })
        };
        let threads: Vec<_> = (0..4).map(|_| work(jobs.hand())).collect();
        let send = |from: u32| {
            let jobs = jobs.clone();
            thread::spawn(move || (from..from + 1000).for_each(|job| assert!(jobs.send(job))))
        };
        for sender in [send(0), send(1000), send(2000)] {
            sender.join().unwrap();
        }
        drop(jobs);
        for thread in threads {
            thread.join().unwrap();
        }
        let mut done = done.lock().unwrap().clone();
        done.sort_unstable();
        assert_eq!(done, (0..3000).collect::<Vec<_>>());
    }

    #[test]
    fn where_nobody_is_left_nothing_is_taken() {
        let jobs = Jobs::new();
        assert!(!jobs.send(1));
        let hand = jobs.hand();
        assert!(jobs.send(2));
        drop(hand);
        assert!(!jobs.send(3));
        assert!(jobs.0.0.lock().unwrap().waiting.is_empty());
    }
}
