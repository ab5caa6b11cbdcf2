//! Constants that were given and that nothing reads.

use super::{CostError, CostModel, Library};
use crate::network::nearest;

impl Library {
    /// Checks that every constant given has a built-in one of its name or is read by the chip.
    ///
    /// # Errors
    /// [`CostError::Value`] with file, constant and the nearest name.
    pub fn verify_read(&self, model: &CostModel) -> Result<(), CostError> {
        for id in self.given.iter().filter(|(_, known)| !**known).map(|(id, _)| id) {
            if model.reads(id) {
                continue;
            }
            let known = self.entries.keys().filter(|known| *known != id).map(String::as_str);
            let hint = nearest(id, known).map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            let problem = format!("no such constant, and chip {} reads none of this name{hint}", model.chip().name);
            return Err(CostError::value(&self.entries[id].file, id, problem));
        }
        Ok(())
    }
}
