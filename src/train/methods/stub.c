#include "train/methods/method.h"
const method method_monge_gap={0}, method_w2gn={0};
