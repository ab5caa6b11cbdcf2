//! Published results, asserted. One folder a publication: its figures as data, its citation, and the test.

mod ankit_asplos_2019;
mod crosssim_isca_2024;
mod figures;
mod nvm_macros;
mod oh_micromachines_2023;
mod peng_iedm_2019;
mod pimcomp_one_copy;
mod rhe_date_2022;
mod shafiee_isca_2016;
mod wan_nature_2022;
