#!/usr/bin/env python3
"""Writes conv_values.safetensors: both networks of convolutions of small size, computed with JAX in double.

Usage: conv_values.py FILE, with jax and numpy installed (bench/peer_venv.py has versions). Names are those of the library's tensors
behind "unet." or "critic.": the parameters; grad.*, their gradients; x, seed, y, grad.x; for the UNet statistics.* after one pass in
training that began with means 0 and variances 1, and y_in_use, the output with these.
"""
import json
import struct
import sys

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
DIMENSIONS = ("NHWC", "OIHW", "NHWC")
ROWS, HEIGHT, WIDTH, CHANNELS, FILTERS, HALVINGS = 3, 8, 16, 2, 2, 2


class Parameters(dict):
    """Draws what it lacks, rounded to single precision so that every build reads the same."""

    def __init__(self, seed):
        super().__init__()
        self.random = np.random.default_rng(seed)

    def draw(self, shape, mean, deviation):
        return jnp.asarray((mean + deviation * self.random.standard_normal(shape)).astype(np.float32).astype(np.float64))

    def tensor(self, name, shape, mean=0.0, deviation=0.1):
        if name not in self:
            self[name] = self.draw(shape, mean, deviation)
        return self[name]


def convolution(p, name, x, outputs, size, bias=True):
    inputs = x.shape[-1]
    weight = p.tensor(f"{name}.weight", (outputs, inputs, size, size), 0, (2 / (inputs * size * size)) ** 0.5)
    y = jax.lax.conv_general_dilated(x, weight, (1, 1), "SAME", dimension_numbers=DIMENSIONS)
    return y + p.tensor(f"{name}.bias", (outputs,)) if bias else y


def norm(p, name, x, statistics, training):
    gain, shift = p.tensor(f"{name}.weight", x.shape[-1:], 1), p.tensor(f"{name}.bias", x.shape[-1:])
    if training:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        statistics[f"{name}.running_mean"] = 0.1 * mean
        statistics[f"{name}.running_var"] = 0.9 + 0.1 * x.var((0, 1, 2), ddof=1)
    else:
        mean, variance = statistics[f"{name}.running_mean"], statistics[f"{name}.running_var"]
    return jax.nn.relu(gain * (x - mean) / jnp.sqrt(variance + 1e-5) + shift)


def double_convolution(p, name, x, middle, outputs, statistics, training):
    for number, width in enumerate((middle, outputs)):
        x = convolution(p, f"{name}.conv_{number}", x, width, 3, bias=False)
        x = norm(p, f"{name}.norm_{number}", x, statistics, training)
    return x


def pool(x, initial, operation):
    return jax.lax.reduce_window(x, initial, operation, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def double_size(x):
    """Bilinear, the corner pixels' centres on each other."""
    rows, height, width, channels = x.shape
    scale = jnp.array([(2 * n - 1) / (n - 1) for n in (height, width)])
    return jax.image.scale_and_translate(x, (rows, 2 * height, 2 * width, channels), (1, 2), scale, 0.5 - 0.5 * scale,
                                         "linear", antialias=False)


def unet(p, x, statistics, training):
    skips = []
    for level in range(HALVINGS + 1):
        width = FILTERS << min(level, HALVINGS - 1)
        x = double_convolution(p, f"down_{level}", x, width, width, statistics, training)
        skips.append(x)
        if level < HALVINGS:
            x = pool(x, -jnp.inf, jax.lax.max)
    for level in reversed(range(HALVINGS)):
        x = jnp.concatenate([skips[level], double_size(x)], -1)
        x = double_convolution(p, f"up_{level}", x, FILTERS << level, FILTERS << max(level - 1, 0), statistics, training)
    return convolution(p, "out", x, CHANNELS, 1)


def leaky(x):
    return jax.nn.leaky_relu(x, 0.2)


def block(p, name, x, outputs):
    branch = convolution(p, f"{name}.conv_0", leaky(x), min(x.shape[-1], outputs), 3)
    branch = convolution(p, f"{name}.conv_1", leaky(branch), outputs, 3)
    shortcut = x if x.shape[-1] == outputs else convolution(p, f"{name}.conv_s", x, outputs, 1, bias=False)
    return shortcut + 0.1 * branch


def critic(p, x):
    x = convolution(p, "conv_img", x, FILTERS, 3)
    for level in range(HALVINGS + 1):
        if level > 0:
            x = pool(x, 0.0, jax.lax.add) / 4
        x = block(p, f"resnet_{level}_0", x, FILTERS << level)
        x = block(p, f"resnet_{level}_1", x, FILTERS << min(level + 1, HALVINGS))
    _, height, width, channels = x.shape
    weight = p.tensor("fc.weight", (1, channels, height, width), 0, 0.2)
    return jnp.einsum("nhwc,ochw->no", leaky(x), weight) + p.tensor("fc.bias", (1,))


def results(network, p, x):
    y = network(p, x)
    seed = p.draw(y.shape, 0, 1)
    gradients, x_gradient = jax.grad(lambda q, z: (seed * network(fixed(q), z)).sum(), (0, 1))(dict(p), x)
    values = {**p, "x": x, "seed": seed, "y": y, "grad.x": x_gradient}
    return values | {f"grad.{name}": gradient for name, gradient in gradients.items()}


def fixed(values):
    p = Parameters(0)
    p.update(values)
    return p


def all_values():
    p, q = Parameters(1), Parameters(2)
    shape, statistics = (ROWS, HEIGHT, WIDTH, CHANNELS), {}
    x = p.draw(shape, 0, 1)
    values = results(lambda q, z: unet(q, z, {}, True), p, x)
    unet(p, x, statistics, True)
    values["y_in_use"] = unet(p, x, statistics, False)
    values |= {f"statistics.{name}": value for name, value in statistics.items()}
    named = {f"unet.{name}": value for name, value in values.items()}
    return named | {f"critic.{name}": value for name, value in results(critic, q, q.draw(shape, 0, 1)).items()}


def write(path, tensors):
    header, data = {}, b""
    for name, value in tensors.items():
        array = np.ascontiguousarray(value, np.float64)
        exact = np.array_equal(array.astype(np.float32), array)
        array = array.astype(np.float32) if exact else array
        header[name] = {"dtype": "F32" if exact else "F64", "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    write(sys.argv[1], all_values())
