//! The exported functions. JavaScript writes bytes into a buffer, calls [`ask`], and reads the answer's bytes.
//!
//! ```text
//! new Uint8Array(memory.buffer, question(length), length).set(bytes)
//! ask()
//! new Uint8Array(memory.buffer, answer(), answer_length())
//! ```
//!
//! Buffers are vectors that live until the next call, and their addresses leave as plain numbers, so that nothing here dereferences a
//! pointer; naming an exported symbol is the only thing that Rust calls unsafe, because two of one name would clash.

#![allow(unsafe_code, reason = "exported names; there is no unsafe block")]

use crate::Session;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// What lies on the border, and what is behind it.
struct Border {
    session: Session,
    question: Vec<u8>,
    file: Vec<u8>,
    answer: String,
}

static BORDER: LazyLock<Mutex<Border>> = LazyLock::new(|| {
    Mutex::new(Border { session: Session::new(), question: vec![], file: vec![], answer: String::new() })
});

fn border() -> MutexGuard<'static, Border> {
    BORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for a question of so many bytes of UTF-8 and returns where.
#[unsafe(no_mangle)]
pub extern "C" fn question(length: usize) -> usize {
    room(&mut border().question, length)
}

/// Makes room for a file of so many bytes, which the next question may open, and returns where.
#[unsafe(no_mangle)]
pub extern "C" fn file(length: usize) -> usize {
    room(&mut border().file, length)
}

/// Answers the question.
#[unsafe(no_mangle)]
pub extern "C" fn ask() {
    let Border { session, question, file, answer } = &mut *border();
    *answer = session.answer(&String::from_utf8_lossy(question), &std::mem::take(file));
}

/// Where the answer is.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    border().answer.as_ptr().addr()
}

/// Bytes of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn answer_length() -> usize {
    border().answer.len()
}

fn room(buffer: &mut Vec<u8>, length: usize) -> usize {
    buffer.clear();
    buffer.resize(length, 0);
    buffer.as_ptr().addr()
}
