"""Virtual environments that peers are installed in."""
import sys
from pathlib import Path

from commands import ROOT, run

# OTT-JAX's neural solvers import diffrax, which it does not require.
OTT_PACKAGES = ["ott-jax==0.6.0", "jax[cpu]==0.10.2", "flax==0.12.8", "optax==0.2.8", "diffrax==0.7.2"]


def add_venv_argument(parser, folder="peer-venv", peer="OTT-JAX"):
    parser.add_argument("--venv", type=Path, default=ROOT / "build" / folder,
                        help=f"virtual environment for {peer}, made if absent [build/{folder}]")


def prepare_environment(folder, packages=OTT_PACKAGES):
    """The interpreter of a virtual environment that has the packages."""
    folder = folder.absolute()
    python, stamp = folder / "bin" / "python", folder / "packages.txt"
    wanted = "\n".join(packages)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing {', '.join(packages)} into {folder}", file=sys.stderr)
    run([sys.executable, "-m", "venv", folder], "making the virtual environment (Debian: python3-venv)")
    run([python, "-m", "pip", "install", "--quiet", *packages], f"installing {packages[0]}")
    stamp.write_text(wanted)
    return python
