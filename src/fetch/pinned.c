/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GNetworkAddress, because GIO and libsoup take the name to verify from one, with an enumerator that never asks the
 * DNS. */
#include "fetch/pinned.h"

struct _RsPinnedAddress
{
  GNetworkAddress parent_instance;
  GPtrArray *addresses;
};

#define RS_TYPE_PINNED_ENUMERATOR (rs_pinned_enumerator_get_type ())
G_DECLARE_FINAL_TYPE (RsPinnedEnumerator, rs_pinned_enumerator, RS, PINNED_ENUMERATOR, GSocketAddressEnumerator)

struct _RsPinnedEnumerator
{
  GSocketAddressEnumerator parent_instance;
  RsPinnedAddress *pinned;
  guint next;
};

G_DEFINE_FINAL_TYPE (RsPinnedEnumerator, rs_pinned_enumerator, G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static void pinned_connectable_init (GSocketConnectableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RsPinnedAddress, rs_pinned_address, G_TYPE_NETWORK_ADDRESS,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE, pinned_connectable_init))

static GSocketAddress *
rs_pinned_enumerator_next (GSocketAddressEnumerator *enumerator, GCancellable *cancellable, GError **error)
{
  RsPinnedEnumerator *self = RS_PINNED_ENUMERATOR (enumerator);
  GPtrArray *addresses = self->pinned->addresses;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || self->next >= addresses->len)
    return NULL;
  return g_object_ref (addresses->pdata[self->next++]);
}

static void
rs_pinned_enumerator_finalize (GObject *object)
{
  g_object_unref (RS_PINNED_ENUMERATOR (object)->pinned);
  G_OBJECT_CLASS (rs_pinned_enumerator_parent_class)->finalize (object);
}

static void
rs_pinned_enumerator_class_init (RsPinnedEnumeratorClass *class)
{
  /* the asynchronous variants of the parent class call this one, which never blocks */
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (class)->next = rs_pinned_enumerator_next;
  G_OBJECT_CLASS (class)->finalize = rs_pinned_enumerator_finalize;
}

static void
rs_pinned_enumerator_init (RsPinnedEnumerator *self)
{
}

static GSocketAddressEnumerator *
rs_pinned_address_enumerate (GSocketConnectable *connectable)
{
  RsPinnedEnumerator *enumerator = g_object_new (RS_TYPE_PINNED_ENUMERATOR, NULL);

  enumerator->pinned = g_object_ref (RS_PINNED_ADDRESS (connectable));
  return G_SOCKET_ADDRESS_ENUMERATOR (enumerator);
}

static void
pinned_connectable_init (GSocketConnectableIface *iface)
{
  iface->enumerate = rs_pinned_address_enumerate;
  /* the parent's would resolve the name again, and ask for a proxy */
  iface->proxy_enumerate = rs_pinned_address_enumerate;
}

static void
rs_pinned_address_finalize (GObject *object)
{
  g_clear_pointer (&RS_PINNED_ADDRESS (object)->addresses, g_ptr_array_unref);
  G_OBJECT_CLASS (rs_pinned_address_parent_class)->finalize (object);
}

static void
rs_pinned_address_class_init (RsPinnedAddressClass *class)
{
  G_OBJECT_CLASS (class)->finalize = rs_pinned_address_finalize;
}

static void
rs_pinned_address_init (RsPinnedAddress *self)
{
}

GSocketConnectable *
rs_pinned_address_new (const char *host, guint16 port, GPtrArray *addresses)
{
  RsPinnedAddress *self = g_object_new (RS_TYPE_PINNED_ADDRESS, "hostname", host, "port", (guint)port, NULL);

  self->addresses = g_ptr_array_ref (addresses);
  return G_SOCKET_CONNECTABLE (self);
}
