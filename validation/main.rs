//! Published results, asserted. One folder a publication: its figures as data, its citation, and the test.

mod oh_micromachines_2023;
mod pimcomp_one_copy;
mod rhe_date_2022;
