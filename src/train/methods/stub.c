#include "train/methods/method.h"
const method method_w2gn={0};
