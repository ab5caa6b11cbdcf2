//! Published results, asserted. One folder a publication: its figures as data, its citation, and the test.

mod rhe_date_2022;
