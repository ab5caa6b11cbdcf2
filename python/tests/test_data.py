"""Images from their files, and the batches cut from them."""

import gzip

import numpy as np
import pytest

from tilewright import TilewrightError

torch = pytest.importorskip("torch")
import synthetic  # noqa: E402, it needs PyTorch

from tilewright.train import Augmentation, AugmentedBatches, Images  # noqa: E402


def unique(count=40, height=6, width=5, channels=2):
    """Images of which no two windows are alike, each with a label of its own."""
    pixels = np.random.default_rng(0).integers(1, 256, (count, height, width, channels), np.uint8)
    mean, deviation = torch.linspace(0.3, 0.6, channels), torch.linspace(0.1, 0.4, channels)
    return Images(torch.from_numpy(pixels), torch.arange(count), count, mean, deviation)


def restored(images, inputs):
    """The bytes that a batch was made of, `[batch, height, width, channels]`."""
    values = inputs.movedim(1, 3) * images.deviation + images.mean
    return (values * 255).round().to(torch.uint8).numpy()


def naive_cuts(image, pad):
    """Every window of an image with black around it, by place and whether it is mirrored."""
    height, width, _ = image.shape
    padded = np.zeros((height + 2 * pad, width + 2 * pad, image.shape[2]), np.uint8)
    padded[pad : pad + height, pad : pad + width] = image
    for top in range(2 * pad + 1):
        for left in range(2 * pad + 1):
            window = padded[top : top + height, left : left + width]
            yield (top, left, False), window
            yield (top, left, True), window[:, ::-1]


def chi_square(counts, cells):
    counts = np.array(list(counts) + [0] * (cells - len(counts)))
    expected = counts.sum() / cells
    return ((counts - expected) ** 2 / expected).sum()


def assert_uniform(counts, cells):
    # Mean and variance of the distribution are the degrees of freedom and twice that.
    freedom = cells - 1
    assert len(counts) == cells
    assert chi_square(counts.values(), cells) <= freedom + 5 * np.sqrt(2 * freedom)


@pytest.mark.parametrize(("pad", "flip"), [(2, True), (2, False), (0, True), (0, False)])
def test_every_cut_is_a_window_of_its_image_and_all_are_as_likely(pad, flip):
    images = unique()
    batches = AugmentedBatches(images, 8, Augmentation(pad, flip))
    found = {}
    for epoch in range(60):
        seen = []
        for inputs, labels in batches.epoch(torch.Generator().manual_seed(epoch)):
            assert inputs.shape == (8, 2, 6, 5)
            for cut, label in zip(restored(images, inputs), labels.tolist(), strict=True):
                seen.append(label)
                places = [
                    place
                    for place, window in naive_cuts(images.pixels[label].numpy(), pad)
                    if np.array_equal(window, cut)
                ]
                assert len(places) == 1
                found[places[0]] = found.get(places[0], 0) + 1
        assert sorted(seen) == list(range(40))
    if not flip:
        assert not any(mirrored for _, _, mirrored in found)
    assert_uniform(found, (2 * pad + 1) ** 2 * (1 + flip))


def test_images_are_shuffled_anew_and_a_rest_is_left_out():
    batches = AugmentedBatches(unique(), 9, Augmentation(0, False))
    assert len(batches) == 4
    orders = [
        torch.cat([labels for _, labels in batches.epoch(torch.Generator().manual_seed(seed))]).tolist()
        for seed in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]
    assert len(set(orders[0])) == 36


def test_cutout_blanks_a_square_around_any_pixel():
    images = unique(height=8, width=8)
    side, found = 3, {}
    batches = AugmentedBatches(images, 40, Augmentation(0, False, side))
    for epoch in range(80):
        for inputs, labels in batches.epoch(torch.Generator().manual_seed(epoch)):
            plain = images.normalized(images.pixels[labels])
            for image, whole in zip(inputs, plain, strict=True):
                blank = (image == 0).all(0) & (whole != 0).any(0)
                rows, columns = (torch.nonzero(blank.any(axis)).flatten().tolist() for axis in (1, 0))
                assert int(blank.sum()) == len(rows) * len(columns)
                for lengths in (rows, columns):
                    # A square whose middle is in the image loses a line where it reaches over the edge.
                    assert len(lengths) == side or (len(lengths) == side - 1 and (0 in lengths or 7 in lengths))
                assert torch.equal(image[:, ~blank], whole[:, ~blank])
                middle = tuple(line[1] if line[0] or len(line) == side else 0 for line in (rows, columns))
                found[middle] = found.get(middle, 0) + 1
    assert_uniform(found, 64)


def test_normalisation_is_that_of_numpy():
    images = unique()
    expected = (images.pixels.numpy() / 255.0 - images.mean.numpy()) / images.deviation.numpy()
    inputs, labels = next(iter(images.batches(40)))
    np.testing.assert_allclose(inputs.numpy(), expected.transpose(0, 3, 1, 2), rtol=1e-5, atol=1e-6)
    assert labels.tolist() == list(range(40))
    assert [len(labels) for _, labels in images.batches(15)] == [15, 15, 10]


def test_batches_and_images_that_make_no_sense_are_refused():
    images = unique()
    for size in (0, 41):
        with pytest.raises(TilewrightError, match=f"the batch is {size} of 40 images; give 1 to 40"):
            AugmentedBatches(images, size, Augmentation())
    with pytest.raises(TilewrightError, match="give 0 or more"):
        Augmentation(pad=-1)
    with pytest.raises(TilewrightError, match="labels go from 0 to 39; give 0 to 9"):
        Images(images.pixels, images.labels, 10, images.mean, images.deviation)
    with pytest.raises(TilewrightError, match="40 images have 39 labels"):
        Images(images.pixels, images.labels[1:], 40, images.mean, images.deviation)
    with pytest.raises(TilewrightError, match=r"pixels are torch.float32 .*; give torch.uint8"):
        Images(images.pixels.float(), images.labels, 40, images.mean, images.deviation)


def random_split(count, shape):
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, *shape), np.uint8), random.integers(0, 10, count, np.uint8)


PLACEHOLDER = random_split(1, (28, 28))


def test_files_of_the_idx_form(tmp_path):
    pixels, labels = random_split(10_000, (28, 28))
    synthetic.write_fashion_mnist(tmp_path / "fashion-mnist", PLACEHOLDER, (pixels, labels))
    for folder in (tmp_path, str(tmp_path / "fashion-mnist")):
        images = Images.load("fashion-mnist", "test", folder)
        assert (images.shape, images.classes, len(images)) == ((1, 28, 28), 10, 10_000)
        assert np.array_equal(images.pixels[..., 0].numpy(), pixels)
        assert np.array_equal(images.labels.numpy(), labels)


def test_files_of_the_cifar_form(tmp_path):
    pixels, labels = random_split(10_000, (3, 32, 32))
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        (tmp_path / name).touch()
    records = np.concatenate([labels[:, None], pixels.reshape(10_000, -1)], axis=1)
    (tmp_path / "test_batch.bin").write_bytes(records.tobytes())
    images = Images.load("cifar10", "test", tmp_path)
    assert (images.shape, images.classes) == ((3, 32, 32), 10)
    assert np.array_equal(images.pixels.numpy(), pixels.transpose(0, 2, 3, 1))
    assert np.array_equal(images.labels.numpy(), labels)
    with pytest.raises(TilewrightError, match=r"data_batch_1\.bin"):
        Images.load("cifar10", "train", tmp_path)


def test_files_that_are_missing_cut_short_or_mislabelled(tmp_path):
    with pytest.raises(TilewrightError, match=r"fashion-mnist is not in .*; get it with `tilewright data fetch"):
        Images.load("fashion-mnist", "test", tmp_path)
    with pytest.raises(TilewrightError, match='no data set "imagenet"; there are cifar10, cifar100'):
        Images.load("imagenet", "test", tmp_path)
    with pytest.raises(TilewrightError, match="splits train and test"):
        Images.load("mnist", "validation", tmp_path)

    pixels, labels = random_split(10_000, (28, 28))
    synthetic.write_fashion_mnist(tmp_path, PLACEHOLDER, (pixels[1:], labels[1:]))
    with pytest.raises(TilewrightError, match="9999 test images; 10000 are published"):
        Images.load("fashion-mnist", "test", tmp_path)

    labels[77] = 10
    synthetic.write_fashion_mnist(tmp_path, PLACEHOLDER, (pixels, labels))
    with pytest.raises(TilewrightError, match=r"t10k-labels.*10"):
        Images.load("fashion-mnist", "test", tmp_path)

    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole[:-100], 1))
    with pytest.raises(TilewrightError, match="t10k-images"):
        Images.load("fashion-mnist", "test", tmp_path)
    path.write_bytes(gzip.compress(whole, 1)[:100_000])
    with pytest.raises(TilewrightError, match=r"cannot read .*t10k-images"):
        Images.load("fashion-mnist", "test", tmp_path)
