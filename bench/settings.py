"""The sizes of training step that the benchmarks measure, and the loss that all of them have."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    dim: int
    hidden: tuple
    batch: int
    # Steps of two fits; a fit judges the map 80 times if 80 divides its steps, so their difference is training alone.
    short_fit: int
    long_fit: int
    peer_steps: int  # that OTT-JAX is timed for

    def arguments(self):
        """Of both enot fit and enot bench step."""
        return ["--form", "potential", "--activation", "elu", "--hidden", ",".join(map(str, self.hidden)),
                "--batch", self.batch, "--directions", "alternate", "--optimizer", "adam", "--tau", TAU, "--lambda", COEFFICIENT]


# Each of the differences and of OTT-JAX's stretches lasts two to four seconds on two AVX-512 cores.
SETTINGS = {
    "d64-512x3": Setting(64, (512, 512, 512), 1024, 80, 160, 40),
    "d2-128x4": Setting(2, (128, 128, 128, 128), 2048, 80, 480, 100),
    "d16-128x3": Setting(16, (128, 128, 128), 1024, 80, 1120, 400),
}
TAU, COEFFICIENT = 0.98, 0.3


def chosen(names):
    """The settings of these names, all if there are none."""
    return {name: SETTINGS[name] for name in names or SETTINGS}


def add_setting_argument(parser):
    parser.add_argument("--setting", choices=SETTINGS, action="append", help="only this one; may be repeated [all]")
