"""Fronts: as the command finds them, in one process or divided among workers."""

import importlib.util
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import tilewright

VARY = {"scheme": ["im2col", "vw-sdk", "optimal"], "crossbar": [64, (64, 128)], "adc_bits": range(6, 9)}
RNG = np.random.default_rng(0)


def front(**options):
    return tilewright.explore(["lenet5"], vary=VARY, minimize=["area", "latency"], **options)


def test_every_design_of_the_front_is_priced_again():
    found = front()
    assert (found.designs, found.objectives, found.failed) == (18, ["area", "latency"], [])
    assert 1 < len(found) < 18
    for design in found:
        rows = design.settings["crossbar"].partition("x")
        crossbar = (int(rows[0]), int(rows[2])) if rows[2] else int(rows[0])
        options = {"scheme": design.settings["scheme"], "adc_bits": int(design.settings["adc-bits"])}
        again = tilewright.cost("lenet5", crossbar=crossbar, **options)
        assert (again.area_mm2, again.latency_ms) == (design.area_mm2, design.latency_ms)
    areas = [design.area_mm2 for design in found]
    assert areas == sorted(areas)


def test_a_front_divided_among_workers_is_the_same(tmp_path):
    alone = front()
    with ThreadPoolExecutor(2) as threads:
        assert front(store=tmp_path / "threads", executor=threads, parts=3) == alone
    with ProcessPoolExecutor(1) as processes:
        assert front(store=tmp_path / "processes", executor=processes, parts=2) == alone
    assert len(list((tmp_path / "threads").glob("part-*.jsonl"))) == 3


def die():
    raise RuntimeError("the machine is gone")


class Dying:
    """An executor whose every second task dies before it begins."""

    def __init__(self):
        self.tasks = 0

    def submit(self, function, *arguments):
        self.tasks += 1
        if self.tasks % 2 == 0:
            function, arguments = die, ()
        return ThreadPoolExecutor(1).submit(function, *arguments)


def test_what_dead_workers_left_is_done_all_the_same(tmp_path):
    dying = Dying()
    assert front(store=tmp_path / "store", executor=dying, parts=4) == front()
    assert dying.tasks == 4


def test_rates_and_their_limits(tmp_path):
    images = tmp_path / "images.npy"
    np.save(images, RNG.integers(0, 256, (40, 1, 28, 28), np.uint8))
    labels = tmp_path / "labels.npy"
    np.save(labels, np.arange(40) % 10)
    rates = {"images": images, "labels": labels, "calibration_images": images, "mean": 0.5, "std": 0.5}
    vary = {"programming_error": [0.0, 0.3], "schedule": ["layer-by-layer", "pipelined"]}
    options = {"vary": vary, "minimize": "latency", "maximize": ["rate"], "seeds": 2, **rates}
    found = tilewright.explore("lenet5-fashion-int8", **options)
    assert len(found) + len(found.dropped) == 4
    assert all(design.rate_percent is not None for design in found)
    assert found[0].command.startswith("tilewright explore lenet5-fashion-int8")
    none = tilewright.explore("lenet5-fashion-int8", **options, limits="rate >= 99 %")
    assert (len(none), none.designs) == (0, 4)


def test_a_large_space_is_searched():
    vary = {
        "crossbar": [24, 32, 48, 64, 96, 128],
        "adc_bits": range(4, 9),
        "cell_bits": [1, 2, 4, 8],
        "input_bits": range(4, 9),
    }
    options = {"vary": {**vary, "schedule": ["layer-by-layer", "pipelined"]}, "minimize": ["area", "latency", "energy"]}
    found = tilewright.explore("lenet5", **options, trials=1024, search_seed=3)
    assert (found.designs, found.searched.trials, found.searched.seed) == (1200, 1024, 3)
    assert 0 < len(found) <= found.searched.tried < 1200
    assert front().searched is None


def test_planned_kernels_have_a_loss(tmp_path):
    losses = tmp_path / "losses.json"
    losses.write_text('{"conv1": 0.5, "conv2": 0.25}')
    options = {"minimize": ["crossbars", "kernel-loss"], "losses": losses}
    found = tilewright.explore("lenet5", vary={"kernels": ["planned"], "scheme": ["im2col"]}, **options)
    plans = {"3d": 0.0, "conv2": 0.25, "conv1": 0.5, "2d1d": 0.75}
    assert [design.kernel_loss for design in found] == [plans[design.settings["kernels"]] for design in found]
    assert found[-1].kernel_loss == 0.0
    assert front()[0].kernel_loss is None


def test_a_data_frame_a_table_and_a_dictionary(tmp_path):
    pandas = pytest.importorskip("pandas")
    found = front()
    frame = found.to_pandas()
    assert {*frame.columns[:2]} == {"network", "design"}
    assert {*frame.columns[2:5]} == {"scheme", "crossbar", "adc-bits"}
    assert frame["area_mm2"].tolist() == [design.area_mm2 for design in found]
    assert "18 designs on the front of area, latency" in repr(found)
    if importlib.util.find_spec("pyarrow") is not None:
        frame.to_parquet(tmp_path / "front.parquet")
        pandas.testing.assert_frame_equal(pandas.read_parquet(tmp_path / "front.parquet"), frame)
    assert found._repr_html_().count("<tr>") == len(found) + 1
    assert found.to_dict()["designs"] == 18


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"vary": {"crosbar": [64]}}, "did you mean crossbar"),
        ({"minimize": "aera"}, "did you mean area"),
        ({"maximize": "rate"}, "weights"),
        ({"limits": ["area <= 1", "area >= 2"]}, "contradicts"),
        ({"executor": "ray"}, "needs a store"),
        ({"executor": "slurm", "store": "store"}, "object with submit"),
        ({"parts": 3}, "for an executor"),
        ({"seeds": 3}, "--seeds changes nothing here"),
    ],
)
def test_what_cannot_be_explored_is_refused(options, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tilewright.TilewrightError, match=text):
        tilewright.explore("lenet5", **options)
    assert not list(tmp_path.iterdir())


def test_ray(tmp_path):
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        assert front(store=tmp_path / "store", executor="ray", parts=4) == front()
    finally:
        ray.shutdown()


def test_ray_loses_a_node_on_the_way(tmp_path):
    ray = pytest.importorskip("ray")
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    lost = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address)
    store = tmp_path / "store"
    killed = threading.Event()

    def kill():
        while not list(store.glob("part-*.jsonl")):
            time.sleep(0.01)
        cluster.remove_node(lost, allow_graceful=False)
        killed.set()

    try:
        thread = threading.Thread(target=kill, daemon=True)
        thread.start()
        assert front(store=store, executor="ray", parts=12) == front()
        assert killed.wait(30)
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_dask(tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        assert front(store=tmp_path / "store", executor=client, parts=4) == front()


def test_submitit(tmp_path):
    submitit = pytest.importorskip("submitit")
    executor = submitit.AutoExecutor(tmp_path / "logs", cluster="local")
    assert front(store=tmp_path / "store", executor=executor, parts=2) == front()


def test_networks_in_memory_are_refused_with_the_way_to_a_file():
    with pytest.raises(tilewright.TilewrightError, match=r"not a Network.*network\.save_onnx"):
        tilewright.explore(tilewright.Network.zoo("lenet5"), vary={"crossbar": [64]})
    with pytest.raises(tilewright.TilewrightError, match=r"not a dict.*from_torch"):
        tilewright.explore([{}], vary={"crossbar": [64]})
