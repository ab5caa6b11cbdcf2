//! The command, run as a user runs it.

/// What is refused: exit code, message, and that nothing is written.
mod bad_input;
/// Running the command and looking at what it did.
mod command;
/// The exported placement, recomputed from its arrays alone.
mod export;
/// Counts known from elsewhere, and the forms they come in.
mod map;
/// Completions, man pages, the zoo, reports and reproductions.
mod others;
/// Whole networks run in integers.
mod verify;
