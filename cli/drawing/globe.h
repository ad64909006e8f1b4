/* The unit sphere in orthographic projection: what a distant viewer sees of it, and faintly what is behind. */
#ifndef CLI_GLOBE_H
#define CLI_GLOBE_H

#include <stdint.h>

#include "drawing/draw.h"

typedef struct globe {
    double right[3], up[3], toward[3]; /* orthonormal; toward the viewer */
} globe;

typedef enum globe_side { GLOBE_BACK, GLOBE_FRONT } globe_side;

/* Seen from direction, with north as far up as can be; from a place of the northern hemisphere if direction is 0. */
globe globe_seen_from(const double direction[3]);

/* Where the point of the sphere in the direction of point is seen, in the unit disc, and on which side. */
globe_side globe_project(const globe *globe, const double point[3], double xy[2]);

/* The point in front that is seen at xy; 0 if xy is outside the disc. */
int globe_lift(const globe *globe, const double xy[2], double point[3]);

/* A panel that the ball fills, but for a margin. */
draw_panel globe_panel(double left, double top, double size);

/* What is on a side, of the panel above: the ball or its rim, and meridians and parallels, 30 degrees apart. */
void globe_draw_graticule(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side);
/* points: [count, 3] */
void globe_draw_points(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side, const double *points,
                       int64_t count, double radius, draw_color color);
/* The shortest way, with a head where it ends; none between opposite points, which have no shortest one. */
void globe_draw_arc(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side, const double from[3],
                    const double to[3], draw_color color);

#endif
