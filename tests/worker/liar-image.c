/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a worker may do with the file that it was given. */
#include "liar.h"

#include <unistd.h>

#define FILE_FD 4

static void
send_part (guint64 bytes)
{
  const RsPart part = { bytes, 10, (char *)"\"v\"", (char *)DIGEST, (char *)DIGEST };

  send_frame (rs_part_to_frame (&part, NULL));
}

static void
write_image (void)
{
  g_assert_cmpint (pwrite (FILE_FD, "firmware!\n", 10, 0), ==, 10);
}

void
do_image (void)
{
  write_image ();
  send_progress (RS_STAGE_CONNECTING, 0);
  send_progress (RS_STAGE_DOWNLOADING, 5);
  send_progress (RS_STAGE_DOWNLOADING, 5);
  send_part (5);
  send_progress (RS_STAGE_DOWNLOADING, 10);
  send_part (10);
  send_success (0);
}

void
do_image_without_file (void)
{
  send_success (0);
}

void
do_image_too_long (void)
{
  g_assert_cmpint (pwrite (FILE_FD, "x", 1, 500000), ==, 1);
  send_success (0);
}

void
do_image_half (void)
{
  write_image ();
  send_part (5);
  do_crash ();
}

void
do_image_again (void)
{
  for (;;)
    {
      send_progress (RS_STAGE_DOWNLOADING, 1);
      send_progress (RS_STAGE_DOWNLOADING, 0);
    }
}

void
do_parts (void)
{
  for (;;)
    send_part (5);
}

void
do_part (void)
{
  send_part (5);
  hang ();
}
