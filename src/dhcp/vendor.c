/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks sub-options. A list is read to its end before anything of it is believed: half a list may as well be something
 * else altogether. */
#include "dhcp/vendor.h"

static guint32
read_number (const guint8 *data,
             gsize         size)
{
  guint32 number = 0;

  for (gsize i = 0; i < size; i++)
    number = number << 8 | data[i];
  return number;
}

/* Lists of code and length, each of width bytes, and value. */
static gboolean
walk (const guint8  *data,
      gsize          length,
      gsize          width,
      guint32        sub,
      RsVendorValue *value)
{
  while (length > 0)
    {
      guint32 code, size;

      if (length < 2 * width)
        return FALSE;
      code = read_number (data, width);
      size = read_number (data + width, width);
      data += 2 * width;
      length -= 2 * width;
      if (size > length)
        return FALSE;
      if (code == sub && value->data == NULL)
        *value = (RsVendorValue){ data, size };
      data += size;
      length -= size;
    }
  return TRUE;
}

gboolean
rs_vendor_find (const guint8  *data,
                gsize          length,
                guint8         sub,
                RsVendorValue *value)
{
  *value = (RsVendorValue){ NULL, 0 };
  while (length > 0 && *data != 255)
    {
      gsize size;

      if (*data == 0)
        {
          data++;
          length--;
          continue;
        }
      if (length < 2 || data[1] > length - 2)
        return FALSE;
      size = data[1];
      if (*data == sub && value->data == NULL)
        *value = (RsVendorValue){ data + 2, size };
      data += 2 + size;
      length -= 2 + size;
    }
  return TRUE;
}

gboolean
rs_vendor_find_enterprise (const guint8  *data,
                           gsize          length,
                           gboolean       v6,
                           guint32        enterprise,
                           guint16        sub,
                           RsVendorValue *value)
{
  *value = (RsVendorValue){ NULL, 0 };
  if (v6)
    {
      RsVendorValue other = { NULL, 0 };

      if (length < 4)
        return FALSE;
      return walk (data + 4, length - 4, 2, sub, read_number (data, 4) == enterprise ? value : &other);
    }
  while (length > 0)
    {
      RsVendorValue other = { NULL, 0 };
      gsize size;

      if (length < 5 || data[4] > length - 5)
        return FALSE;
      size = data[4];
      if (!walk (data + 5, size, 1, sub, read_number (data, 4) == enterprise ? value : &other))
        return FALSE;
      data += 5 + size;
      length -= 5 + size;
    }
  return TRUE;
}
