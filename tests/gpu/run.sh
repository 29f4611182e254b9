#!/usr/bin/env bash
# What a graphics card makes of thinking in vectors: parity, then token steps and concept steps a second, one and sixteen
# thoughts at once, in Q8_0 and Q4_0. The models are made on the spot, of random weights in a real one's shape.
#
#   tests/gpu/run.sh [PROGRAM]    PROGRAM: artifacts/aot/ggufconcepts unless named
#
# To take to a machine that has neither .NET nor npm:
#   IlcInstructionSet=x86-64-v3 ./build.sh aot --gpu vulkan     (or cuda), then copy artifacts/aot and this file
# SHAPE=narrow tries it in a minute on a slow device; GPU=N puts N layers on the card instead of all.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${1:-$root/artifacts/aot/ggufconcepts}
shape=${SHAPE:-qwen2.5-1.5b} gpu=${GPU:-all}
[ -x "$program" ] || { echo "run.sh: $program is no program; build it: ./build.sh aot --gpu vulkan" >&2; exit 2; }

models=$(mktemp -d)
trap 'rm -rf "$models"' EXIT

if command -v nvidia-smi > /dev/null; then nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true; fi
for type in Q8_0 Q4_0; do
    model=$models/$shape-$type.gguf
    "$program" models make --shape "$shape" --type "$type" --out "$model"
    "$program" doctor --model "$model" --gpu "$gpu" | grep -E '^(device|GPU module|model|parity|problem)'
    "$program" bench --model "$model" --gpu "$gpu" --batch 1,16 --blocks "${BLOCKS:-20}" --steps "${STEPS:-32}"
done
