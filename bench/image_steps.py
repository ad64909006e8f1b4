"""Times training steps of a UNet and a ResNet critic in JAX; bench/peer_images.py runs it where JAX and Flax are installed.

The networks of src/net/conv and the step of src/train/step/image_step.c on random images, both Adam updates included, in
one compiled function. Prints one JSON object: seconds a step by the clock and of all processors together.
"""
import argparse
import importlib.metadata
import json
import time
from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

LEAKY_SLOPE, RESIDUAL_FACTOR, FILTERS_MOST = 0.2, 0.1, 512


def convolution(features, size, bias):
    return nn.Conv(features, (size, size), padding="SAME", use_bias=bias)


def doubling(size):
    """[2 size, size]: bilinear to twice the size, corners on corners."""
    position = np.arange(2 * size) * (size - 1) / (2 * size - 1)
    return jnp.asarray(np.maximum(0, 1 - np.abs(position[:, None] - np.arange(size))), jnp.float32)


def up_sampled(x):
    return jnp.einsum("rh,nhwc,qw->nrqc", doubling(x.shape[1]), x, doubling(x.shape[2]))


class DoubleConvolution(nn.Module):
    middle: int
    outputs: int

    @nn.compact
    def __call__(self, x):
        for features in (self.middle, self.outputs):
            x = convolution(features, 3, False)(x)
            x = nn.relu(nn.BatchNorm(use_running_average=False, momentum=0.9, epsilon=1e-5)(x))
        return x


class UNet(nn.Module):
    width: int
    depth: int

    @nn.compact
    def __call__(self, x):
        channels, skips = x.shape[-1], []
        for level in range(self.depth + 1):
            outputs = self.width << min(level, self.depth - 1)
            x = nn.max_pool(x, (2, 2), (2, 2)) if level > 0 else x
            x = DoubleConvolution(outputs, outputs)(x)
            skips.append(x)
        for level in reversed(range(self.depth)):
            x = jnp.concatenate([skips[level], up_sampled(x)], axis=-1)
            x = DoubleConvolution(self.width << level, self.width << max(level - 1, 0))(x)
        return convolution(channels, 1, True)(x)


class Block(nn.Module):
    outputs: int

    @nn.compact
    def __call__(self, x):
        inputs = x.shape[-1]
        branch = convolution(min(inputs, self.outputs), 3, True)(nn.leaky_relu(x, LEAKY_SLOPE))
        branch = convolution(self.outputs, 3, True)(nn.leaky_relu(branch, LEAKY_SLOPE))
        shortcut = x if inputs == self.outputs else convolution(self.outputs, 1, False)(x)
        return shortcut + RESIDUAL_FACTOR * branch


class Critic(nn.Module):
    filters: int
    halvings: int

    @nn.compact
    def __call__(self, x):
        width = min(self.filters, FILTERS_MOST)
        x = convolution(width, 3, True)(x)
        for level in range(self.halvings + 1):
            following = min(2 * width, FILTERS_MOST) if level < self.halvings else width
            x = nn.avg_pool(x, (2, 2), (2, 2)) if level > 0 else x
            x = Block(following)(Block(width)(x))
            width = following
        return nn.Dense(1)(nn.leaky_relu(x, LEAKY_SLOPE).reshape(len(x), -1))[:, 0]


def cost(x, y):
    return 0.5 * jnp.sum((x - y) ** 2, axis=(1, 2, 3))


def push_of(excess, options):
    """The derivative of the expectile penalty."""
    return 2 * options.coefficient * jnp.where(excess > 0, options.tau, 1 - options.tau) * excess


def gradients(unet, critic, options, state, x, y):
    """Of both networks, and the UNet's moved statistics. What goes forward through the critic goes once."""
    def moved_by(parameters):
        displacement, moved = unet.apply({"params": parameters, "batch_stats": state["statistics"]}, x,
                                         mutable=["batch_stats"])
        return x + displacement, moved["batch_stats"]

    target, back_to_mapper, statistics = jax.vjp(moved_by, state["mapper"], has_aux=True)
    at_target, back_from_target = jax.vjp(lambda p, z: critic.apply({"params": p}, z), state["critic"], target)
    at_y, back_from_y = jax.vjp(lambda p: critic.apply({"params": p}, y), state["critic"])
    share = 1 / len(x)
    push = push_of(cost(x, target) - at_target - cost(x, y) + at_y, options)
    of_target, of_y = back_from_target(share * (1 - push))[0], back_from_y(share * (push - 1))[0]
    slope = back_from_target(jnp.ones_like(at_target))[1]
    return (back_to_mapper(share * (target - x - slope))[0], jax.tree.map(jnp.add, of_target, of_y), statistics)


def train(unet, critic, adam, options, state, x, y):
    of_mapper, of_critic, statistics = gradients(unet, critic, options, state, x, y)
    result = {"statistics": statistics}
    for name, gradient in (("mapper", of_mapper), ("critic", of_critic)):
        update, result["adam_" + name] = adam.update(gradient, state["adam_" + name])
        result[name] = optax.apply_updates(state[name], update)
    return result


def create_state(unet, critic, adam, x):
    made = unet.init(jax.random.key(0), x)
    state = {"mapper": made["params"], "statistics": made["batch_stats"],
             "critic": critic.init(jax.random.key(1), x)["params"]}
    for name in ("mapper", "critic"):
        state["adam_" + name] = adam.init(state[name])
    return state


def count(parameters):
    return sum(leaf.size for leaf in jax.tree.leaves(parameters))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("image-size", "channels", "width", "depth", "filters", "halvings", "batch"):
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--steps", type=int, required=True, help="to time, after two others")
    parser.add_argument("--tau", type=float, default=0.99)
    parser.add_argument("--coefficient", type=float, default=0.5)
    return parser.parse_args()


def main():
    options = parse_arguments()
    unet, critic = UNet(options.width, options.depth), Critic(options.filters, options.halvings)
    shape = (options.batch, options.image_size, options.image_size, options.channels)
    x, y = (jax.random.normal(jax.random.key(seed), shape) for seed in (2, 3))
    adam = optax.adam(1e-6)
    state = create_state(unet, critic, adam, x)
    step = jax.jit(partial(train, unet, critic, adam, options), donate_argnums=0)
    for _ in range(2):
        state = jax.block_until_ready(step(state, x, y))
    begun, used = time.perf_counter(), time.process_time()
    for _ in range(options.steps):
        state = step(state, x, y)
    jax.block_until_ready(state)
    passed, used = time.perf_counter() - begun, time.process_time() - used
    print(json.dumps({"step": passed / options.steps, "processors": used / options.steps,
                      "mapper_weights": count(state["mapper"]), "critic_weights": count(state["critic"]),
                      "versions": {name: importlib.metadata.version(name) for name in ("jax", "flax", "optax")}}))


if __name__ == "__main__":
    main()
