/* What the programs of asr.h share. */
#pragma once

#include "harness.h"

#include <asyncresult/asr.h>

/* One critical of this text is to come now. */
static inline void
expect_refusal (const char *text)
{
  g_test_expect_message ("asyncresult", G_LOG_LEVEL_CRITICAL, text);
}
