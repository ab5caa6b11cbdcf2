"""Keras models: what they compute, what their layers are called, and what is refused."""

import os

import numpy as np
import pytest

import tilewright

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")
pytest.importorskip("onnxscript")
if keras.backend.backend() != "torch":
    pytest.skip("Keras runs on another backend than PyTorch here", allow_module_level=True)


def model():
    layers = keras.layers
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="stem")(image)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(16, 3, strides=2, name="down")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="each")(x)
    x = layers.SeparableConv2D(8, 3, name="apart")(x)
    x = layers.Flatten()(layers.MaxPooling2D()(x))
    return keras.Model(image, layers.Dense(10, name="head")(x), name="mine")


def test_a_model_computes_the_same_and_keeps_its_names():
    keras.utils.set_random_seed(0)
    mine = model()
    images = np.random.default_rng(0).normal(size=(3, 16, 16, 3)).astype(np.float32)
    network = tilewright.Network.from_keras(mine)
    assert (network.name, network.input_shape, network.output_shape) == ("mine", (16, 16, 3), (10,))
    assert [layer.name for layer in network.layers] == [
        "stem",
        "down",
        "each",
        "apart.depthwise",
        "apart.pointwise",
        "head",
    ]
    found = tilewright.predict(network, images)
    expected = mine.predict(images, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    mapped = tilewright.map(mine, scheme="im2col", crossbar=64)
    assert mapped["down"].crossbars == tilewright.map(network, scheme="im2col", crossbar=64)["down"].crossbars


def test_layers_of_an_attention_are_called_after_both():
    layers = keras.layers
    keras.utils.set_random_seed(0)
    series = keras.Input((6, 8))
    x = layers.Add()([series, layers.MultiHeadAttention(2, 4, name="attention")(series, series)])
    mine = keras.Model(series, layers.Dense(3, name="head")(layers.GlobalAveragePooling1D()(x)), name="attends")
    network = tilewright.Network.from_keras(mine)
    parts = ["query", "key", "value", "attention_output"]
    assert sorted(layer.name for layer in network.layers) == sorted([*(f"attention.{part}" for part in parts), "head"])
    values = np.random.default_rng(0).normal(size=(3, 6, 8)).astype(np.float32)
    np.testing.assert_allclose(tilewright.predict(network, values), mine.predict(values, verbose=0), atol=1e-5)


def test_a_model_of_several_inputs_takes_them_as_one_vector(capfd):
    layers = keras.layers
    keras.utils.set_random_seed(0)
    image, features = keras.Input((8, 8, 3)), keras.Input((4,))
    x = layers.Concatenate()([layers.Flatten()(layers.Conv2D(4, 3, name="look")(image)), features])
    mine = keras.Model([image, features], layers.Dense(2, name="judge")(x), name="both")
    network = tilewright.Network.from_keras(mine)
    assert capfd.readouterr() == ("", "")
    assert [layer.name for layer in network.layers] == ["look", "judge"]
    generator = np.random.default_rng(0)
    inputs = [generator.normal(size=(3, *shape)).astype(np.float32) for shape in [(8, 8, 3), (4,)]]
    found = tilewright.predict(network, tuple(inputs))
    np.testing.assert_allclose(found, mine.predict(inputs, verbose=0), atol=1e-5)


def test_what_a_model_does_not_say_is_asked_for():
    image = keras.Input((None, None, 3))
    convolution = keras.Model(image, keras.layers.Conv2D(4, 3, name="conv")(image))
    with pytest.raises(tilewright.TilewrightError, match="give input_shape"):
        tilewright.map(convolution)
    assert tilewright.Network.from_keras(convolution, (8, 8, 3)).output_shape == (6, 6, 4)
    with pytest.raises(TypeError, match="no Keras model"):
        tilewright.Network.from_keras("resnet20")
