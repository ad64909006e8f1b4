"""The virtual environment that OTT-JAX is installed in."""
import sys
from pathlib import Path

from commands import ROOT, run

# OTT-JAX's neural solvers import diffrax, which it does not require.
PACKAGES = ["ott-jax==0.6.0", "jax[cpu]==0.10.2", "flax==0.12.8", "optax==0.2.8", "diffrax==0.7.2"]


def add_venv_argument(parser):
    parser.add_argument("--venv", type=Path, default=ROOT / "build" / "peer-venv",
                        help="virtual environment for OTT-JAX, made if absent [build/peer-venv]")


def prepare_environment(folder):
    """The interpreter of a virtual environment that has PACKAGES."""
    folder = folder.absolute()
    python, stamp = folder / "bin" / "python", folder / "packages.txt"
    wanted = "\n".join(PACKAGES)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing {', '.join(PACKAGES)} into {folder}", file=sys.stderr)
    run([sys.executable, "-m", "venv", folder], "making the virtual environment (Debian: python3-venv)")
    run([python, "-m", "pip", "install", "--quiet", *PACKAGES], "installing OTT-JAX")
    stamp.write_text(wanted)
    return python
