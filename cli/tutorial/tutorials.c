/*
 * The notebook is docs/tutorials/neural/300_ENOT.ipynb of OTT-JAX. 2.28 stands in its versions up to commit 53749489, the
 * other references in 41db1535.
 *
 * squares and moons: by default our measures are distributed as the notebook's. Gaussians of standard deviation .25 around
 * centres at 5; curves with noise .05, turned by 30 and -30 degrees, scaled by 1 and .6, moved to (0, -.5) and (.5, -2). Its
 * duals are taken over 512 rows a side for squares and, by its samplers' batch and its pictures, over 256 for moons. The
 * errors are standard deviations, over 20 draws, of the discrete transport cost between so many rows of our measures.
 *
 * rings: the notebook prints no dual. Its source is one crescent, its rings have radii .75, 1.65, 2.7 and 3.6; ours resemble
 * them.
 */
#include "tutorial/tutorials.h"

#include <string.h>

#include "arguments/suggest.h"

#define FIVE "measure:square_five"
#define FOUR "measure:square_four"
#define MOONS "measure:moons"
#define S_CURVE "measure:s_curve"
#define BESIDE_RINGS "measure:moons:both=1,noise=0.1,scale=2,rotation=90,x=-4.5,y=-1"
#define RINGS "measure:rings:scale=3.6"
#define CAPS "measure:sphere_mixture:layout="

const tutorial tutorials[] = {
    {"squares", FIVE, FOUR, "sqeuclidean", 21.14, 0.10, "five Gaussians torn apart and joined into four"},
    {"rings", BESIDE_RINGS, RINGS, "sqeuclidean", 0, 0, "two moons spread over four rings beside them"},
    {"moons", MOONS, S_CURVE, "sqeuclidean", 5.11, 0.18, "a half moon bent into the letter S"},
    {"moons_pnorm", MOONS, S_CURVE, "pnorm:p=1.5", 2.63, 0.07, "the same under |x - y|_p^p / p with p = 1.5"},
    {"moons_euclidean", MOONS, S_CURVE, "euclidean", 2.28, 0.04, "the same under the distance, not its square"},
    {"sphere", CAPS "1", CAPS "2", "geodesic", 0, 0, "caps moved over a globe along great circles"},
};

const size_t tutorial_count = sizeof tutorials / sizeof *tutorials;

const tutorial *tutorial_find(const char *name, const char **nearest) {
    suggestion suggestion;
    suggest_begin(&suggestion, name);
    for (size_t i = 0; i < tutorial_count; i++) {
        if (strcmp(tutorials[i].name, name) == 0) return &tutorials[i];
        suggest_consider(&suggestion, tutorials[i].name);
    }
    *nearest = suggestion.nearest;
    return NULL;
}
