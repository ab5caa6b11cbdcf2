//! Every option of every command changes the result, or is refused where it does not.

use crate::command::{output_of, refused, tilewright};
use crate::own_images;
use crate::simulate::images;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use tempfile::TempDir;
use tilewright::network::{Conv, Dense, Network, Op, Tensor, Weights};

/// A line without indent is a command line; each below it is an option that, put behind it, gives another result, or, after a
/// "!", is refused. After "=" the option stands for the one of the command line. Words in capitals are files.
const CHANGES: &str = "
map lenet5 --format json
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2
  --scheme im2col
  --kernels 2d1d
  --crossbar 64
  --encoding offset
  --weight-bits 6
  --cell-bits 2
  --objective latency
  --budget 500
  --max-cycles 50
  --design isaac
  --share-layers
  --vary crossbar=64
  = --format csv
map lenet5 --vary crossbar=64 --format json
  --grid
map --layer in=20x6x6,out=8,k=3 --scheme im2col --format csv
  = --layer in=20x6x6,out=9,k=3
  --layer in=8x4x4,out=9,k=3
  --row-split channel
map --layer in=8x6x6,out=8,k=3,g=8 --scheme im2col --format csv
  --grouped separate
map lenet5 --scheme sub-image --format csv
  --window 2
map lenet5 --objective area-delay --format json
  --macro-kinds crossbar=64
map lenet5 --objective area --format json
  --max-latency 0.02
map lenet5 --format json
  ! --macro-kinds crossbar=64
map lenet5
  --digital
map TWICE.onnx --scheme im2col --format csv
  --shared-weights once
map lenet5 --scheme im2col --format csv
  --layer-settings LAYERS

plan lenet5 --losses LOSSES --scheme sub-image --cell-bits 2 --format csv
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2
  = --losses OTHER_LOSSES
  --budget 1000
  = --scheme im2col
  --design isaac
  --crossbar 64
  --encoding offset
  --weight-bits 6
  = --cell-bits 4
  --window 2
  = --format json
plan lenet5 --losses LOSSES --scheme sub-image --format csv
  ! --layer-settings LAYERS
  ! --shared-weights once
plan lenet5 --losses LOSSES --scheme sub-image --crossbar 512 --format csv
  --grouped separate
plan lenet5 --losses LOSSES --scheme im2col --crossbar 32 --encoding single --format csv
  --row-split channel

explore lenet5 --vary crossbar=64,128 --minimize area,latency --format csv
  --vary scheme=im2col,vw-sdk
  = --minimize energy
  --limit crossbars<=1
  --design isaac
  --constants CONSTANTS
  = --format json
  ! --space nowhere.toml
  ! --example
  ! --shard 0/2
explore lenet5 --vary crossbar=24,32,48,64,96,128 --vary adc-bits=4,5,6,7,8 --vary cell-bits=1,2,4,8 --vary input-bits=4,5,6,7,8 --vary schedule=layer-by-layer,pipelined --format json
  --trials 1024
explore lenet5 --vary crossbar=24,32,48,64,96,128 --vary adc-bits=4,5,6,7,8 --vary cell-bits=1,2,4,8 --vary input-bits=4,5,6,7,8 --vary schedule=layer-by-layer,pipelined --trials 1024 --format json
  --search-seed 1
explore lenet5 --vary kernels=3d,2d1d --minimize crossbars --format csv
  --losses LOSSES --limit kernel-loss<=0
  ! --losses LOSSES
  ! --search-seed 1
  ! --trials 1024
explore lenet5 --vary schedule=layer-by-layer,pipelined --minimize area --format csv
  --maximize throughput
  --vary share-layers=no,yes
  ! --seeds 2
  ! --mean 0.3 --std 0.4
explore lenet5-fashion-int8 --vary programming-error=0.3 --maximize rate --rate-images 40 --data IMAGES
  --set mnist
  = --rate-images 20
  --calibration 4
  --seeds 2
  --first-seed 3
  --calibration-images OWN
explore lenet5-fashion-int8 --maximize rate --rate-images 40 --mean 0.3 --std 0.4 --data IMAGES
  = --mean 3
  = --std 9
explore lenet5-fashion-int8 --vary adc-bits=3 --maximize rate --images OWN --calibration-images OWN
  = --images OTHER_OWN
  --labels OWN_LABELS
  ! --channels-last
  ! --resize 20
  ! --crop 20
  ! --pad 2

cost lenet5 --vary crossbar=64 --format json
  --grid
circuit --crossbar 8 --vary wire=1 --format json
  --grid
cost lenet5 --format json
  --share-layers
  --vary crossbar=64
  --layer-settings LAYERS
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2
  --kernels 2d1d
  --design isaac
  --device joshi_2020
  --on-off 5
  --g-on 5e-5
  --sinh-volts 0.1
  --dac-bits 2
  --constants CONSTANTS
  --crossbar 64
  --encoding differential
  --weight-bits 6
  --cell-bits 1
  --active-rows 16
  --input-bits 4
  --mac-units 64
  --adc isaac
  --adc-bits 5
  --adc-columns 4
  --adc-rate 0.1
  --clock 0.5
  --bus-bits 4
  --crossbars-per-macro 2
  --macros-per-tile 4
  --schedule pipelined
  --scheme unfolded
  --objective energy
  --inputs INPUTS
  --explain adc
  --compare neurosim-v1.3
  = --format csv
cost lenet5 --scheme sub-image --encoding differential --format json
  --unused-cells unformed
cost lenet5 --scheme sub-image --encoding differential --unused-cells unformed --format json
  --g-unformed 1e-6
  --shorts 0.1
cost lenet5 --encoding differential --format json
  --pairs analog
cost lenet5 --objective latency --format json
  --budget 60
cost lenet5 --objective area-delay --format json
  --macro-kinds crossbar=64
cost lenet5 --objective area --format json
  --max-latency 0.02
cost lenet5 --format json
  ! --macro-kinds crossbar=64
cost --layer in=20x6x6,out=8,k=3 --format json
  = --layer in=20x6x6,out=9,k=3
cost --layer in=20x6x6,out=8,k=3 --crossbar 32 --format json
  --row-split channel
cost TWICE.onnx --format json
  --shared-weights once
cost lenet5 --kernels 2d1d --format json
  --chains streamed
  --grouped separate
  --keep-digital 2d
cost lenet5 --scheme sub-image --format json
  --window 2
cost lenet5
  --layers

design
  --format json
  --settings

device
  --format json
device fit MEASURED -o FITTED.toml --format json
  --unit mS
  --levels measured
  = --format csv

zoo
  --format json

report lenet5 --scheme im2col -o -
  --layer-settings LAYERS
report --layer in=8x6x6,out=8,k=3,g=8 --scheme im2col -o -
  = --layer in=8x6x6,out=16,k=3,g=8
  = --scheme sub-image
  --crossbar 64
  --encoding offset
  --weight-bits 6
  --cell-bits 2
  --grouped separate
  --objective latency
  --budget 500
  --max-cycles 5
  --design isaac
report lenet5 --objective area -o -
  --max-latency 0.02
report --layer in=20x6x6,out=8,k=3 --scheme im2col -o -
  --row-split channel
  --kernels 2d1d
report --layer in=20x6x6,out=8,k=3 --scheme sub-image -o -
  --window 2
report TWICE.onnx --scheme im2col -o -
  --shared-weights once

report lenet5 -o -
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2
verify lenet5 --format json
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2

verify lenet5 --scheme im2col --format json
  --layer-settings LAYERS
verify --layer in=20x6x6,out=8,k=3 --scheme im2col --format json
  = --layer in=20x6x6,out=9,k=3
  = --scheme sub-image
  --kernels 2d1d
  --design isaac
  --crossbar 64
  --encoding offset
  --weight-bits 6
  --cell-bits 2
  --input-bits 6
  --seed 2
  = --format csv
verify --layer in=20x6x6,out=8,k=3 --scheme im2col --crossbar 32 --format json
  --row-split channel
verify --layer in=8x6x6,out=8,k=3,g=8 --scheme im2col --format json
  --grouped separate
verify --layer in=20x6x6,out=8,k=3 --scheme sub-image --format json
  --window 2
verify TWICE.onnx --scheme im2col --format json
  ! --shared-weights once

evaluate lenet5-fashion --limit 20 --data IMAGES --format json
  ! --input-shape 1x20x20
  ! --model-output scores
  ! --keep-digital fc2
  = --limit 10
  --set mnist
  --top 3
  --confusion
  ! --threshold 1
  = --format csv
evaluate lenet5-fashion --images OWN --limit 20 --format json
  = --images OTHER_OWN
  --labels OWN_LABELS
  = --limit 10
  ! --channels-last
  --resize 20 --pad 4
  --crop 20 --pad 4
  --pad 4 --crop 20
evaluate lenet5-fashion --images OWN --labels SEVERAL --format json
  --threshold 1
  ! --top 3
  ! --confusion
evaluate lenet5-fashion --limit 20 --mean 0.3 --std 0.4 --data IMAGES --format json
  = --mean 0.4
  = --std 0.5

inputs lenet5-fashion-int8 --limit 20 --data IMAGES --format json
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2
  = --limit 10
  --set mnist
  = --format csv
inputs lenet5-fashion --limit 20 --data IMAGES --format json
  --calibration 2
  --input-bits 4
inputs lenet5-fashion --limit 20 --mean 0.3 --std 0.4 --data IMAGES --format json
  = --mean 0.4
  = --std 0.5
inputs lenet5-fashion --images OWN --calibration-images OWN --limit 20 --format json
  = --images OTHER_OWN
  ! --labels OWN_LABELS
  = --calibration-images OTHER_OWN
  ! --channels-last
  --resize 20 --pad 4
  --crop 20 --pad 4
  --pad 4 --crop 20

simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --data IMAGES --format json
  --layer-settings LAYERS
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2
  = --scheme sub-image
  = --limit 4
  --top 3
  --set mnist
  --design isaac
  --crossbar 64
  --encoding offset
  --cell-bits 2
  --device joshi_2020
  --on-off 10
  --levels 8
  --programming-error 0.05
  --read-noise 0.05
  --sinh-volts 0.1
  ! --read-voltage 0.5
  --stuck 0.05
  --wire 2
  --bit-wire 2
  --source 100
  --sink 100
  --adc-bits 4
  --dac-bits 2
  --pairs digital
  --refresh
  --vary crossbar=64
  ! --weight-range 99
  ! --weight-scope layer
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --vary crossbar=64 --data IMAGES --format json
  --grid
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --data IMAGES --format json
  = --format csv
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --mean 0.3 --std 0.4 --stuck 0.05 --data IMAGES --format json
  = --mean 0.4
  = --std 0.5
  = --layer-images 1
simulate lenet5-fashion-int8 --scheme im2col --images OWN --adc-bits 5 --calibration-images OWN --limit 8 --layer-images 2 --format json
  = --images OTHER_OWN
  = --calibration-images OTHER_OWN
  --labels OWN_LABELS
  ! --channels-last
  ! --resize 20
  ! --crop 20
  ! --pad 2
simulate lenet5-fashion --scheme im2col --limit 8 --layer-images 2 --data IMAGES --format json
  --weight-range 99
  --weight-scope layer
  --weight-bits 6
  --input-bits 6
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --wire 5 --data IMAGES --format json
  --g-on 5e-5
  --drive right
  --collect top
  --order by-current
  --predistort 2
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --sinh-volts 0.3 --data IMAGES --format json
  = --sinh-volts 0.1
  --read-voltage 0.5
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --drift 0.1 --age 1000 --data IMAGES --format json
  --drift-compensation crossbar
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --stuck 0.05 --data IMAGES --format json
  --unused-cells unformed
  --fault-aware pairs
  --order by-faults
  ! --fault-map FAULTS
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --stuck 0.05 --order by-faults --data IMAGES --format json
  --spare-lines
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --data IMAGES --format json
  --fault-map FAULTS
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --unused-cells unformed --data IMAGES --format json
  --g-unformed 1e-7
  --shorts 0.1
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --adc-bits 5 --data IMAGES --format json
  --active-rows 16
  --adc-range 99
  --adc-scope 8
  --adc-offset 2
  --adc-gain 0.1
  --adc-noise 1
  --adc-mismatch 0.1
  ! --adc-columns 4
  ! --adc-steps ramp
  --calibration 4
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --design seed --data IMAGES --format json
  --neuron-gain 0.1
  --neuron-offset 0.1
  --neuron-noise 0.1
  --neuron-saturation 0.5
  --wire 2
  --programming-error 0.05
  ! --calibration 4
  ! --adc-bits 8
  ! --refresh
  ! --pairs digital
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --design seed --neuron-offset 0.1 --data IMAGES --format json
  --calibration 4
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --adc-bits 5 --adc-mismatch 0.2 --data IMAGES --format json
  --adc-columns 4
  --adc-steps ramp
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --programming-error 0.05 --data IMAGES --format json
  --verify-within 0.01
  --seeds 2
  --first-seed 3
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --programming-error 0.05 --verify-within 0.001 --data IMAGES --format json
  --max-pulses 2
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --drift 0.1 --data IMAGES --format json --age 10
  = --age 100
  = --drift 0.2
simulate lenet5-fashion-int8 --scheme sub-image --limit 8 --layer-images 2 --programming-error 0.05 --data IMAGES --format json
  --copies alike
  --window 4
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --read-noise 0.05 --data IMAGES --format json
  --reads alike
simulate lenet5-fashion-int8 --scheme im2col --crossbar 32 --limit 8 --layer-images 2 --adc-bits 5 --data IMAGES --format json
  --row-split channel
simulate TWICE.onnx --scheme im2col --layer-images 2 --mean 0.3 --std 0.4 --images OWN --calibration-images OWN --format json
  --shared-weights once
simulate lenet5-fashion-int8 --scheme im2col --limit 8 --layer-images 2 --data IMAGES --format html
  --map conv2:1

circuit --crossbar 8 --format json
  --vary wire=1
  --design isaac
  --device milo_2021
  = --crossbar 9
  --g-on 5e-5
  --pattern random
  --seed 2
  --wire 1
  --bit-wire 1
  --source 10
  --sink 10
  --drive right
  --collect top
  = --format csv
circuit --crossbar 8 --pattern random --format json
  --on-off 10
circuit solve CASE
  --method transfer

export lenet5
  --layer-settings LAYERS
  ! --input-shape 1x20x20
  ! --model-output scores
  --keep-digital fc2
  --kernels 2d1d
  --scheme im2col
  --crossbar 64
  --encoding offset
  --weight-bits 6
  --cell-bits 2
  --objective latency
  --budget 500
  --max-cycles 50
  --design isaac
  ! --limit 10
export lenet5 --objective area
  --max-latency 0.02
export --layer in=20x6x6,out=8,k=3 --scheme im2col --crossbar 32
  = --layer in=20x6x6,out=9,k=3
  --row-split channel
export --layer in=8x6x6,out=8,k=3,g=8 --scheme im2col
  --grouped separate
export lenet5 --scheme sub-image
  --window 2
export TWICE.onnx --scheme im2col
  ! --shared-weights once

export onnx lenet5-fashion-int8
  ! --input-shape 1x20x20
  ! --model-output scores

export spice lenet5-fashion-int8 --layer conv2 --scheme im2col
  --layer-settings LAYERS
  ! --input-shape 1x20x20
  ! --model-output scores
  ! --keep-digital conv2
  = --layer conv1
  = --scheme sub-image
  --index 1
  --image 0 --data IMAGES
  --access 1
  --volt 0.1
  --seed 1
  --design isaac
  --crossbar 64
  --encoding offset
  --cell-bits 2
  --device joshi_2020
  --on-off 10
  --g-on 5e-5
  --levels 8
  --programming-error 0.05
  --stuck 0.05
  --wire 2
  --bit-wire 2
  --source 100
  --sink 100
  --order by-current
export spice lenet5-fashion-int8 --layer conv2 --scheme im2col --sinh-volts 0.3
  = --sinh-volts 0.1
  ! --read-voltage 0.5
export spice lenet5-fashion-int8 --layer conv2 --scheme im2col --sinh-volts 0.3 --image 0 --data IMAGES
  --read-voltage 0.5
export spice lenet5-fashion-int8 --layer conv2 --scheme im2col --wire 1
  --drive right
  --collect top
export spice lenet5-fashion --layer conv2 --scheme im2col --data IMAGES
  --weight-bits 6
  --weight-range 99
  --weight-scope layer
export spice lenet5-fashion --layer conv1 --scheme im2col --image 0 --data IMAGES
  --input-bits 6
export spice lenet5-fashion-int8 --layer conv2 --scheme im2col --image 0 --data IMAGES
  --adc-bits 3
  --dac-bits 2
  ! --set cifar10
  --mean 0.3 --std 0.4
export spice lenet5-fashion-int8 --layer fc1 --scheme im2col --image 0 --images OWN --adc-bits 3 --calibration-images OWN
  = --images OTHER_OWN
  = --calibration-images OTHER_OWN
  ! --labels OTHER_OWN
  ! --channels-last
  ! --resize 20
  ! --crop 20
  ! --pad 2
export spice lenet5-fashion-int8 --layer conv2 --scheme im2col --image 0 --mean 0.3 --std 0.4 --data IMAGES
  = --std 0.5
export spice lenet5-fashion-int8 --layer fc1 --scheme im2col --image 0 --adc-bits 3 --data IMAGES
  --adc-range 90
  --adc-scope 8
  --adc-offset 2
  --adc-gain 0.1
  --adc-noise 1
  --adc-mismatch 0.1
  ! --adc-steps ramp
  --calibration 4
  --pairs digital
  --refresh
  --read-noise 0.2
export spice lenet5-fashion-int8 --layer fc1 --scheme im2col --image 0 --adc-bits 3 --adc-mismatch 0.2 --data IMAGES
  --adc-columns 4
  --adc-steps ramp
export spice lenet5-fashion-int8 --layer fc1 --scheme im2col --image 0 --design seed --data IMAGES
  --neuron-gain 0.1
  --neuron-offset 0.1
  --neuron-noise 0.1
  --neuron-saturation 0.5
export spice lenet5-fashion-int8 --layer fc1 --scheme im2col --design seed
  ! --neuron-gain 0.1
  ! --neuron-saturation 0.5
export spice lenet5-fashion-int8 --layer fc1 --scheme im2col --image 0 --drift 0.1 --age 1000 --data IMAGES
  --drift-compensation crossbar
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --stuck 0.05
  --fault-aware pairs
  ! --fault-map FAULTS
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --stuck 0.05 --order by-faults --image 0 --data IMAGES
  --spare-lines
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --stuck 0.05 --data IMAGES --order by-faults
  --spare-lines
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col
  --fault-map FAULTS
export spice lenet5-fashion-int8 --layer conv1 --scheme sub-image
  --unused-cells unformed
export spice lenet5-fashion-int8 --layer conv1 --scheme sub-image --unused-cells unformed
  --g-unformed 1e-7
  --shorts 0.1
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col
  --active-rows 9
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --wire 5
  --predistort 2
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --programming-error 0.05
  --verify-within 0.01
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --programming-error 0.05 --verify-within 0.001
  --max-pulses 2
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --drift 0.1 --age 10
  = --age 100
  = --drift 0.2
export spice lenet5-fashion-int8 --layer conv1 --scheme sub-image --index 0 --access 1 --programming-error 0.05
  --copies alike
  --window 4
export spice lenet5-fashion-int8 --layer conv1 --scheme im2col --device joshi_2020
  --reads alike
export spice lenet5-fashion-int8 --layer conv2 --scheme im2col --crossbar 32 --index 1
  --row-split channel
export spice TWICE.onnx --layer b --scheme im2col --programming-error 0.05 --image 0 --mean 0.3 --std 0.4 --images OWN --calibration-images OWN
  --shared-weights once

reproduce oh2023
  --format json

data list
  --data IMAGES
  --format json
data check fashion-mnist --data IMAGES
  --format json
";

/// Options that a result does not depend on, or not within a test's time: where it goes, where data are, how fast, what is kept.
const BESIDE: [(&str, &[&str]); 14] = [
    ("map", &["output", "kinds-to"]),
    ("plan", &["output"]),
    ("cost", &["output", "kinds-to"]),
    ("explore", &["output", "data", "store", "threads"]),
    ("design", &["output"]),
    ("device", &["output"]),
    ("zoo", &["output"]),
    ("report", &["output"]),
    ("verify", &["output"]),
    ("evaluate", &["output", "outputs", "data"]),
    ("inputs", &["output", "data"]),
    ("simulate", &["output", "outputs", "data", "store", "threads", "faults-to"]),
    ("circuit", &["output"]),
    ("export", &["output"]),
];

/// The same of the commands below a command.
const BESIDE_BELOW: [(&str, &[&str]); 10] = [
    ("device fit", &["output"]),
    ("circuit solve", &["output"]),
    ("export onnx", &["output"]),
    ("export spice", &["output", "data", "threads"]),
    ("reproduce oh2023", &["output", "front", "retrain", "seeds", "python", "runs"]),
    (
        "reproduce analog-rates",
        &[
            "output",
            "format",
            "data",
            "store",
            "threads",
            "network",
            "scheme",
            "condition",
            "limit",
            "calibration",
            "seeds",
        ],
    ),
    ("data list", &["output"]),
    ("data check", &["output", "data"]),
    ("data fetch", &["data", "from"]),
    ("data path", &["data"]),
];

/// Options that the settings of networks do not have: which channel groups share a crossbar is asked of networks with groups.
const GROUPED: [&str; 2] = ["simulate", "export spice"];

/// A model of grey images whose first two layers have the same weights.
fn twice() -> Vec<u8> {
    let weights = |shape: Vec<usize>| {
        let values = (0..shape.iter().product()).map(|at: usize| (at * 7 % 11) as f32 / 11.0 - 0.4).collect();
        Some(Weights { values: Arc::new(Tensor::new(shape, values)), scale: None })
    };
    let mut network = Network::new("twice", vec![1, 28, 28]);
    let mut input = network.input();
    for name in ["a", "b"] {
        let conv = Conv { weights: weights(vec![1, 1, 3, 3]), ..Conv::same(1, 3) };
        input = network.conv(name, input, conv).expect("a layer");
    }
    let flat = network.flatten(input).expect("a vector");
    let dense = Dense { out_features: 10, weights: weights(vec![10, 784]), bias: None };
    network.push("fc", Op::Dense(dense), &[flat]).expect("a layer");
    tilewright_onnx::to_bytes(&network).expect("a model")
}

/// Files that the command lines name.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).expect("writable");
        own_images::grey(&folder.path().join("OWN"), 1);
        own_images::grey(&folder.path().join("OTHER_OWN"), 5);
        write("OWN_LABELS", "0\n1\n1\n2\n2\n2\n3\n4\n5\n6\n7\n8\n9\n9\n9\n9\n9\n9\n9\n9\n".into());
        own_images::npy(
            &folder.path().join("SEVERAL"),
            "|b1",
            "(20, 10)",
            &[[1, 0, 0].repeat(66), vec![1, 0]].concat(),
        );
        write("LOSSES", r#"{"conv1": 0.25, "conv2": 0.5}"#.into());
        write("OTHER_LOSSES", r#"{"conv1": 0.5, "conv2": 0.25}"#.into());
        let half: Vec<u32> = (0..256).map(|value| u32::from(value < 128)).collect();
        write("INPUTS", serde_json::json!({ "*": half }).to_string());
        let constant = "value = 57.0\nunit = \"fJ/step\"\nsource = \"twice\"\nstatus = \"assumed\"";
        write("CONSTANTS", format!("[\"adc.walden.typical\"]\n{constant}\n"));
        write("MEASURED", "target,measured\n1e-5,1e-5\n1e-5,2e-5\n5e-5,5e-5\n5e-5,4e-5\n".into());
        write("LAYERS", "[layer.conv2]\ncrossbar = \"64x32\"\n".into());
        fs::write(folder.path().join("TWICE.onnx"), twice()).expect("writable");
        write("FAULTS", "crossbar,row,column,state\n0,0,0,on\n0,1,3,on\n0,2,2,on\n0,3,5,on\n".into());
        write("CASE", r#"{"rows":2,"cols":1,"r_word":1,"r_bit":1,"G":[[1e-4],[2e-4]],"V":[[0.1],[0.2]]}"#.into());
        Self(folder)
    }

    /// The command line with the paths of files in place of their names.
    fn named(&self, line: &str) -> String {
        let word = |word: &str| match word {
            "IMAGES" => images().display().to_string(),
            "OWN" | "OTHER_OWN" | "OWN_LABELS" | "SEVERAL" | "LOSSES" | "OTHER_LOSSES" | "INPUTS" | "CONSTANTS"
            | "CASE" | "FAULTS" | "LAYERS" | "MEASURED" | "FITTED.toml" | "TWICE.onnx" => {
                self.0.path().join(word).display().to_string()
            }
            word => word.into(),
        };
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    /// What a command line writes, or the error it ends with.
    fn result(&self, line: &str) -> Result<Vec<u8>, String> {
        let mut command = tilewright(&self.named(line));
        let folder = tempfile::tempdir().expect("a folder for the test");
        if is_placement(line) {
            command.arg("-o").arg(folder.path());
        } else if line.starts_with("export onnx") {
            command.arg("-o").arg(folder.path().join("model.onnx"));
        }
        let Output { status, stdout, stderr } = command.output().expect("the command starts");
        if !matches!(status.code(), Some(0 | 1)) {
            return Err(format!("{line}: {}", String::from_utf8_lossy(&stderr)));
        }
        let written = ["placement.json", "placement.npz", "model.onnx"]
            .map(|name| fs::read(folder.path().join(name)).unwrap_or_default());
        Ok([stdout, written.concat()].concat())
    }
}

fn is_placement(line: &str) -> bool {
    line.starts_with("export ") && !["export spice", "export onnx"].iter().any(|other| line.starts_with(other))
}

/// The words of a command line that say which command it is.
fn command_of(line: &str) -> String {
    let mut words = line.split(' ');
    let first = words.next().expect("a command");
    match (first, words.next()) {
        ("circuit", Some("solve"))
        | ("device", Some("fit"))
        | ("export", Some("spice" | "onnx"))
        | ("reproduce" | "data", Some(_)) => line.split(' ').take(2).collect::<Vec<_>>().join(" "),
        _ => first.into(),
    }
}

/// The command line with an option's value replaced.
fn replaced(line: &str, option: &str, value: &str) -> String {
    let (before, after) = line.split_once(&format!("{option} ")).unwrap_or_else(|| panic!("{line} has no {option}"));
    let rest = after.split_once(' ').map_or(String::new(), |(_, rest)| format!(" {rest}"));
    format!("{before}{option} {value}{rest}")
}

/// Options by command, as the help lists them.
fn options() -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    let below = |command: &str| -> Vec<String> {
        let help = output_of(&format!("{command} --help"));
        let listed = help.split_once("Commands:\n").map_or("", |(_, listed)| listed);
        let lines = listed.lines().take_while(|line| line.starts_with("  "));
        let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
        let names = names.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help");
        names.map(|name| format!("{command} {name}").trim_start().to_owned()).collect()
    };
    let mut commands = below("");
    while let Some(command) = commands.pop() {
        let help = output_of(&format!("{command} --help"));
        let starts = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let names = starts.filter_map(|line| line.split_once("--")).map(|(_, name)| name);
        let names = names.map(|name| name.split([' ', '=', '[']).next().unwrap_or(name).to_owned());
        found.insert(command.clone(), names.filter(|name| name != "help" && name != "version").collect());
        commands.extend(below(&command));
    }
    found
}

/// Command line, option, and the command line with it; `None` where the option is refused.
fn changes() -> Vec<(String, String, String, bool)> {
    let mut base = "";
    let mut found = vec![];
    for line in CHANGES.lines().filter(|line| !line.is_empty()) {
        let Some(change) = line.strip_prefix("  ") else {
            base = line;
            continue;
        };
        let words = change.trim_start_matches(['=', '!', ' ']);
        let (option, value) = words.split_once(' ').unwrap_or((words, ""));
        let with = if change.starts_with('=') { replaced(base, option, value) } else { format!("{base} {words}") };
        found.push((base.to_owned(), option.trim_start_matches('-').to_owned(), with, change.starts_with('!')));
    }
    found
}

#[test]
fn the_table_has_every_option_of_every_command() {
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (base, option, ..) in changes() {
        listed.entry(command_of(&base)).or_default().insert(option);
    }
    for (command, options) in BESIDE.into_iter().chain(BESIDE_BELOW) {
        listed.entry(command.into()).or_default().extend(options.iter().map(|option| (*option).to_owned()));
    }
    for command in GROUPED {
        listed.entry(command.into()).or_default().insert("grouped".into());
    }
    for (command, options) in options() {
        let known = listed.remove(&command).unwrap_or_default();
        assert_eq!(options, known, "{command}: an option that is not in the table of this test, or is no more");
    }
    assert!(listed.is_empty(), "{listed:?}");
}

#[test]
fn every_option_changes_the_result() {
    let files = Files::new();
    let mut results: BTreeMap<String, Result<Vec<u8>, String>> = BTreeMap::new();
    let mut wrong = vec![];
    for (base, _, with, is_refused) in changes() {
        if is_refused {
            let mut command = tilewright(&files.named(&with));
            if is_placement(&with) {
                command.arg("-o").arg(files.0.path().join("placement"));
            }
            refused(&mut command, &[]);
            continue;
        }
        let before = results.entry(base.clone()).or_insert_with(|| files.result(&base));
        match (before, files.result(&with)) {
            (Ok(before), Ok(after)) if *before == after => {
                wrong.push(format!("without effect, and not refused: {with}"));
            }
            (Ok(_), Ok(_)) => {}
            (Err(error), _) => wrong.push(error.clone()),
            (_, Err(error)) => wrong.push(error),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A typed option without effect beside the others: exit code 2, the option, the reason and what to do, before anything is read.
#[test]
fn options_without_effect_are_refused() {
    for (line, parts) in [
        ("map missing.onnx --scheme im2col --window 2", ["--window changes nothing here", "only the scheme sub-image"]),
        ("map missing.onnx --scheme im2col,sdk --window largest", ["--window", "only the scheme sub-image"]),
        ("map missing.onnx --scheme unfolded --row-split channel", ["--row-split", "the schemes im2col, smd"]),
        ("map missing.onnx --scheme all --digital", ["--digital", "give one --scheme"]),
        ("map missing.onnx --digital --format json", ["--digital", "JSON always"]),
        ("map missing.onnx --share-layers --format csv", ["--share-layers", "--format table or json"]),
        (
            "map missing.onnx --design isaac --crossbar 64 --encoding offset --weight-bits 8 --cell-bits 2 --scheme im2col",
            ["--design changes nothing", "nothing is priced"],
        ),
        ("plan missing.onnx --losses LOSSES --window best", ["--window", "only the scheme sub-image"]),
        ("cost missing.onnx --window 2", ["--window", "only the scheme sub-image"]),
        ("cost missing.onnx --explain adc --kernels 2d1d", ["--kernels", "--explain is about the chip"]),
        ("cost missing.onnx --layers --format json", ["--layers", "JSON always lists"]),
        ("cost missing.onnx --compare neurosim-v1.3 --format csv", ["--compare", "--format table or json"]),
        ("report missing.onnx --window 2 -o -", ["--window", "only the scheme sub-image"]),
        ("verify missing.onnx --scheme kernel-position --row-split element", ["--row-split", "the schemes im2col"]),
        ("evaluate missing.onnx --confusion --format csv", ["--confusion", "--format table or json"]),
        ("export missing.onnx --window 2 -o somewhere", ["--window", "only the scheme sub-image"]),
        ("circuit --on-off 10", ["--on-off", "--pattern random"]),
        ("simulate missing.onnx --window 2", ["--window", "only the scheme sub-image"]),
        ("simulate missing.onnx --adc-range 99", ["--adc-range", "give --adc-bits"]),
        ("simulate missing.onnx --active-rows 16", ["--active-rows", "give --adc-bits"]),
        ("simulate missing.onnx --adc-offset 1", ["--adc-offset", "give --adc-bits"]),
        (
            "simulate lenet5-fashion-int8 --data IMAGES --adc-bits 5 --adc-noise 1 --adc-columns 4",
            ["--adc-columns", "all converters are alike"],
        ),
        ("simulate missing.onnx --adc-bits 8 --adc-steps ramp", ["--adc-steps", "give --adc-mismatch"]),
        ("simulate missing.onnx --adc-scope 8", ["--adc-scope", "give --adc-bits"]),
        ("simulate missing.onnx --vary adc-range=max,99", ["--vary adc-range=max", "give --adc-bits"]),
        ("simulate missing.onnx --predistort 2", ["--predistort", "give --wire"]),
        ("simulate missing.onnx --order by-current", ["--order", "give --wire"]),
        ("simulate missing.onnx --drive both", ["--drive", "give --wire"]),
        ("simulate missing.onnx --drift 0.1", ["--drift", "give --age"]),
        ("simulate missing.onnx --drift-compensation crossbar", ["--drift-compensation", "give --age"]),
        ("simulate missing.onnx --shorts 0.1", ["--shorts", "give --unused-cells unformed"]),
        ("simulate missing.onnx --encoding offset --pairs digital", ["--pairs", "--encoding differential"]),
        ("simulate missing.onnx --layer-images 8 --format csv", ["--layer-images", "another --format"]),
        ("simulate missing.onnx --map conv1", ["--map", "--format html"]),
        ("simulate lenet5-fashion-int8 --data IMAGES --seeds 3", ["--seeds", "nothing is drawn at random"]),
        ("simulate lenet5-fashion-int8 --data IMAGES --first-seed 3", ["--first-seed", "nothing is drawn at random"]),
        ("simulate lenet5-fashion-int8 --data IMAGES --verify-within 0.1", ["--verify-within", "programmed exactly"]),
        ("simulate lenet5-fashion-int8 --data IMAGES --age 10", ["--age", "do not change with time"]),
        (
            "simulate lenet5-fashion-int8 --data IMAGES --fault-aware pairs",
            ["--fault-aware", "no cell of device generic is stuck"],
        ),
        (
            "simulate lenet5-fashion-int8 --data IMAGES --order by-faults",
            ["--order", "no cell of device generic is stuck"],
        ),
        ("simulate missing.onnx --spare-lines", ["--spare-lines", "give --order by-faults"]),
        (
            "simulate lenet5-fashion-int8 --data IMAGES --faults-to FITTED.toml",
            ["--faults-to", "no cell of device generic is stuck"],
        ),
        (
            "simulate missing.onnx --fault-map FAULTS --stuck 0.1",
            ["--stuck changes nothing", "--fault-map says which cells are stuck"],
        ),
        ("simulate lenet5-fashion-int8 --data IMAGES --calibration 8", ["--calibration", "--adc-bits or --refresh"]),
        (
            "simulate lenet5-fashion-int8 --data IMAGES --programming-error 0.1 --copies alike",
            ["--copies", "one copy of every layer"],
        ),
        (
            "simulate lenet5-fashion-int8 --data IMAGES --programming-error 0.1 --reads alike",
            ["--reads", "read without noise"],
        ),
        ("export spice lenet5-fashion-int8 --layer conv1 --adc-bits 8", ["--adc-bits", "give --image"]),
        ("export spice lenet5-fashion-int8 --layer conv1 --drive right", ["--drive", "give --wire"]),
        ("export spice lenet5-fashion-int8 --layer conv1 --refresh", ["--refresh", "give --image"]),
        (
            "export spice lenet5-fashion-int8 --layer conv1 --drift 0.1 --age 10 --drift-compensation crossbar",
            ["--drift-compensation", "give --image"],
        ),
        ("export spice lenet5-fashion-int8 --layer conv1 --set mnist", ["--set", "give --image"]),
    ] {
        let files = Files::new();
        refused(&mut tilewright(&files.named(line)), &parts);
    }
    assert!(!Path::new("somewhere").exists());
}

/// An option has effect if it has one in any of the runs that vary.
#[test]
fn what_a_variation_heeds_is_heeded() {
    let files = Files::new();
    let few = "simulate lenet5-fashion-int8 --scheme im2col --limit 4 --layer-images 0 --data IMAGES";
    files.result(&format!("{few} --adc-range 99 --vary adc-bits=6")).unwrap_or_else(|error| panic!("{error}"));
    files.result(&format!("{few} --wire 2 --predistort 1 --vary wire=0")).unwrap_or_else(|error| panic!("{error}"));
    files.result(&format!("{few} --seeds 2 --vary programming-error=0.05")).unwrap_or_else(|error| panic!("{error}"));
}
