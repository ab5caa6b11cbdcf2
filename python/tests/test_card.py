"""``tilewright.train.card``: finished runs in the trained zoo."""

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
import synthetic

from tilewright import Network, TilewrightError
from tilewright.train import Images, Recipe, card, recognition_rate, train

TRAIN, TEST = synthetic.splits()


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """The folders of a recipe's runs under two seeds, and of another recipe."""
    monkeypatch.setattr(Images, "load", lambda name, split, place: {"train": TRAIN, "test": TEST}[split])
    recipes = [
        Recipe("lenet5", data="fashion-mnist", epochs=2, batch=32, seed=seed, learning_rate=rate)
        for seed, rate in ((0, 0.05), (1, 0.05), (2, 0.1))
    ]
    folders = [tmp_path / f"run{place}" for place in range(len(recipes))]
    for recipe, folder in zip(recipes, folders, strict=True):
        train(recipe, folder, images=(TRAIN, TEST), show=False)
    return folders


def test_runs_added_one_by_one_make_the_card_of_all(runs, tmp_path):
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    whole.mkdir(), grown.mkdir()
    expected = card.publish("net", runs[:2], whole)
    card.publish("net", runs[:1], grown)
    network = (grown / "net.onnx").read_bytes()
    assert card.extend("net", runs[1:2], grown) == expected
    assert json.loads((grown / "net.json").read_text()) == expected
    assert (grown / "net.onnx").read_bytes() == network, "the stored network stays"
    for run, result in zip(runs, expected["test"]["runs"], strict=False):
        assert (grown / "logs" / f"net-seed{result['seed']}.csv").read_text() == (run / "log.csv").read_text()
    stored = Network.from_onnx(whole / "net.onnx")
    right = stored.run(TEST.normalized(TEST.pixels).contiguous().numpy()).argmax(1) == TEST.labels.numpy()
    assert right.sum() == expected["test"]["runs"][0]["float"] == expected["onnxruntime"]["float"]["all"]
    # The module in PyTorch and the network in the core may differ in an image that lies between two classes.
    second = recognition_rate(card.load_module(runs[1]).eval(), TEST) / 100 * len(TEST)
    assert second == pytest.approx(expected["test"]["runs"][1]["float"], abs=1)


def test_a_teacher_that_is_called_otherwise_now_is_named_as_it_is_called(runs, tmp_path):
    recipe, names = Recipe("resnet8", teacher="resnet8-old", seed=4), {"resnet8-old": "resnet8-3d"}
    assert "--teacher resnet8-3d" in card.command(card._with_names(recipe, names))
    assert card._with_names(Recipe("resnet8", start="resnet8-2d1d"), names).start == "resnet8-2d1d"
    with pytest.raises(TilewrightError, match=r"called 'resnet8-new'; give the name of a trained network"):
        card._with_names(recipe, {"resnet8-old": "resnet8-new"})
    # The card keeps it, for those that read it and for runs that are added.
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    whole.mkdir(), grown.mkdir()
    expected = card.publish("net", runs[:2], whole, renamed=names)
    assert expected["training"]["renamed"] == names
    card.publish("net", runs[:1], grown, renamed=names)
    assert card.extend("net", runs[1:2], grown) == expected


def test_what_does_not_belong_to_a_card_is_refused_and_leaves_it(runs, tmp_path):
    with pytest.raises(TilewrightError, match=r"has no net\.json to add to"):
        card.extend("net", runs[:1], tmp_path)
    card.publish("net", runs[:1], tmp_path)
    before = (tmp_path / "net.json").read_text()
    for run, message in (
        (runs[0], "not runs of one recipe under different seeds: .*; seeds 0, 0"),
        (runs[2], r"not runs of one recipe under different seeds: .*--learning-rate 0\.05.*--learning-rate 0\.1"),
        (tmp_path, "has no result.json"),
    ):
        with pytest.raises(TilewrightError, match=message):
            card.extend("net", [run], tmp_path)
    assert (tmp_path / "net.json").read_text() == before
