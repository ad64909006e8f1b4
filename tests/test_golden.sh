#!/usr/bin/env bash
# Replays the reference trajectories beside the repository, if they are there. Usage: test_golden.sh GOLDEN
set -euo pipefail
cd "$(dirname "$0")/.."
if ! compgen -G '../shared/golden/*.safetensors' >/dev/null; then
    echo 'skipped: ../shared/golden is absent'
    exit 77
fi
"$1" ../shared/golden/*.safetensors
