//! Fetching a line of memory before it is needed, without waiting for it: the one place of this program with `unsafe`.
//!
//! Reading the line instead was tried: a read holds its place among the few hundred instructions that a processor has in
//! flight, so that only four or five people's lines are on their way at a time, not as many as memory could bring.

/// Asks for the line that something lies in. Nothing is read, and nothing changes but how soon it is there.
#[inline(always)]
#[cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "there is no safe way to say it; measured in docs/FIGURES.md: `law`, in batches; `audience`, withdrawals"
    )
)]
pub(crate) fn fetch<T>(at: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint that reads nothing and cannot fault; every x86-64 processor has it (SSE).
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(at).cast());
    }
    // Elsewhere nothing is asked for: slower, and the same.
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
