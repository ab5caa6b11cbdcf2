//! Cells whose current bends with the voltage, in a network.
//!
//! The current of a cell is G s(V), with one shape s for all cells. The greatest input x̂ of a pulse is the read voltage V̂, any other one the
//! voltage V̂ x / x̂. With ideal wires that is what a cell sees, so that its current is that of a linear cell under the input x̂ s(V) / s(V̂): the
//! exact sum, and with one bit an input nothing but the sum of linear cells.
//!
//! Between wires a cell sees less than its input. The linearisation: a cell is the conductance that it is at the read voltage, G s(V̂) / V̂,
//! between linear wires, and rows are driven with the bent inputs. It is exact where cells are linear or wires ideal.

use super::SimulateError;
use super::hardware::Hardware;
use crate::circuit::CellCurve;

/// The curve of the cells, and the voltage that they are read at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ReadCurve {
    /// The curve.
    pub(super) curve: CellCurve,
    /// Voltage of the greatest input.
    pub(super) volts: f64,
}

/// Greatest conductance at the read voltage by that at small ones: far above that of any cell that is read.
const MOST_GAIN: f64 = 1e6;

impl ReadCurve {
    /// # Errors
    /// [`SimulateError::Setting`] for a curve that is not in proportion to the conductance, or a read voltage, above 0, that the curve does not reach.
    pub(super) fn verify(&self, device: &str) -> Result<(), SimulateError> {
        let volts = self.volts;
        let proportional = self.curve.shape(volts).is_some();
        let allowed =
            "one in proportion to the conductance: linear, sinh or measured; single crossbars of others can be solved";
        SimulateError::check("curve of the cells", &self.curve, proportional, allowed)?;
        if let CellCurve::Measured { points } = &self.curve {
            let most = points.last().map_or(0.0, |point| point[0]);
            SimulateError::check(
                "read voltage",
                &volts,
                volts <= most,
                &format!("at most {most} V, where the measured curve ends"),
            )?;
        }
        let gain = self.gain();
        let allowed = format!(
            "less: at it a cell of device {device} conducts more than a million times what it does at small voltages"
        );
        SimulateError::check("read voltage", &volts, gain <= MOST_GAIN, &allowed)
    }

    /// Whether inputs need no bending: the current is linear in the voltage.
    pub(super) fn is_linear(&self) -> bool {
        self.curve == CellCurve::Linear
    }

    /// Conductance at the read voltage by that at small voltages.
    pub(super) fn gain(&self) -> f64 {
        if self.is_linear() { 1.0 } else { self.shape(self.volts) / self.volts }
    }

    /// What a linear cell would be driven with by each integer of 0 to `most`, for the same current; none if by the integer itself.
    pub(super) fn bent(&self, most: u32) -> Option<Vec<f32>> {
        let of = |integer: u32| match integer {
            0 => 0.0,
            _ if integer == most => most as f32,
            _ => (f64::from(most) * self.shape_by_greatest(f64::from(integer) / f64::from(most))) as f32,
        };
        (!self.is_linear() && most > 1).then(|| (0..=most).map(of).collect())
    }

    /// The current under a part of the read voltage, -1 to 1, by that at the read voltage.
    pub(super) fn shape_by_greatest(&self, part: f64) -> f64 {
        self.shape(part * self.volts) / self.shape(self.volts)
    }

    fn shape(&self, volt: f64) -> f64 {
        self.curve.shape(volt).expect("a curve in proportion to the conductance, as was checked")
    }
}

impl Hardware {
    /// The curve of the cells at the voltage that they are read at.
    pub(super) fn read_curve(&self) -> ReadCurve {
        ReadCurve { curve: self.device.curve(), volts: self.cells.read_voltage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_refused() {
        let curve = CellCurve::Selector { current: 1e-6, voltage: 0.1 };
        let message = ReadCurve { curve, volts: 0.2 }.verify("any").expect_err("refused").to_string();
        assert!(
            message.starts_with(
                "curve of the cells: found G behind a selector of 0.000001 A sinh(U / 0.1 V); give one in"
            ),
            "{message}"
        );
    }

    #[test]
    fn bent_inputs_by_hand() {
        let of = |curve: CellCurve| ReadCurve { curve, volts: 0.5 };
        assert_eq!(of(CellCurve::Linear).bent(3), None);
        assert_eq!(of(CellCurve::Sinh { k: 4.0 }).bent(1), None);
        // Two thirds of 0.5 V under sinh(4 V).
        let bent = of(CellCurve::Sinh { k: 4.0 }).bent(3).expect("bent");
        let wanted = 3.0 * (4.0f64 / 3.0).sinh() / 2f64.sinh();
        assert!((f64::from(bent[2]) - wanted).abs() < 1e-6 && bent[0] == 0.0 && bent[3] == 3.0, "{bent:?}");
        // 1 µA at 0.25 V and 4 µA at 0.5 V: twice the conductance at 0.5 V, and a quarter of the current at half the voltage.
        let measured = of(CellCurve::Measured { points: vec![[0.25, 1e-6], [0.5, 4e-6]] });
        assert_eq!(
            (measured.gain(), measured.shape_by_greatest(0.5), measured.shape_by_greatest(-0.75)),
            (2.0, 0.25, -0.625)
        );
    }
}
