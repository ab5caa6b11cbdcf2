"""Area, energy and time of mapped networks: those of the command, in trees that sum."""

import math

import numpy as np
import pytest
from command import ROOT, json_of

import tilewright

KINDS = "crossbar=64 active_rows=9; crossbar=256"
CHIPS = ROOT / "crates/tilewright/data/hardware/designs"


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("lenet5", {}),
        ("resnet8", {"design": "isaac", "kernels": "2d1d", "scheme": "sub-image"}),
        ("resnet8", {"design": "seed", "crossbar": "64x128", "schedule": "layer-by-layer"}),
        ("lenet5", {"adc_columns": 32, "adc_rate": 0.25, "clock": 0.5, "macros_per_tile": 3}),
        ("lenet5", {"adc": "isaac", "adc_bits": 8, "cell_bits": 2, "input_bits": 4, "encoding": "offset"}),
        ("resnet8", {"objective": "latency", "budget": 900}),
        ("resnet8", {"objective": "area", "max_latency": 0.02}),
        ("resnet8", {"objective": "area-delay", "kernels": "2d1d", "macro_kinds": KINDS}),
        ("resnet8", {"compare": "neurosim-v1.4,mnsim-2.0"}),
    ],
)
def test_costs_are_the_commands(model, options):
    assert tilewright.cost(model, **options).to_dict() == json_of("cost", model, **options)


def test_chosen_kinds_of_macros_are_settings_of_layers(tmp_path):
    file = tmp_path / "layers.toml"
    search = {"kernels": "2d1d", "objective": "area-delay"}
    chosen = tilewright.cost("resnet8", **search, macro_kinds=KINDS, kinds_to=file)
    again = tilewright.cost("resnet8", **search, layer_settings=file)
    assert chosen.to_dict()["layer_settings"] != {}
    for key in ("layer_settings", "layers", "area_mm2", "energy_uj", "latency_ms"):
        assert chosen.to_dict()[key] == again.to_dict()[key], key


def test_chips_are_the_commands():
    listed = json_of("design")
    chips = tilewright.designs()
    assert [(chip.name, chip.about) for chip in chips] == [(chip["name"], chip["about"]) for chip in listed]
    sheets = [chip["datasheet"] for chip in listed]
    assert [chip.peak_tops for chip in chips] == [sheet and sheet["peak_tops"] for sheet in sheets]
    assert [unit.level for unit in chips[0].units] == ["crossbar", "macro", "tile", "chip"]
    # Shafiee et al. (2016), table I: the chip's power in watt.
    assert chips[2].units[-1].power_mw * 1e-3 == pytest.approx(65.8, abs=0.05)


def assert_parts_sum(tree):
    if tree.parts:
        for quantity in ("area_um2", "energy_pj", "leakage_pj"):
            assert math.fsum(getattr(part, quantity) for part in tree.parts) == pytest.approx(getattr(tree, quantity))
        for part in tree.parts:
            assert_parts_sum(part)


def test_trees_layers_and_totals_agree():
    cost = tilewright.cost("resnet8")
    for tree in (cost.by_component, cost.by_layer):
        assert_parts_sum(tree)
        assert tree.area_um2 * 1e-6 == pytest.approx(cost.area_mm2)
        assert tree.total_energy_pj * 1e-6 == pytest.approx(cost.energy_uj)
    assert [layer.name for layer in cost.layers] == [layer.name for layer in tilewright.Network.zoo("resnet8").layers]
    assert sum(layer.operations for layer in cost.layers) == cost.operations
    assert sum(layer.crossbars for layer in cost.layers) == cost.crossbars
    assert all(layer.name == layer.parts.name for layer in cost.layers)
    assert cost.tops_per_w == pytest.approx(cost.operations / (cost.energy_uj * 1e6))
    assert cost.tops_per_mm2 == pytest.approx(cost.tops / cost.area_mm2)
    assert cost.by_component["adc"].area_um2 == sum(
        leaf.area_um2 for leaf in cost.by_component.leaves if leaf.name == "adc"
    )
    with pytest.raises(KeyError, match="pump"):
        cost.by_component["pump"]


def test_it_prints_what_the_command_prints():
    cost = tilewright.cost("lenet5", objective="area", compare="mnsim-2.0")
    text = str(cost)
    assert text.startswith("lenet5, scheme optimal, chip generic-22nm at 22 nm\n128×128 crossbars, offset columns, ")
    for part in [
        "crossbar-array",
        "total",
        "waits for",
        " TOPS/W, ",
        "converters by",
        "typical, used",
        "mnsim-2.0",
        "Search: ",
    ]:
        assert part in text
    assert "These figures are of vgg8; ours are of lenet5." in text
    assert repr(cost).startswith("<Cost of 'lenet5' by optimal on generic-22nm: ")
    assert cost._repr_html_().count("<table>") == 4


def test_layers_make_a_data_frame():
    pytest.importorskip("pandas")
    cost = tilewright.cost("lenet5")
    frame = cost.to_pandas()
    assert list(frame.index) == [layer.name for layer in cost.layers]
    assert frame["energy_uj"].sum() <= cost.energy_uj
    assert "parts" not in frame.columns


def test_chips_and_constants_of_ones_own(tmp_path):
    text = (CHIPS / "isaac.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    own = tilewright.cost("lenet5", design=tmp_path / "mine.toml")
    assert own.to_dict() == tilewright.cost("lenet5", design="isaac").to_dict()
    plain = tilewright.cost("lenet5")
    (tmp_path / "constants.toml").write_text(
        '["driver.wl.area"]\nvalue = 400.0\nunit = "um^2"\nsource = "me"\nstatus = "assumed"\n', encoding="utf-8"
    )
    dearer = tilewright.cost("lenet5", constants=[tmp_path / "constants.toml"])
    assert dearer.by_component["driver"].area_um2 > plain.by_component["driver"].area_um2


def test_constants_that_nothing_reads_are_refused(tmp_path):
    (tmp_path / "constants.toml").write_text(
        '["drivr.wl.area"]\nvalue = 400.0\nunit = "um^2"\nsource = "me"\nstatus = "assumed"\n', encoding="utf-8"
    )
    with pytest.raises(tilewright.TilewrightError, match=r'drivr\.wl\.area: .*did you mean "driver.wl.area"'):
        tilewright.cost("lenet5", constants=[tmp_path / "constants.toml"])


def test_a_search_says_how_far_it_can_be_off():
    assert "optimal: " in tilewright.cost("lenet5", objective="latency").search
    assert "no combination takes less by more than" in tilewright.cost("resnet8", objective="energy").search


def test_weak_inputs_take_less_energy():
    histogram = [1.0, *[0.0] * 254, 1.0]
    strong = tilewright.cost("lenet5", inputs={"*": histogram})
    weak = tilewright.cost("lenet5", inputs={"*": [9 * histogram[0], *histogram[1:]]})
    written = {"schema": 1, "network": "lenet5", "histograms": {"*": np.array(histogram)}}
    assert tilewright.cost("lenet5", inputs=written).by_layer == strong.by_layer
    assert weak.energy_uj < strong.energy_uj
    # Half of the bits are set, as where nothing is known.
    assert strong.energy_uj == pytest.approx(tilewright.cost("lenet5").energy_uj)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"design": "isac"}, 'no chip "isac"; there are generic-22nm, .*did you mean "isaac"'),
        ({"design": "missing.toml"}, "cannot read missing.toml"),
        ({"design": "seed", "adc": "andrulis"}, "chip seed has no converters"),
        ({"adc": "isaac", "adc_bits": 12}, "4 to 10 bits"),
        ({"adc_columns": 129}, "adc.columns: 129; give 1 to 128, the columns of the crossbar"),
        ({"adc": "flash"}, 'no .*"flash"'),
        ({"adc_bits": 0}, 'adc_bits is "0"; give 1 to 16'),
        ({"adc_bits": -1}, 'adc_bits is "-1"; give 1 to 16'),
        ({"input_bits": 17}, 'input_bits is "17"; give a whole number of 1 to 16'),
        ({"crossbar": 0}, "give 1 to"),
        ({"schedule": "random"}, 'schedule is "random"; give layer-by-layer, pipelined'),
        ({"objective": "beauty"}, 'objective is "beauty"; give area, energy, latency, energy-delay, area-delay'),
        ({"objective": "area", "budget": 9}, "products take none"),
        ({"budget": 9}, "a crossbar budget goes with the objective latency"),
        ({"objective": "latency", "budget": 1}, "raise the budget"),
        ({"objective": "area", "budget": 9, "max_latency": 1}, "budget and max_latency are both given"),
        ({"objective": "area", "max_latency": 0}, "max_latency: .*1e-9"),
        ({"max_latency": 1}, "max_latency|objective"),
        ({"macro_kinds": "crossbar=64"}, "macro_kinds are chosen by a search for a price; give an objective"),
        ({"objective": "area", "macro_kinds": "crossbarr=64"}, 'macro_kinds: .*did you mean "crossbar"'),
        ({"objective": "area", "kinds_to": "kinds.toml"}, "kinds_to changes nothing without macro_kinds"),
        ({"copies": "alike"}, "cost does not heed copies; it heeds crossbar"),
        ({"g_unformed": 1e-6}, "g_unformed changes nothing here: all cells are formed; give unused_cells"),
        ({"design": "analog-22nm"}, "currents are read exactly.*give adc_bits"),
        ({"compare": "neurosim"}, 'no peer "neurosim"'),
        ({"inputs": {"conv1": [1, 2, 3]}}, "inputs: conv1: 3 counts"),
        ({"inputs": {"cnv1": [1] * 256}}, 'inputs: cnv1: lenet5 has no such layer; did you mean "conv1"'),
        ({"constants": ["missing.toml"]}, "cannot read missing.toml"),
        ({"scheme": "best"}, "best"),
    ],
)
def test_what_cannot_be_priced_is_refused(options, text):
    with pytest.raises(tilewright.TilewrightError, match=text):
        tilewright.cost("lenet5", **options)


def test_kept_digital_kinds_are_priced_in_units():
    network = tilewright.Network.zoo("resnet20").with_kernels("2d1d").keep_digital("2d")
    with pytest.warns(UserWarning, match="on crossbars"):
        priced = tilewright.cost(network, mac_units=256)
    assert next(product.name for product in priced.products) == "conv1.2d"
    assert len(priced.products) == 19
    assert sum(product.macs for product in priced.products) + priced.coverage.macs_on_crossbars == priced.coverage.macs
    assert priced.to_dict()["products"][0]["bound"] == "multiply"
    with pytest.raises(tilewright.TilewrightError, match="2d kept digital: resnet20 has no layer of this kind"):
        tilewright.map(tilewright.Network.zoo("resnet20").keep_digital("2d"))
