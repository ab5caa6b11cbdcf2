"""Kernel plans within a crossbar budget: equal to trying every choice of layers."""

import itertools
import json

import pytest
from command import json_of

import tilewright

NETWORK = "resnet8"
LAYERS = tilewright.Network.zoo(NETWORK).replaceable_layers
# Eighths add without rounding.
LOSSES = {name: eighths / 8 for name, eighths in zip(LAYERS, (5, -1, 3, 8, 2, 6, 1), strict=True)}


@pytest.mark.parametrize(("scheme", "crossbar"), [("sub-image", 128), ("im2col", 64)])
def test_no_choice_of_layers_is_better(scheme, crossbar):
    settings = {"scheme": scheme, "crossbar": crossbar}
    every = []
    for count in range(len(LAYERS) + 1):
        for chosen in itertools.combinations(LAYERS, count):
            mapping = tilewright.map(NETWORK, kernels=list(chosen) if chosen else "3d", **settings)
            every.append((sum(LOSSES[name] for name in chosen), mapping.total.crossbars))
    front = tilewright.plan_front(NETWORK, LOSSES, **settings)
    for budget in sorted({crossbars for _, crossbars in every}):
        planned = tilewright.plan(NETWORK, LOSSES, budget=budget, **settings)
        assert (planned.loss, planned.crossbars) == min(plan for plan in every if plan[1] <= budget)
        within = [point for point in front if point.crossbars <= budget][-1]
        assert (within.kernels, within.loss) == (planned.kernels, planned.loss)


def test_the_kernels_of_a_plan_are_what_map_takes():
    planned = tilewright.plan(NETWORK, LOSSES, budget=12_000, scheme="sub-image")
    assert planned.ratio == len(planned.replaced) / len(LAYERS)
    assert [partner.rule for partner in planned.ratio_plans] == ["first", "last", "most-saved"]
    for plan in (planned, *planned.ratio_plans):
        mapping = tilewright.map(NETWORK, scheme="sub-image", kernels=plan.kernels)
        assert mapping.total.crossbars == plan.crossbars <= 12_000
        assert plan.loss >= planned.loss


@pytest.mark.parametrize(
    ("losses", "budget", "text"),
    [
        ({**LOSSES, "fc": 1.0}, 9999, 'losses name "fc", which is not a replaceable layer'),
        ({"conv1": 1.0}, 9999, "losses have no number for 6 of the 7 replaceable layers"),
        ({**LOSSES, "conv1": float("nan")}, 9999, 'losses have NaN for "conv1"; give a number'),
        (LOSSES, -1, "budget is -1; give a whole number"),
    ],
)
def test_what_is_wrong_is_said(losses, budget, text):
    with pytest.raises(tilewright.TilewrightError, match=text):
        tilewright.plan(NETWORK, losses, budget=budget)


def test_a_budget_that_cannot_be_met_says_the_least():
    least = tilewright.plan_front(NETWORK, LOSSES)[0].crossbars
    with pytest.raises(tilewright.DoesNotFitError, match=f"takes fewer than {least}; raise the budget"):
        tilewright.plan(NETWORK, LOSSES, budget=least - 1)


def test_plans_are_the_commands(tmp_path):
    (tmp_path / "losses.json").write_text(json.dumps(LOSSES))
    run = json_of("plan", NETWORK, losses=tmp_path / "losses.json", scheme="sub-image")
    front = tilewright.plan_front(NETWORK, LOSSES, scheme="sub-image")
    assert [plan["kernels"] for plan in run["plans"]] == [planned.kernels for planned in front]
