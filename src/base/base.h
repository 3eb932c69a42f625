/* base: the words every other folder speaks. Knows nothing of security. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/time.h"
#include "base/value.h"

#include <assert.h>

#define AR_COUNT(array) (sizeof(array) / sizeof(array)[0])
