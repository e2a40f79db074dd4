/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "request.h"

RsRequest *
new_request (const char *path)
{
  RsRequest *request = g_new0 (RsRequest, 1);

  request->scheme = g_strdup ("http");
  request->host = g_strdup ("prov.example");
  request->port = 80;
  request->path = g_strdup (path);
  request->max_bytes = 500000;
  request->max_parameters = 10;
  request->connect_timeout = 5;
  request->transfer_timeout = 10;
  return request;
}
