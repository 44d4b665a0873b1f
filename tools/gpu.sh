#!/usr/bin/env bash
# What to do with a GPU that is yours for a quarter of an hour: a check of a minute, then the most valuable first.
#
#     COLORIZE_DATA=~/data tools/gpu.sh             all of it: check photo vgg speed
#     MINUTES=8 tools/gpu.sh check vgg              some of it, with all of the time
#     DEVICE=cpu LIMIT=64 MINUTES=1 tools/gpu.sh    a rehearsal without a GPU
#
#   check    is the device there, and do the tests that use it pass? One of them trains a network.
#   photo    the shipped network for photographs learns on: colorize train photo --start photo
#   vgg      VGG-16 at 224 pixels learns from colour, grey and coloured pictures, one seed each, and is measured
#   speed    images/s of a training step of every recipe
#
# MINUTES         for all of it (14); the share of a part that is skipped goes to the others
# COLORIZE_DATA   the folder with cifar10.tgz, and with photographs-160.tar and Tiny ImageNet, packed or not
# OUT             for weights, results and what was printed (gpu-out). The same command goes on with what is there.
# DEVICE          cuda, cuda:1 or cpu (cuda)
# RECIPE          of vgg (vgg224; on a CPU, which that would take hours, the small vgg32)
# LIMIT           use only so many pictures, a trial: 64 or more
# PYTHON          with colorize_lib installed (.venv/bin/python if there is one, else python3)
#
# A part whose data are missing is skipped in a sentence. One that fails does not keep the later ones from running,
# nor from writing what they find. The exit status is the number of parts that failed.

# shellcheck disable=SC2329  # the parts are called by their names
set -uo pipefail

OUT=${OUT:-gpu-out}
mkdir -p "$OUT" && OUT=$(cd "$OUT" && pwd) || exit 1
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
[[ -n ${PYTHON:-} ]] || { [[ -x .venv/bin/python ]] && PYTHON=.venv/bin/python; } || PYTHON=python3
MINUTES=${MINUTES:-14}
export DEVICE=${DEVICE:-cuda} PYTHONPATH=$PWD
DATA=${COLORIZE_DATA:-}
recipes=() # for speed: all
RECIPE=${RECIPE:-vgg224}
if [[ $DEVICE == cpu ]]; then
    recipes=(classification transfer vgg32)
    [[ $RECIPE != vgg224 ]] || RECIPE=vgg32
fi

# The shares of the time.
declare -A WEIGHT=([check]=1 [photo]=5 [vgg]=6 [speed]=1)
parts=("$@")
(($#)) || parts=(check photo vgg speed)
for part in "${parts[@]}"; do
    [[ -n ${WEIGHT[$part]:-} ]] || {
        echo "There is no part '$part': choose from check, photo, vgg and speed." >&2
        exit 64
    }
done

limit=() batch=()
[[ -z ${LIMIT:-} ]] || limit=(--limit "$LIMIT") batch=(--batch 16) # some of a folder are kept to follow the loss on
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
colorize=("$PYTHON" -m colorize_lib.cli)

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }

# A product of two numbers. Always the same, as a stopped training goes on only if its minutes are what they were.
product() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3g", a * b }'; }

check() {
    "$PYTHON" -c 'import os, colorize_lib.device as d
device = d.pick_device(os.environ["DEVICE"])
import torch
print(torch.cuda.get_device_name(device) if device.type == "cuda" else device, "and torch", torch.__version__)' || return
    if "$PYTHON" -c 'import hypothesis, pytest' 2>/dev/null; then
        timeout 180 "$PYTHON" -m pytest -p no:cacheprovider tests/test_gpu.py || return
        # What takes a device is tested on a GPU, too, where there is one: see tests/conftest.py.
        [[ $DEVICE == cpu ]] || timeout 120 "$PYTHON" -m pytest -p no:cacheprovider tests/colour tests/networks -k cuda
    else
        echo "The tests are left out: they need pytest and hypothesis."
    fi
}

photo() {
    local name
    for name in photographs photographs-160 tiny-imagenet-200 tiny-imagenet-200-half; do
        if [[ -d $DATA/$name ]]; then
            ln -s "$(cd "$DATA/$name" && pwd)" "$unpacked/$name"
        elif [[ -f $DATA/$name.tar ]]; then
            tar -xf "$DATA/$name.tar" -C "$unpacked" || return
        elif [[ -f $DATA/$name.tgz ]]; then
            tar -xzf "$DATA/$name.tgz" -C "$unpacked" || return
        fi
    done
    "${colorize[@]}" train photo --start photo --minutes "$1" --data "$unpacked" -o "$OUT/runs" \
        --device "$DEVICE" "${limit[@]}" "${batch[@]}"
}

# A fifth of the time is for measuring, on the poster's 1,000 pictures.
vgg() {
    "${colorize[@]}" experiment vgg --recipe "$RECIPE" --seeds 1 --minutes "$(product "$1" 0.27)" --dev 1000 --test 1000 \
        --data "$DATA" --folder "$OUT/runs/$RECIPE" -o "$OUT/results" --device "$DEVICE" "${limit[@]}"
}

# A training has to be built for each recipe too, so half of the time is measured.
speed() {
    "$PYTHON" benchmarks/speed.py "${recipes[@]}" --seconds "$(product "$1" 30)" --device "$DEVICE" \
        -o "$OUT/results/speed.json"
}

# Why a part cannot be run, if it cannot.
missing() {
    case $1 in
    photo) [[ -d $DATA/photographs || -f $DATA/photographs-160.tar ]] || echo "no photographs-160.tar in" ;;
    vgg) [[ -d $DATA/cifar10 || -f $DATA/cifar10.tgz ]] || echo "no cifar10.tgz in" ;;
    esac
}

failed=0 said=() weights=0
for part in "${parts[@]}"; do [[ -n $(missing "$part") ]] || weights=$((weights + WEIGHT[$part])); done
mkdir -p "$OUT/results" "$OUT/runs"
for part in "${parts[@]}"; do
    started=$SECONDS
    why=$(missing "$part")
    if [[ -n $why ]]; then
        said+=("$part: skipped, as there is $why COLORIZE_DATA (${DATA:-not set}).")
        echo "${said[-1]}"
        continue
    fi
    minutes=$(product "$MINUTES" "$(ratio "${WEIGHT[$part]}" "$weights")")
    printf '\n%s: %s minutes\n' "$part" "$minutes"
    "$part" "$minutes" 2>&1 | tee "$OUT/$part.log"
    status=${PIPESTATUS[0]}
    if ((status)); then
        said+=("$part: FAILED after $((SECONDS - started)) s (status $status); see $part.log.")
        failed=$((failed + 1))
    else
        said+=("$part: done in $((SECONDS - started)) s.")
    fi
    if ((status)) && [[ $part == check ]] && ! grep -q ' and torch ' "$OUT/check.log"; then
        said+=("Without the device the other parts were left out.")
        break
    fi
done
printf '\n'
printf '%s\n' "${said[@]}" | tee "$OUT/summary.txt"
exit "$failed"
