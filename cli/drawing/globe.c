#include "drawing/globe.h"

#include <math.h>
#include <string.h>

#define MARGIN 0.03
#define PATH_POINTS 97
#define ARC_POINTS 49
#define HEAD_POINTS 16 /* of an arc: over so many its head looks back for its direction */
#define GRATICULE 30   /* degrees */

static double dot(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

static void cross(const double a[3], const double b[3], double out[3]) {
    for (int i = 0; i < 3; i++) out[i] = a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
}

static void normalize(double v[3]) {
    double length = sqrt(dot(v, v));
    for (int i = 0; i < 3 && length > 0; i++) v[i] /= length;
}

globe globe_seen_from(const double direction[3]) {
    static const double north[3] = {0, 0, 1}, anywhere[3] = {0.6, -0.6, 0.5}, east[3] = {0, 1, 0};
    globe globe;
    int seen = dot(direction, direction) > 0;
    memcpy(globe.toward, seen ? direction : anywhere, sizeof globe.toward);
    normalize(globe.toward);
    cross(north, globe.toward, globe.right);
    if (dot(globe.right, globe.right) == 0) memcpy(globe.right, east, sizeof east);
    normalize(globe.right);
    cross(globe.toward, globe.right, globe.up);
    return globe;
}

globe_side globe_project(const globe *globe, const double point[3], double xy[2]) {
    double length = sqrt(dot(point, point));
    if (!(length > 0)) length = 1;
    xy[0] = dot(globe->right, point) / length;
    xy[1] = dot(globe->up, point) / length;
    return dot(globe->toward, point) >= 0 ? GLOBE_FRONT : GLOBE_BACK;
}

int globe_lift(const globe *globe, const double xy[2], double point[3]) {
    double square = 1 - xy[0] * xy[0] - xy[1] * xy[1];
    if (square < 0) return 0;
    for (int i = 0; i < 3; i++)
        point[i] = xy[0] * globe->right[i] + xy[1] * globe->up[i] + sqrt(square) * globe->toward[i];
    return 1;
}

draw_panel globe_panel(double left, double top, double size) {
    double end = 1 + MARGIN;
    return (draw_panel){left, top, size, size, -end, end, -end, end};
}

/* The parts on a side of the way through points, [count, 3], count at most PATH_POINTS. */
static void draw_path(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side, const double *points,
                      size_t count, double width, draw_color color) {
    double xy[2 * PATH_POINTS];
    size_t run = 0;
    for (size_t i = 0; i < count; i++) {
        if (globe_project(globe, points + 3 * i, xy + 2 * run) == side) {
            run++;
            continue;
        }
        if (run > 1) draw_line(page, panel, xy, run, width, DRAW_SOLID, color);
        run = 0;
    }
    if (run > 1) draw_line(page, panel, xy, run, width, DRAW_SOLID, color);
}

static void place(double longitude, double latitude, double point[3]) {
    point[0] = cos(latitude) * cos(longitude);
    point[1] = cos(latitude) * sin(longitude);
    point[2] = sin(latitude);
}

void globe_draw_graticule(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side) {
    static const double center[2] = {0, 0};
    static const draw_color sea = {0.93, 0.95, 0.97, 1};
    const draw_color line = draw_faded(draw_grey, side == GLOBE_FRONT ? 0.55 : 0.16);
    double points[3 * PATH_POINTS], radians = M_PI / 180;
    if (side == GLOBE_BACK) draw_ball(page, panel, center, 1, sea);
    for (int degrees = 0; degrees < 360; degrees += GRATICULE) {
        for (int i = 0; i < PATH_POINTS; i++)
            place(degrees * radians, M_PI * i / (PATH_POINTS - 1) - M_PI / 2, points + 3 * i);
        draw_path(page, panel, globe, side, points, PATH_POINTS, 0.6, line);
    }
    for (int degrees = GRATICULE - 90; degrees < 90; degrees += GRATICULE) {
        for (int i = 0; i < PATH_POINTS; i++) place(2 * M_PI * i / (PATH_POINTS - 1), degrees * radians, points + 3 * i);
        draw_path(page, panel, globe, side, points, PATH_POINTS, 0.6, line);
    }
}

void globe_draw_points(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side, const double *points,
                       int64_t count, double radius, draw_color color) {
    for (int64_t i = 0; i < count; i++) {
        double xy[2];
        if (globe_project(globe, points + 3 * i, xy) == side) draw_points(page, panel, xy, 1, radius, color);
    }
}

void globe_draw_arc(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side, const double from[3],
                    const double to[3], draw_color color) {
    double a[3], b[3], points[3 * ARC_POINTS], tail[2], head[2];
    memcpy(a, from, sizeof a);
    memcpy(b, to, sizeof b);
    normalize(a);
    normalize(b);
    double angle = acos(fmin(fmax(dot(a, b), -1), 1)), sine = sin(angle);
    if (sine < 1e-6) return;
    for (int i = 0; i < ARC_POINTS; i++) {
        double part = (double)i / (ARC_POINTS - 1);
        for (int j = 0; j < 3; j++)
            points[3 * i + j] = (sin((1 - part) * angle) * a[j] + sin(part * angle) * b[j]) / sine;
    }
    draw_path(page, panel, globe, side, points, ARC_POINTS, DRAW_ARROW_WIDTH, color);
    globe_project(globe, points + 3 * (ARC_POINTS - 1 - HEAD_POINTS), tail);
    if (globe_project(globe, points + 3 * (ARC_POINTS - 1), head) == side) draw_arrow_head(page, panel, tail, head, color);
}
