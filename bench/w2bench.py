"""Benchmark pairs whose optimal map is known (Korotin et al. 2021), drawn and mapped in JAX; the file is read without it."""
import jax
import jax.numpy as jnp
import numpy as np

from tensor_file import read_tensors

CURVATURE = 0.01


def read_potential(tensors, name):
    """What dense_icnn needs of the network: its quadratic layers, convex layers and the last one."""
    def folder(kind):
        count = len({key.split(".")[2] for key in tensors if key.startswith(f"{name}.{kind}.")})
        return [f"{name}.{kind}.{i}" for i in range(count)]

    quadratic = [(tensors[f"{at}.quadratic_decomposed"], tensors[f"{at}.weight"], tensors[f"{at}.bias"])
                 for at in folder("quadratic_layers")]
    convex = [tensors[f"{at}.weight"] for at in folder("convex_layers")]
    return quadratic, convex, tensors[f"{name}.final_layer.weight"]


def dense_icnn(potential, x):
    """Sum of the convex function over the rows of x; src/measures/icnn.h has the formula."""
    def quadratic_layer(factors, weight, bias):
        dim, rank, width = factors.shape
        squares = (x @ factors.reshape(dim, -1)) ** 2
        return squares.reshape(-1, rank, width).sum(axis=1) + x @ weight.T + bias

    quadratic, convex, final = potential
    z = quadratic_layer(*quadratic[0])
    for layer, weight in zip(quadratic[1:], convex):
        z = jax.nn.celu(z @ weight.T + quadratic_layer(*layer))
    return (z @ final.T).sum() + CURVATURE / 2 * (x ** 2).sum()


class Pair:
    def __init__(self, path):
        tensors = {name: np.asarray(numbers).reshape(shape) for name, (shape, numbers) in read_tensors(path)[1].items()}
        self.centers, self.maps, self.std = (tensors[f"source.{key}"] for key in ("centers", "maps", "std"))
        self.shift, self.scale = tensors["target.shift"], tensors["target.scale"]
        self.potentials = [read_potential(tensors, name) for name in ("v1", "v2")]
        self.dim = self.centers.shape[1]

    def source(self, key, count):
        which, normal = jax.random.split(key)
        component = jax.random.randint(which, (count,), 0, len(self.centers))
        z = self.std * jax.random.normal(normal, (count, self.dim))
        spread = jnp.einsum("kij,nj->nki", self.maps, z)[jnp.arange(count), component]
        return spread + jnp.asarray(self.centers)[component]

    def true_map(self, x):
        gradient = sum(jax.grad(dense_icnn, argnums=1)(potential, x) for potential in self.potentials)
        return self.scale * (gradient + self.shift)

    def target(self, key, count):
        return self.true_map(self.source(key, count))
