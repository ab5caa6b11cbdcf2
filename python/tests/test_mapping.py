"""Counts against documented and published figures; settings, tables, frames and errors."""

import csv
import re
from pathlib import Path

import command
import pytest

import tilewright

ROOT = Path(__file__).parents[2]


def published_layers(network):
    with (ROOT / "validation/rhe_date_2022/cycles_512x512.csv").open() as lines:
        return [row for row in csv.DictReader(lines) if row["network"] == network]


@pytest.mark.parametrize(("channels", "image", "activations"), [((6, 16), 14, 4), ((16, 32), 28, 72)])
def test_vw_sdk_finds_what_its_script_misses(channels, image, activations):
    layer = tilewright.Network.from_layer(*channels, input=image, kernel=5)
    mapping = tilewright.map(layer, crossbar=512, scheme="vw-sdk", encoding="single")
    assert mapping.total.array_activations == activations


@pytest.mark.parametrize(
    ("network", "totals"), [("VGG-13", (243_736, 114_697, 77_102)), ("ResNet-18", (20_041, 7_240, 4_294))]
)
def test_published_cycles_of_vw_sdk(network, totals):
    sums = dict.fromkeys(("im2col", "sdk", "vw-sdk"), 0)
    for row in published_layers(network):
        sizes = (int(row[key]) for key in ("in_channels", "out_channels", "image", "kernel"))
        layer = tilewright.Network.from_layer(*sizes)
        for scheme in sums:
            mapping = tilewright.map(layer, crossbar=512, scheme=scheme, encoding="single")
            assert mapping[0].array_activations == int(row[scheme.replace("-", "_")]), (row, scheme)
            sums[scheme] += mapping[0].array_activations
    assert tuple(sums.values()) == totals


@pytest.mark.parametrize(
    ("settings", "crossbars"),
    [
        ({"model": "resnet20", "scheme": "sub-image"}, 70_401),
        ({"model": "resnet20", "scheme": "sub-image", "kernels": "2d1d"}, 5_585),
        ({"model": "alexnet", "scheme": "im2col", "encoding": "single", "grouped": "dense"}, 3_814),
        ({"model": "mobilenetv2", "scheme": "im2col", "encoding": "single", "grouped": "packed"}, 816),
        ({"model": "mobilenetv2", "scheme": "im2col", "encoding": "single", "grouped": "separate"}, 7_433),
        ({"model": "mobilenetv2", "scheme": "im2col", "encoding": "single", "grouped": "turns"}, 314),
    ],
)
def test_documented_crossbars(settings, crossbars):
    assert tilewright.map(**settings).total.crossbars == crossbars


def test_the_dict_has_the_documented_keys():
    summary = tilewright.map("resnet20", scheme="sub-image").to_dict()
    of_map, _, _ = (ROOT / "docs/json.md").read_text(encoding="utf-8").partition("## `tilewright verify`")
    rows = re.findall(r"^\| (`.+?`) \|", of_map, re.MULTILINE)
    documented = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    found = set(summary) | set(summary["layers"][1])
    assert found - set(documented) == set()
    assert set(documented) - found == {
        "search",
        "sharing",
        "layer_settings",
        "weight_bits_of_layers",
        "held_by",
    }
    assert summary["layers"][1]["overlap_overhead"] == 0.5625


def test_every_setting_reaches_the_core():
    wide = tilewright.map("resnet20", crossbar=(512, 256), encoding="offset", weight_bits=6, cell_bits=2).to_dict()
    assert wide["crossbar"] == {"rows": 512, "columns": 256}
    assert (wide["encoding"], wide["weight_bits"], wide["cell_bits"], wide["columns_per_weight"]) == ("offset", 6, 2, 3)
    assert tilewright.map("resnet20", crossbar="512x256").crossbar == (512, 256)
    assert tilewright.map("lenet5", scheme="sub-image", window=4)["conv1"].output_window == (4, 4)
    deep = tilewright.Network.from_layer(512, 64, input=7, kernel=3)
    splits = [tilewright.map(deep, crossbar=512, scheme="im2col", row_split=s)[0] for s in ("element", "channel")]
    assert [layer.row_blocks for layer in splits] == [9, 10]
    shared = tilewright.map("mobilenetv2", scheme="im2col", share_layers=True)
    assert shared.shared_crossbars < shared.total.crossbars
    assert "when layers share them" in str(shared)


def test_weights_that_several_layers_have_are_held_once():
    recurrent = ROOT / "crates/tilewright-onnx/tests/fixtures/recurrent/model.onnx"
    apart, once = (tilewright.map(recurrent, scheme="im2col", shared_weights=rule) for rule in ("apart", "once"))
    of_command = command.json_of("map", recurrent, scheme="im2col", shared_weights="once")
    assert once.to_dict()["layers"] == of_command["layers"]
    held = [layer for layer in once if layer.held_by]
    assert all(once[layer.held_by].crossbars == 1 and layer.crossbars == 0 for layer in held)
    assert apart.total.crossbars - once.total.crossbars == len(held)
    assert "Held once: " in str(once)
    costs = [tilewright.cost(recurrent, shared_weights=rule).area_mm2 for rule in ("apart", "once")]
    assert costs[1] < costs[0]
    with pytest.raises(tilewright.TilewrightError, match="held once"):
        tilewright.map(recurrent, objective="latency", shared_weights="once")
    with pytest.raises(tilewright.TilewrightError, match='shared_weights is "twice"; give apart, once'):
        tilewright.map(recurrent, shared_weights="twice")


def test_layers_have_settings_of_their_own(tmp_path):
    file = tmp_path / "layers.toml"
    file.write_text('[layer."conv1"]\ncrossbar = "64"\nscheme = "im2col"\n', encoding="utf-8")
    mapping = tilewright.map("lenet5", scheme="sub-image", layer_settings=file)
    of_command = command.json_of("map", "lenet5", scheme="sub-image", layer_settings=file)
    alone = tilewright.map("lenet5", scheme="im2col", crossbar=64)
    assert mapping["conv1"].crossbars == alone["conv1"].crossbars
    assert mapping["conv2"] == tilewright.map("lenet5", scheme="sub-image")["conv2"]
    assert mapping.to_dict()["layers"] == of_command["layers"]
    assert tilewright.compare("lenet5", schemes="sub-image", layer_settings=file)["sub-image"].total == mapping.total
    verified = tilewright.verify("lenet5", schemes="sub-image", layer_settings=file)
    assert verified.equal
    assert verified.schemes[0].crossbars == mapping.total.crossbars
    file.write_text('[layer."conv1"]\nadc-bits = 4\n', encoding="utf-8")
    for function in (tilewright.map, tilewright.compare, tilewright.verify):
        with pytest.raises(tilewright.TilewrightError, match=r"layer_settings .* changes nothing here: it sets"):
            function("lenet5", layer_settings=file)
    file.write_text('[layer."conv9"]\ncrossbar = "64"\n', encoding="utf-8")
    with pytest.raises(tilewright.TilewrightError, match='layer "conv9"'):
        tilewright.map("lenet5", layer_settings=file)


def test_objectives_and_limits():
    budget = tilewright.map("resnet20", budget=200)
    assert budget.to_dict()["search"]["objective"] == {"cycles": {"budget": 200}}
    assert budget.total.crossbars <= 200
    limited = tilewright.map("resnet20", max_cycles=16)
    assert limited.total.bottleneck_cycles <= 16
    assert "Search: optimal: every candidate compared" in str(limited)
    most_saved = tilewright.map("resnet20", scheme="sub-image", kernels="ratio=0.5:most-saved")
    assert len(most_saved.layers) == 30
    named = tilewright.map("resnet20", kernels=["conv1", "stage1.block1.conv1"])
    assert [layer.name for layer in named.layers[:3]] == ["conv1.2d", "conv1.1d", "stage1.block1.conv1.2d"]


def test_the_numbers_are_those_of_the_layers():
    mapping = tilewright.map("vgg8", scheme="vw-sdk")
    assert mapping.total.crossbars == sum(layer.crossbars for layer in mapping)
    assert mapping.total.bottleneck_cycles == max(layer.cycles for layer in mapping)
    assert [layer.shape for layer in mapping] == list(mapping.network.layers)
    assert mapping[mapping[0].name] == mapping[0]
    with pytest.raises(KeyError):
        mapping["conv99"]


def test_tables_have_a_line_a_layer():
    lines = str(tilewright.map("resnet20", scheme="sub-image")).splitlines()
    assert lines[0] == "resnet20, scheme sub-image"
    assert lines[3].split()[:4] == ["layer", "kind", "shape", "window"]
    assert lines[27].split()[:2] == ["total", "70,401"]
    assert "Reading: sub-image scheme, largest-window reading." in lines
    assert str(tilewright.Network.zoo("lenet5")).count("\n") == 11


def test_a_comparison_hides_no_failure():
    comparison = tilewright.compare("resnet20", crossbar=8, schemes=["im2col", "sub-image", "im2col"])
    assert list(comparison) == ["im2col", "sub-image"]
    assert list(comparison.mappings) == ["im2col"]
    assert "takes 9 rows" in comparison.does_not_fit["sub-image"]
    assert "does not fit" in str(comparison)
    assert [summary["scheme"] for summary in comparison.to_dict()] == ["im2col", "sub-image"]
    with pytest.raises(tilewright.DoesNotFitError, match="takes 9 rows"):
        comparison["sub-image"]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"model": "resnet21"}, 'no network "resnet21" in the zoo; did you mean "resnet20"? (nor is there a file'),
        ({"model": "missing.onnx"}, "missing.onnx: cannot be read"),
        ({"crossbar": 0}, 'crossbar is "0"; give 1 to 65536 rows and columns'),
        ({"crossbar": "12y"}, 'crossbar is "12y"; give 1 to 65536 rows and columns'),
        ({"scheme": "im2cool"}, 'no scheme "im2cool"; there are im2col, .*; did you mean "im2col"?'),
        ({"encoding": "binary"}, 'encoding is "binary"; give differential, offset, single'),
        ({"weight_bits": 1}, 'weight_bits is "1"; give a whole number of 2 to 16'),
        ({"weight_bits": -1}, 'weight_bits is "-1"; give a whole number'),
        ({"window": 0}, 'window is "0"; give largest, best'),
        ({"objective": "area"}, 'no objective "area"; there are activations'),
        ({"objective": "activations", "budget": 5}, "objective activations takes no limit"),
        ({"budget": -3}, "budget is -3; give a whole number"),
        (
            {"kernels": "ratio=2"},
            "kernel plan has the ratio 2; give 0 to 1, a share of the layers; did you mean 0.02 for 2 %?",
        ),
        ({"kernels": ["conv99"]}, 'kernel plan names "conv99"'),
        ({"crossbar": 1}, 'layer "conv1" does not fit'),
        ({"budget": 1}, "crossbars"),
    ],
)
def test_errors_say_what_was_found_and_what_is_allowed(settings, text):
    with pytest.raises(tilewright.TilewrightError, match=re.escape(text).replace(r"\.\*", ".*")):
        tilewright.map(**{"model": "resnet20", **settings})


def test_no_model_is_a_type_error():
    with pytest.raises(TypeError, match="give a name from the zoo"):
        tilewright.map(42)


def test_errors_are_value_errors():
    assert issubclass(tilewright.TilewrightError, ValueError)
    assert issubclass(tilewright.DoesNotFitError, tilewright.TilewrightError)
    assert tilewright.TilewrightError.__module__ == "tilewright"


def test_the_numbers_and_errors_are_the_commands(tmp_path):
    assert command.json_of("map", "lenet5") == tilewright.map("lenet5").to_dict()
    for model, scheme, crossbar in (
        ("resnet21", "im2col", "128"),
        ("lenet5", "sub-image", "8"),
        ("x.onnx", "sdk", "64"),
    ):
        settings = ["--scheme", scheme, "--crossbar", crossbar]
        run = command.run("map", model, *settings, cwd=tmp_path)
        with pytest.raises(tilewright.TilewrightError) as caught:
            tilewright.map(model, scheme=scheme, crossbar=crossbar)
        assert run.stderr == f"error: {caught.value}\n"


def test_data_frames():
    pytest.importorskip("pandas")
    mapping = tilewright.map("resnet20", scheme="sub-image")
    frame = mapping.to_pandas()
    assert frame["crossbars"].sum() == 70_401
    assert list(frame.index) == [layer.name for layer in mapping]
    assert mapping.network.to_pandas()["macs"].sum() == sum(layer.macs for layer in mapping.network.layers)
    totals = tilewright.compare("lenet5").to_pandas()
    assert totals.loc["im2col", "crossbars"] == tilewright.map("lenet5", scheme="im2col").total.crossbars
