"""One design behind every number, printed, kept and taken by all functions."""

import math
import pickle

import numpy as np
import pytest

import tilewright


def test_a_design_is_taken_by_all():
    design = tilewright.Design("isaac", crossbar=64)
    mapping = tilewright.map("lenet5", design=design)
    cost = tilewright.cost("lenet5", design=design)
    assert mapping.total.crossbars == cost.crossbars
    assert tilewright.map("lenet5", design="isaac", crossbar=64).total == mapping.total
    assert tilewright.verify("lenet5", design=design, schemes="im2col").equal
    noise = np.random.default_rng(0).integers(0, 256, (16, 1, 28, 28), np.uint8)
    run = tilewright.simulate("lenet5-fashion-int8", noise, np.arange(16) % 10, training=noise, design=design)
    assert run.crossbars == tilewright.map("lenet5-fashion-int8", design=design).total.crossbars
    assert run.to_dict()["runs"][0]["hardware"]["adc"]["bits"] == cost.adc.bits == 8
    assert run.to_dict()["runs"][0]["design"] == "isaac"


def test_what_is_saved_is_loaded(tmp_path):
    design = tilewright.Design("generic-22nm", wire=2.5, adc_bits=6, on_off=math.inf, crossbar=(64, 32), refresh=True)
    design.save(tmp_path / "mine.toml")
    again = tilewright.Design(tmp_path / "mine.toml")
    assert again.to_toml() == design.to_toml()
    assert [again[name] for name in ("wire", "adc_bits", "on_off", "crossbar", "refresh")] == [
        "2.5",
        "6",
        "inf",
        "64x32",
        "true",
    ]


def test_a_measured_device_is_fitted_and_taken(tmp_path):
    noise = np.random.default_rng(1).normal(size=(2, 3, 500))
    rows = ["target,measured,time"]
    for level, target in enumerate((10.0, 50.0)):
        for moment, seconds in enumerate((1, 100, 10_000)):
            cells = target * (1 + 0.05 * noise[level, moment]) * seconds**-0.05
            rows += [f"{target},{cell},{seconds}" for cell in cells]
    table = tmp_path / "measured.csv"
    table.write_text("\n".join(rows))
    fit = tilewright.fit_device(table, name="mine", unit="uS")
    assert fit.holds
    assert [level.mean for level in fit.levels] == pytest.approx([10e-6, 50e-6], rel=0.01)
    assert [level.drift.mean for level in fit.levels] == pytest.approx([0.05, 0.05], abs=0.002)
    assert fit.levels[0].goodness[1].seconds == 100
    assert "3000 measurements" in str(fit)
    assert fit._repr_html_().count("<tr>") == 7
    fit.save(tmp_path / "mine.toml")
    images = np.random.default_rng(0).integers(0, 256, (16, 1, 28, 28), np.uint8)
    of = {"training": images, "device": tmp_path / "mine.toml", "age": 100}
    run = tilewright.simulate("lenet5-fashion-int8", images, np.arange(16) % 10, **of)
    assert run.to_dict()["runs"][0]["hardware"]["device"] == "mine"
    with pytest.raises(tilewright.TilewrightError, match="mine: 100000 s after programming; allowed is 0 to 10000 s"):
        tilewright.simulate("lenet5-fashion-int8", images, np.arange(16) % 10, **(of | {"age": 100_000}))
    with pytest.raises(tilewright.TilewrightError, match="line 2, column target"):
        tilewright.fit_device(table)
    with pytest.raises(tilewright.TilewrightError, match="allowed are S, mS, uS, nS"):
        tilewright.fit_device(table, unit="kS")


def test_a_fault_map_says_which_cells_are_stuck(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (64, 1, 28, 28), np.uint8)

    def rate(**settings):
        run = tilewright.simulate("lenet5-fashion-int8", images, np.arange(64) % 10, training=images, **settings)
        return run.to_dict()["runs"][0]

    rows, columns = np.divmod(np.arange(25 * 12), 12)
    cells = {"crossbar": np.zeros_like(rows), "row": rows, "column": columns, "state": np.ones_like(rows)}
    np.savez_compressed(tmp_path / "faults.npz", **cells)
    table = ["crossbar,row,column,state", *(f"0,{row},{column},on" for row, column in zip(rows, columns, strict=True))]
    (tmp_path / "faults.csv").write_text("\n".join(table))
    archive, text = (rate(fault_map=tmp_path / f"faults.{end}") for end in ("npz", "csv"))
    assert archive["layers"] == text["layers"] != rate()["layers"]
    assert archive["hardware"]["faults"] == text["hardware"]["faults"]
    assert archive["hardware"]["faults"]["cells"] == 300
    with pytest.raises(tilewright.TilewrightError, match="stuck changes nothing here: fault_map says"):
        rate(fault_map=tmp_path / "faults.csv", stuck=0.1)
    with pytest.raises(tilewright.TilewrightError, match="row 24, column 0: outside of the chip"):
        rate(fault_map=tmp_path / "faults.csv", crossbar=24)


def test_converters_have_errors_of_their_own():
    images = np.random.default_rng(0).integers(0, 256, (16, 1, 28, 28), np.uint8)

    def run(seeds=1, **settings):
        found = tilewright.simulate(
            "lenet5-fashion-int8", images, np.arange(16) % 10, training=images, adc_bits=6, seeds=seeds, **settings
        )
        return found.to_dict()["runs"][0]

    exact = run()
    assert "errors" not in exact["hardware"]["adc"]
    assert run(adc_offset=0, adc_gain=0)["layers"] == exact["layers"]
    mismatched = run(seeds=2, adc_offset=2, adc_noise=0.5, adc_mismatch=0.1, adc_steps="ramp")
    expected = {"offset": 2.0, "gain": 0.0, "noise": 0.5, "mismatch": 0.1, "steps": "ramp", "columns": 8}
    assert mismatched["hardware"]["adc"]["errors"] == expected
    assert mismatched["layers"] != exact["layers"]
    with pytest.raises(tilewright.TilewrightError, match="adc_steps changes nothing here: all steps are even"):
        run(adc_steps="ramp")


def test_designs_compare_print_and_pickle():
    design = tilewright.Design("isaac", adc_bits=np.int64(7))
    assert design == tilewright.Design("isaac", adc_bits=7) != tilewright.Design("isaac")
    assert pickle.loads(pickle.dumps(design)) == design
    assert repr(design) == "<Design isaac, adc_bits=7>"
    assert "adc_bits" in str(design)
    assert design._repr_html_().count("<table>") == 1
    assert tilewright.Design(design, adc_bits=None) == tilewright.Design("isaac", adc_bits="none")
    with pytest.raises(KeyError):
        design["colour"]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"adc_bit": 7}, 'no setting "adc_bit".*did you mean "adc_bits"'),
        ({"adc_bits": 99}, 'adc_bits is "99"; give 1 to 16, lossless, or none'),
        ({"adc_bits": [7, 8]}, "adc_bits is .7, 8.; give a number, a word"),
        ({"cell_bits": 2.5}, 'cell_bits is "2.5"; give a whole number'),
        ({"device": "nowhere.toml"}, "cannot read the device file nowhere.toml"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, text):
    with pytest.raises(tilewright.TilewrightError, match=text):
        tilewright.Design("isaac", **settings)
