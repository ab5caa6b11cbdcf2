"""Recognition rates on analog hardware: those of the command, and of the integer network where nothing is wrong."""

import itertools
import math
import struct

import numpy as np
import pytest
from command import json_of

import tilewright

MODEL = "lenet5-fashion-int8"
#: Blocks of four by four pixels, so that images are told apart.
NOISE = np.random.default_rng(0).integers(0, 256, (48, 1, 7, 7), np.uint8).repeat(4, axis=2).repeat(4, axis=3)
LABELS = np.arange(48) % 10
FEW = {"scheme": "im2col", "calibration": 8, "layer_images": 4, "threads": 1}


def simulated(model=MODEL, **options):
    return tilewright.simulate(model, NOISE, LABELS, training=NOISE, **{**FEW, **options})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Fashion-MNIST's files with noise in front, black images behind it."""
    folder = tmp_path_factory.mktemp("images")
    for name, count in (("t10k", 10_000), ("train", 60_000)):
        for form, head, values, size in (
            ("images-idx3", (0x0803, count, 28, 28), NOISE, 784),
            ("labels-idx1", (0x0801, count), LABELS.astype(np.uint8), 1),
        ):
            with open(folder / f"{name}-{form}-ubyte", "wb") as file:
                file.write(struct.pack(f">{len(head)}I", *head) + values.tobytes())
                file.truncate(4 * len(head) + size * count)
    return folder


@pytest.mark.parametrize("options", [{}, {"device": "ideal", "on_off": None}, {"dac_bits": 1}])
def test_ideal_hardware_recognises_what_the_network_does(options):
    found = simulated(**options)
    exact = tilewright.evaluate(MODEL, NOISE, LABELS).top1
    assert found.digital == exact
    assert (found.rate, found.interval) == (exact.rate, exact.interval)
    assert [chip.rate for chip in found.chips] == [exact]
    assert all(layer.reached.snr_db is None and layer.reached.gain == 1 for layer in found.layers)
    assert (found.chip_interval, found.deviation) == (None, None)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (MODEL, {"wire": 2, "bit_wire": 1, "source": 10, "sink": 5, "drive": "both", "collect": "top"}),
        (MODEL, {"adc_bits": 6, "adc_range": "least-squares", "dac_bits": 2, "pairs": "digital"}),
        (MODEL, {"adc_bits": 5, "adc_range": 99.5, "adc_scope": 8, "encoding": "offset", "cell_bits": 4}),
        (MODEL, {"programming_error": 0.05, "read_noise": 0.01, "stuck": 0.02, "seeds": 2, "first_seed": 3}),
        (
            MODEL,
            {
                "levels": 16,
                "on_off": 10,
                "g_on": 5e-5,
                "drift": 0.05,
                "age": 1e4,
                "verify_within": 0.02,
                "programming_error": 0.05,
            },
        ),
        (MODEL, {"device": "joshi_2020", "age": 3600, "crossbar": "64x32", "layer_images": 0}),
        (MODEL, {"device": "joshi_2020", "age": 3600, "drift_compensation": "crossbar", "layer_images": 0}),
        (MODEL, {"stuck": 0.02, "unused_cells": "unformed", "shorts": 0.01, "fault_aware": "pairs"}),
        (MODEL, {"sinh_volts": 0.3, "read_voltage": 0.4, "wire": 2}),
        ("lenet5-fashion", {"weight_range": 99.5, "weight_scope": "layer", "programming_error": 0.02}),
        ("lenet5-fashion", {"wire": 5, "order": "by-current", "predistort": 2, "refresh": True, "input_bits": 6}),
    ],
)
def test_results_are_the_commands(folder, model, options):
    options = {**FEW, "limit": 32, **options}
    if model == MODEL and not {"adc_bits", "refresh"} & set(options):
        # Nothing is calibrated then, and the command refuses what changes nothing.
        del options["calibration"]
    found = tilewright.simulate(model, folder=folder, **options).to_dict()
    of_command = json_of("simulate", model, data=folder, **options)
    assert found.pop("command") is None
    assert of_command.pop("command").startswith(f"tilewright simulate {model}")
    assert found == of_command


def test_a_seed_says_what_comes_out_for_any_number_of_threads():
    noisy = {"programming_error": 0.05, "read_noise": 0.02, "stuck": 0.02, "seeds": 2}
    first = simulated(**noisy)
    assert simulated(**noisy, threads=2).to_dict() == first.to_dict()
    later = simulated(**{**noisy, "seeds": 1}, first_seed=1)
    assert later.chips[0] == first.chips[1]
    assert later.layers != first.layers
    assert first.rate == pytest.approx(sum(chip.rate.rate for chip in first.chips) / 2)
    low, high = first.chip_interval
    assert low <= first.rate <= high


def test_more_resistance_more_error():
    layers = [simulated(wire=ohm).layers for ohm in (1, 10, 100)]
    for nearer, farther in itertools.pairwise(layers):
        assert all(a.own.snr_db > b.own.snr_db for a, b in zip(nearer, farther, strict=True))


def test_lossless_bits_lose_nothing():
    # Few rows and bits a cell, so that converters of 16 bits are enough.
    small = {"crossbar": 32, "cell_bits": 1}
    bits = simulated(**small).lossless_bits
    assert bits == max(layer.lossless_bits for layer in simulated(**small).layers) <= 16
    assert all(layer.reached.snr_db is None for layer in simulated(**small, adc_bits=bits).layers)
    assert all(layer.own.snr_db is not None for layer in simulated(**small, adc_bits=4).layers)


def test_it_prints_tables_and_layers_make_a_data_frame():
    found = simulated(wire=2, seeds=3, stuck=0.01)
    text = str(found)
    for part in [
        "stuck_on=0.005",
        "95% over chips",
        "lost points",
        "conv1",
        " dB",
        "im2col onto 14 crossbars of 128×128",
    ]:
        assert part in text
    assert found._repr_html_().count("<table>") == 2
    assert repr(found).startswith(f"<Simulation of '{MODEL}': ")
    pytest.importorskip("pandas")
    frame = found.to_pandas()
    assert list(frame.index) == [layer.name for layer in found.layers]
    assert frame["own_snr_db"].tolist() == [layer.own.snr_db for layer in found.layers]
    unmeasured = simulated(layer_images=0)
    assert [layer.own for layer in unmeasured.layers] == [None] * 5
    assert list(unmeasured.to_pandas().columns) == ["lossless_bits"]
    assert "SNR" not in str(unmeasured)


def test_cells_that_are_off_conduct_nothing():
    assert simulated(on_off=math.inf).to_dict()["runs"][0]["hardware"]["range"] == [0.0, 1e-4]


def test_analog_neurons_pass_values_on():
    exact = simulated(design="seed", limit=48)
    assert exact.chips[0].rate == exact.digital
    off = simulated(design="seed", limit=48, seeds=2, neuron_gain=0.05, neuron_offset=0.1, neuron_saturation=0.5)
    assert off.to_dict()["runs"][0]["hardware"]["neuron"] == {"gain": 0.05, "offset": 0.1, "saturation": 0.5}
    assert len(off.chips) == 2
    assert off.layers[0].own.snr_db < 40
    assert off.digital == exact.digital
    threads = simulated(
        design="seed", limit=48, seeds=2, neuron_gain=0.05, neuron_offset=0.1, neuron_saturation=0.5, threads=2
    )
    assert [chip.rate for chip in threads.chips] == [chip.rate for chip in off.chips]


def test_progress_reaches_the_end(capsys):
    simulated(progress=True)
    assert "100% of 96 images" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"device": "memristor"}, "no device is called memristor; there are ideal, generic"),
        ({"device": "nowhere.toml"}, "cannot read the device file nowhere.toml"),
        ({"device": "ideal", "g_on": 1e-5}, "greatest conductance is a setting of the device generic, not of ideal"),
        ({"wire": -1}, "-1 ohm.*give 0, or 1e-9 to 1e12 ohm"),
        ({"bit_wire": math.nan}, 'bit_wire is "nan"; give 0, or 1e-9'),
        ({"stuck": 2}, "stuck"),
        ({"levels": -3}, 'levels is "-3"'),
        ({"adc_bits": 0}, 'adc_bits is "0"; give 1 to 16'),
        ({"dac_bits": 17}, 'dac_bits is "17"; give 1 to 16, or none'),
        ({"adc_bits": 8, "adc_range": 20}, 'adc_range is "20"; give max, least-squares, or a percentile of 50 to 100'),
        ({"adc_bits": 8, "adc_scope": 0}, 'adc_scope is "0"; give layer, or a number of columns'),
        ({"drive": "up"}, 'drive is "up"; give left, right, both'),
        ({"predistort": 101}, 'predistort is "101"; give a whole number of 0 to 100'),
        ({"design": "puma"}, "design puma: nothing is said of converters"),
        ({"design": "seed", "neuron_saturation": 0}, "saturates at 0"),
        ({"neuron_gain": 0.1}, "has no analog neurons"),
        ({"design": "neurram"}, "give dac_bits"),
        ({"schedule": "pipelined"}, "simulate does not heed schedule; it heeds crossbar"),
        ({"adc_range": 99}, "adc_range changes nothing here: currents are read exactly; give adc_bits"),
        ({"wires": 2}, 'no setting "wires".*did you mean "wire"'),
        ({"weight_bits": 4}, "give 8 weight bits"),
        ({"seeds": 0}, "seeds is 0; give 1 to 1000"),
        ({"threads": 0}, "threads is 0; give 1 to 1024"),
        ({"limit": 0}, "limit is 0; give 1 to"),
        ({"scheme": "best"}, "best"),
        ({"model": "lenet5", "mean": [0], "std": [1]}, "lenet5 has no weights; trained from it are lenet5-fashion"),
        ({"model": "resnet8-3d-int8"}, "3×32×32"),
        ({"mean": [0, 0, 0], "std": [1, 1, 1]}, "a normalisation of 3 channels; .* has images of 1"),
        ({"data": "mnist"}, "not both"),
    ],
)
def test_what_cannot_be_simulated_is_refused(options, text):
    with pytest.raises(tilewright.TilewrightError, match=text):
        simulated(**options)


def test_own_images_need_training_images():
    with pytest.raises(tilewright.TilewrightError, match="give training"):
        tilewright.simulate(MODEL, NOISE, LABELS)


def test_outputs_and_the_best_classes_agree():
    found = simulated(programming_error=0.3, seeds=2, top=3, outputs=True)
    assert found.outputs.shape == (2, 48, 10)
    assert found.digital_outputs.shape == (48, 10)
    best = np.argsort(-found.outputs, axis=-1, kind="stable")
    assert [chip.rate.correct for chip in found.chips] == (best[..., 0] == LABELS).sum(axis=1).tolist()
    among = (best[..., :3] == LABELS[:, None]).any(axis=-1).sum(axis=1)
    assert [chip.rate.correct for chip in found.top.chips] == among.tolist()
    assert (found.top.classes, found.top.rate) == (3, pytest.approx(among.mean() / 48))
    digital = found.digital_outputs.argmax(axis=-1) == LABELS
    assert found.digital.correct == digital.sum()
    assert found.digital == tilewright.evaluate(MODEL, NOISE, LABELS, top=3).top1
    assert "among the best 3" in str(found)


def test_outputs_are_kept_if_asked_for():
    found = simulated(limit=4)
    assert found.top is None
    with pytest.raises(tilewright.TilewrightError, match="outputs=True"):
        _ = found.outputs
    with pytest.raises(tilewright.TilewrightError, match="the 11 best classes"):
        simulated(top=11)
