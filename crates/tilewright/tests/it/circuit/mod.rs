//! Circuits against other tools' answers, dense nodal analysis and closed forms.

mod reference;
