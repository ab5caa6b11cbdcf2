"""Counts which of timm's models, exported with random weights by PyTorch's default exporter, run whole and are computed rightly.

    python timm_models.py write FOLDER [NAME ...]    exports and records the models (see export.py)
    cargo run --release -p tilewright-onnx --example compare -- FOLDER > FOLDER/results.txt
    python timm_models.py count FOLDER TILEWRIGHT TABLE
                                                     runs the command TILEWRIGHT on each and writes the table to TABLE

A model runs whole if it is mapped, every layer executed through its cells is verified, `evaluate` yields what ONNX Runtime does, and no
tensor differs.
"""

import warnings
from pathlib import Path

import onnx
import onnxruntime
import timm
import torch
from export import record
from outcome import command_line, compared, evaluated, mapped, values, verified
from torch_export import export, settle

# Bytes of recorded tensors above which only the result is kept.
MOST = 200_000_000

CONVOLUTIONAL = [
    "convmixer_768_32", "convnext_atto", "convnextv2_atto", "cspresnet50", "darknet17", "densenet121", "dla34", "dpn68",
    "efficientnet_b0", "efficientnet_b0_gn", "ese_vovnet19b_dw", "fasternet_t0", "fbnetc_100", "focalnet_tiny_srf",
    "ghostnet_100", "hardcorenas_a", "hgnetv2_b0", "hrnet_w18_small", "inception_next_atto", "inception_v3", "inception_v4",
    "lcnet_050", "mambaout_femto", "mixnet_s", "mnasnet_small", "mobilenetv2_100", "mobilenetv3_small_100",
    "mobilenetv4_conv_small", "mobileone_s0", "nf_regnet_b0", "poolformer_s12", "rdnet_tiny", "regnetx_002", "regnety_002",
    "repghostnet_050", "repvgg_a0", "repvit_m0_9", "res2net50_26w_4s", "resnest14d", "resnet18", "resnetv2_50", "rexnet_100",
    "selecsls42b", "seresnet18", "skresnet18", "starnet_s1", "vgg11", "xception41",
]  # fmt: skip
ATTENTIVE = [
    "botnet26t_256", "coat_lite_tiny", "convit_tiny", "crossvit_tiny_240", "davit_tiny", "deit_tiny_patch16_224",
    "edgenext_xx_small", "efficientformer_l1", "efficientvit_b0", "fastvit_t8", "levit_128s", "mixer_s32_224", "mobilevit_xxs",
    "pit_ti_224", "pvt_v2_b0", "swin_tiny_patch4_window7_224", "tiny_vit_5m_224", "vit_tiny_patch16_224",
]  # fmt: skip
MODELS = CONVOLUTIONAL + ATTENTIVE
# The side of an image, where 64 pixels would leave a stage without any.
SIDES = {"inception_v3": 96, "inception_v4": 96, "vgg11": 64}


def build(name: str) -> tuple[torch.nn.Module, list[int]]:
    """The model and the shape of its image: a small one, and its own where it takes no other."""
    if name in CONVOLUTIONAL:
        side = SIDES.get(name, 64)
        return timm.create_model(name), [3, side, side]
    module = timm.create_model(name)
    return module, list(module.default_cfg["input_size"])


def write(folder: Path, names: list[str]) -> None:
    warnings.filterwarnings("ignore")
    for seed, name in enumerate(MODELS):
        if names and name not in names:
            continue
        torch.manual_seed(seed)
        module, shape = build(name)
        path = folder / name / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            export(settle(module, seed), shape, path, dynamo=True, opset=18)
        except Exception as error:
            (path.parent / "not-exported.txt").write_text(str(error).splitlines()[0] + "\n")
            print(f"{name}: not exported", flush=True)
            continue
        record(path.parent, most=MOST)


def row(name: str, folder: Path, tilewright: str, results: dict[str, str]) -> tuple[str, bool]:
    if (folder / "not-exported.txt").exists():
        return f"| {name} | | not exported | | | |", False
    model = folder / "model.onnx"
    dims = onnx.load(model, load_external_data=False).graph.input[0].type.tensor_type.shape.dim
    shape = [dim.dim_value for dim in dims][1:]
    columns = [mapped(tilewright, model), verified(tilewright, model), evaluated(tilewright, model, shape)]
    found = results.get(name)
    whole = found is not None and " 0 of " in found and not any(column.startswith("no") for column in columns)
    return f"| {name} | {'×'.join(map(str, shape))} | {' | '.join(columns)} | {values(found)} |", whole


def count(folder: Path, tilewright: str, table: Path) -> None:
    results, rows = compared(folder), []
    for name in MODELS:
        if (folder / name).exists():
            rows.append(row(name, folder / name, tilewright, results))
            print(rows[-1][0], flush=True)
    whole = sum(whole for _, whole in rows)
    versions = f"torch {torch.__version__.split('+')[0]}, timm {timm.__version__}"
    text = [
        "# timm's models",
        "",
        f"{versions}, onnx {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}; random weights, the default exporter;",
        "written by `tests/onnxruntime/timm_models.py`. Values are those of ONNX Runtime to 1e-4 of the greatest of a tensor.",
        "",
        f"**{whole} of {len(rows)} run whole**: mapped; verified, every layer through its cells under every scheme;",
        "evaluated, the results of two more images being ONNX Runtime's; and no value of any tensor differs.",
        "",
        "| model | input | on crossbars | verified | evaluated | values |",
        "|---|---|---|---|---|---|",
        *[line for line, _ in rows],
    ]
    table.write_text("\n".join(text).replace(str(folder) + "/", "") + "\n")


if __name__ == "__main__":
    command_line(__doc__, write, count)
