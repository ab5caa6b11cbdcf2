"""Lays convolutional networks out on memristor crossbars, exactly.

Give it a network (built in, an ONNX file, or a PyTorch module) and a crossbar size:

>>> import tilewright
>>> mapping = tilewright.map("resnet20", crossbar=128, scheme="sub-image")
>>> mapping.total.crossbars
70401

``print(mapping)`` shows a table, ``mapping.to_pandas()`` makes a data frame, and in a notebook a mapping shows its
report with drawings. The counts can be trusted because a mapping can be run: :func:`execute` computes a layer cell by
cell in integers, and :func:`verify` compares every layer with the plain convolution.

What cannot be done as asked raises :class:`TilewrightError`, a :class:`ValueError` with the text of the ``tilewright``
command.
"""

from tilewright._compare import Comparison, compare
from tilewright._convert import Conversion, ConvertedLayer, convert
from tilewright._core import DoesNotFitError, TilewrightError, __version__
from tilewright._cost import cost
from tilewright._cost_result import (
    Breakdown,
    ConverterModel,
    Converters,
    Cost,
    LayerCost,
    Peer,
    PeerFigure,
    ProductCost,
    Unpriced,
)
from tilewright._coverage import Coverage, OffCrossbars
from tilewright._design import Design, DesignEntry, DesignUnit, Setting, designs
from tilewright._device import DeviceFit, DriftExponent, FittedLevel, Goodness, fit_device
from tilewright._evaluate import Accuracy, LabelScores, OneLabel, Rate, Regression, evaluate
from tilewright._execute import execute
from tilewright._explore import DroppedDesign, ExploredDesign, FailedDesigns, Front, Searched, explore
from tilewright._map import map
from tilewright._mapping import MappedLayer, Mapping, Total
from tilewright._network import Layer, Network, ZooEntry, zoo
from tilewright._options import objectives, schemes
from tilewright._placement import Placement, placement
from tilewright._plan import PlannedKernels, RatioPlan, plan, plan_front
from tilewright._predict import predict
from tilewright._simulate import simulate
from tilewright._simulation import OutputError, SimulatedChip, SimulatedLayer, SimulatedTop, Simulation
from tilewright._sweep import sweep
from tilewright._verify import SchemeVerification, Verification, verify

__all__ = [
    "Accuracy",
    "Breakdown",
    "Comparison",
    "Conversion",
    "ConvertedLayer",
    "ConverterModel",
    "Converters",
    "Cost",
    "Coverage",
    "Design",
    "DesignEntry",
    "DesignUnit",
    "DeviceFit",
    "DoesNotFitError",
    "DriftExponent",
    "DroppedDesign",
    "ExploredDesign",
    "FailedDesigns",
    "FittedLevel",
    "Front",
    "Goodness",
    "LabelScores",
    "Layer",
    "LayerCost",
    "MappedLayer",
    "Mapping",
    "Network",
    "OffCrossbars",
    "OneLabel",
    "OutputError",
    "Peer",
    "PeerFigure",
    "Placement",
    "PlannedKernels",
    "ProductCost",
    "Rate",
    "RatioPlan",
    "Regression",
    "SchemeVerification",
    "Searched",
    "Setting",
    "SimulatedChip",
    "SimulatedLayer",
    "SimulatedTop",
    "Simulation",
    "TilewrightError",
    "Total",
    "Unpriced",
    "Verification",
    "ZooEntry",
    "__version__",
    "compare",
    "convert",
    "cost",
    "designs",
    "evaluate",
    "execute",
    "explore",
    "fit_device",
    "map",
    "objectives",
    "placement",
    "plan",
    "plan_front",
    "predict",
    "schemes",
    "simulate",
    "sweep",
    "verify",
    "zoo",
]
