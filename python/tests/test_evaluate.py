"""Recognition rates of trained networks, on images made here."""

import numpy as np
import pytest

import tilewright

BLACK = np.zeros((50, 1, 28, 28), np.uint8)
LABELS = np.arange(50) % 10


def test_equal_images_are_one_class():
    found = tilewright.evaluate("lenet5-fashion", BLACK, LABELS, top=10)
    assert (found.top1.correct, found.top1.images, found.top1.rate) == (5, 50, 0.1)
    assert (found.top.correct, found.top_classes) == (50, 10)
    assert found.confusion.shape == (10, 10)
    assert sorted(found.confusion.sum(axis=0)) == [0] * 9 + [50]
    assert np.all(found.confusion.sum(axis=1) == 5)
    assert "5 of 50 images: 10.00% (4.35% to 21.36%)" in str(found)


def test_the_limit_takes_the_first_images():
    found = tilewright.evaluate("lenet5-fashion-int8", BLACK, LABELS, limit=20)
    assert (found.top1.correct, found.top1.images) == (2, 20)


def test_trained_networks_are_known_by_name():
    entries = {entry.name: entry for entry in tilewright.zoo()}
    trained = entries["lenet5-fashion"]
    assert trained.input == (1, 28, 28)
    assert trained.data_set == "fashion-mnist"
    assert trained.rate is not None
    assert 0.85 < trained.rate < 0.95
    assert entries["lenet5"].rate is None
    network = tilewright.Network.zoo("lenet5-fashion-int8")
    assert network.layers == tilewright.Network.zoo("lenet5").layers
    mapped = tilewright.map("lenet5-fashion", scheme="sub-image")
    assert mapped.total.crossbars == tilewright.map("lenet5", scheme="sub-image").total.crossbars


@pytest.mark.parametrize(
    ("model", "images", "labels", "options", "expected"),
    [
        ("lenet5", BLACK, LABELS, {"mean": [0], "std": [1]}, "no weights"),
        ("lenet5", None, None, {}, "nothing says what lenet5 classifies"),
        ("lenet5", BLACK, LABELS, {}, "give mean and std"),
        ("lenet5-fashion", BLACK, None, {}, "not both"),
        ("lenet5-fashion", BLACK, LABELS, {"data": "mnist"}, "not both"),
        ("lenet5-fashion", None, None, {"data": "nist"}, "there is no data set 'nist'|there is no data set \"nist\""),
        ("lenet5-fashion", BLACK.astype(np.float32), LABELS, {}, "float32 on 4 axes; give uint8"),
        ("lenet5-fashion", BLACK, LABELS[:49], {}, "give 50 whole numbers"),
        ("lenet5-fashion", BLACK, LABELS - 1, {}, "-1 to 8"),
        ("lenet5-fashion", BLACK, LABELS + 1, {}, "labels image 9"),
        ("lenet5-fashion", BLACK[:, :, 1:], LABELS, {}, "takes images of 1×28×28"),
        ("lenet5-fashion", BLACK[:0], LABELS[:0], {}, "no images"),
        ("lenet5-fashion", BLACK, LABELS, {"mean": [0, 0], "std": [1]}, "mean has 2 numbers and std 1"),
        ("lenet5-fashion", BLACK, LABELS, {"top": 11}, "the 11 best classes"),
        ("lenet5-fashion", BLACK, LABELS, {"limit": 0}, "limit is 0"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(model, images, labels, options, expected):
    with pytest.raises(tilewright.TilewrightError, match=expected):
        tilewright.evaluate(model, images, labels, **options)


def test_predictions_are_those_that_are_counted_and_near_the_reference():
    images = np.random.default_rng(1).integers(0, 256, (37, 1, 28, 28), np.uint8)
    scores = tilewright.predict("lenet5-fashion", images)
    assert scores.shape == (37, 10)
    assert scores.dtype == np.float32
    found = tilewright.evaluate("lenet5-fashion", images, scores.argmax(axis=1))
    assert found.top1.correct == 37
    # In floating point as the network takes them; the mean and the deviation are those of its card.
    network = tilewright.Network.zoo("lenet5-fashion")
    normalised = ((images / np.float32(255) - np.float32(0.2860)) / np.float32(0.3530)).astype(np.float32)
    real = tilewright.predict(network, normalised)
    np.testing.assert_allclose(real, scores, atol=1e-4)
    np.testing.assert_allclose(real[:3], network.run(normalised[:3]), atol=1e-4)
    # An image alone has the bits that it has among others.
    np.testing.assert_array_equal(tilewright.predict(network, normalised[20:21])[0], real[20])


@pytest.mark.parametrize(
    ("model", "images", "options", "expected"),
    [
        ("lenet5", BLACK, {"mean": [0], "std": [1]}, "no weights"),
        ("lenet5", BLACK, {}, "nothing says how bytes are normalised for lenet5; give mean and std"),
        ("lenet5-fashion", BLACK.astype(np.int64), {}, "images are int64; give uint8"),
        ("lenet5-fashion", BLACK[0], {}, r"the shape \(1, 28, 28\); lenet5-fashion takes images of \(1, 28, 28\)"),
        ("lenet5-fashion", BLACK.astype(np.float32), {"mean": [0], "std": [1]}, "leave mean and std out"),
        ("lenet5-fashion", np.full((1, 1, 28, 28), np.nan, np.float32), {}, "NaN"),
        ("lenet5-fashion", BLACK, {"mean": [0, 0], "std": [1]}, "mean has 2 numbers and std 1"),
        ("lenet5-fashion", BLACK[:0], {}, "no images"),
    ],
)
def test_what_cannot_be_predicted_is_refused(model, images, options, expected):
    with pytest.raises(tilewright.TilewrightError, match=expected):
        tilewright.predict(model, images, **options)


def test_several_labels_are_measured_by_f1():
    images = np.random.default_rng(1).integers(0, 256, (12, 1, 28, 28), np.uint8)
    labels = tilewright.predict("lenet5-fashion", images) > 0
    right = tilewright.evaluate("lenet5-fashion", images, labels)
    assert isinstance(right, tilewright.LabelScores)
    assert (right.threshold, right.images, right.micro_f1, right.exact.correct) == (0.0, 12, 1.0, 12)
    labels[3] = ~labels[3]
    wrong = tilewright.evaluate("lenet5-fashion", images, labels.astype(np.int64), limit=4)
    taken = [sum(getattr(one, kind) for one in wrong.labels) for kind in ("right", "wrong", "missed")]
    assert wrong.micro_f1 == pytest.approx(2 * taken[0] / (2 * taken[0] + taken[1] + taken[2]))
    assert (wrong.images, wrong.exact.correct) == (4, 3)


def test_numbers_are_measured_by_their_squared_error():
    images = np.random.default_rng(1).integers(0, 256, (7, 1, 28, 28), np.uint8)
    numbers = tilewright.predict("lenet5-fashion", images)
    numbers[0] += 3
    found = tilewright.evaluate("lenet5-fashion", images, numbers)
    assert isinstance(found, tilewright.Regression)
    assert found.mean_squared_error == pytest.approx(9 / 7, rel=1e-5)
    assert found.mean_absolute_error == pytest.approx(3 / 7, rel=1e-5)


@pytest.mark.parametrize(
    ("labels", "options", "expected"),
    [
        (np.zeros((50, 10)), {"top": 3}, "top and data apply to images with one class each"),
        (np.zeros((50, 10)), {"threshold": 0.5}, "threshold applies to several labels"),
        (LABELS, {"threshold": 0.5}, "threshold applies to several labels"),
        (np.zeros((49, 10)), {}, "50 images, and labels of 49"),
        (np.full((50, 10), 2), {}, "labels has 2 for label 0 of image 0"),
        (np.zeros((50, 3), bool), {}, "3 labels an image, and the network yields 10"),
    ],
)
def test_targets_that_cannot_be_are_refused(labels, options, expected):
    with pytest.raises(tilewright.TilewrightError, match=expected):
        tilewright.evaluate("lenet5-fashion", BLACK, labels, **options)
