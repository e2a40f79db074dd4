/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ways to a profile for a phone that has none, one after another until one of them has yielded a profile that applies (DISC-1). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RS_SOURCE_DHCP,       /* the servers that the lease names */
  RS_SOURCE_SRV,        /* those that SRV records of the lease's domain name (DISC-7) */
  RS_SOURCE_REDIRECT,   /* the redirect service (DISC-10) */
  RS_SOURCE_ACTIVATION, /* the activation screen (DISC-11) */
  RS_SOURCE_NONE,       /* every way has failed (DISC-12) */
} RsSource;

typedef struct
{
  gboolean provisioned;    /* a profile came before: nobody is asked who the provider is (DISC-2) */
  gboolean has_domain;     /* the lease names one */
  gboolean has_redirect;   /* there is a redirect service to ask */
  gboolean has_activation; /* there is an activation service, and it may be asked (STATE-5) */
} RsSourceFacts;

/* What is asked first; DHCP always is. */
RsSource rs_source_first (const RsSourceFacts *facts);

/* What is asked after source has failed. */
RsSource rs_source_next (RsSource             source,
                         const RsSourceFacts *facts);

G_END_DECLS
