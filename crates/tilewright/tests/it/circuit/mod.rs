//! Circuits against other tools' answers, dense nodal analysis and closed forms; devices against their papers.

mod device;
mod reference;
