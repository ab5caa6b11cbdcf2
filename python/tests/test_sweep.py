"""Sweeps: every combination, each as its function gives it by itself."""

import numpy as np
import pytest

import tilewright

pytest.importorskip("pandas")
NOISE = np.random.default_rng(0).integers(0, 256, (16, 1, 28, 28), np.uint8)
LABELS = np.arange(16) % 10


def test_rates_of_every_combination():
    images = {"images": NOISE, "labels": LABELS, "training": NOISE, "scheme": "im2col", "layer_images": 0}
    frame = tilewright.sweep("lenet5-fashion-int8", wire=[0, 1, 2.5], crossbar=[64, 128], **images)
    assert frame[["wire", "crossbar"]].to_numpy().tolist() == [
        [wire, side] for wire in (0, 1, 2.5) for side in (64, 128)
    ]
    one = tilewright.simulate("lenet5-fashion-int8", wire=2.5, crossbar=64, **images)
    assert (frame.loc[4, "rate"], frame.loc[4, "crossbars"]) == (one.rate, one.crossbars)
    assert frame["failed"].isna().all()


def test_prices_and_counts_of_every_combination():
    prices = tilewright.sweep("lenet5", of="cost", design=["isaac", "generic-22nm"], scheme=["im2col", "sub-image"])
    for row in prices.itertuples():
        assert row.area_mm2 == tilewright.cost("lenet5", design=row.design, scheme=row.scheme).area_mm2
    counts = tilewright.sweep("lenet5", of="map", crossbar=range(64, 129, 64), kernels=["3d", "2d1d"])
    assert len(counts) == 4
    assert counts.loc[3, "crossbars"] == tilewright.map("lenet5", crossbar=128, kernels="2d1d").total.crossbars


def test_what_cannot_be_done_has_its_reason():
    frame = tilewright.sweep("lenet5", of="cost", adc_bits=[8, 99])
    assert frame["failed"].isna().tolist() == [True, False]
    assert frame["failed"][1] == 'adc_bits is "99"; give 1 to 16, lossless, or none'


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "nothing varies"),
        ({"wire": 1}, "nothing varies"),
        ({"wire": []}, "wire has no values"),
        ({"of": "guess", "wire": [1]}, "of is 'guess'; give simulate, cost, map"),
    ],
)
def test_sweeps_of_nothing_are_refused(options, text):
    with pytest.raises(tilewright.TilewrightError, match=text):
        tilewright.sweep("lenet5", **options)
