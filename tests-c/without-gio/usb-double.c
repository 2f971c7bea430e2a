/* The functions of libusb that libgusb calls. The dynamic linker finds a program's before those of libusb itself. */
#include "usb-double.h"

#include <libusb.h>
#include <string.h>

gboolean usb_double_fails;

struct libusb_device
{
  int unused;
};
struct libusb_device_handle
{
  int unused;
};

static libusb_device the_device;
static libusb_device_handle the_handle;

/* Guards the transfers that are under way. */
static GMutex mutex;
static GCond cond;
static GQueue under_way = G_QUEUE_INIT;

int
libusb_init (libusb_context **context)
{
  if (usb_double_fails)
    return LIBUSB_ERROR_ACCESS;
  *context = (libusb_context *) &the_device;
  return LIBUSB_SUCCESS;
}

void
libusb_exit (libusb_context *context G_GNUC_UNUSED)
{
}

int
libusb_set_option (libusb_context *context G_GNUC_UNUSED, enum libusb_option option G_GNUC_UNUSED, ...)
{
  return LIBUSB_SUCCESS;
}

int
libusb_has_capability (uint32_t capability G_GNUC_UNUSED)
{
  return 0;
}

const char *
libusb_strerror (int code)
{
  return code == LIBUSB_ERROR_ACCESS ? "no access" : "another error";
}

ssize_t
libusb_get_device_list (libusb_context *context G_GNUC_UNUSED, libusb_device ***list)
{
  *list = g_new0 (libusb_device *, 2);
  **list = &the_device;
  return 1;
}

void
libusb_free_device_list (libusb_device **list, int unref G_GNUC_UNUSED)
{
  g_free (list);
}

libusb_device *
libusb_ref_device (libusb_device *device)
{
  return device;
}

void
libusb_unref_device (libusb_device *device G_GNUC_UNUSED)
{
}

int
libusb_get_device_descriptor (libusb_device *device G_GNUC_UNUSED, struct libusb_device_descriptor *descriptor)
{
  memset (descriptor, 0, sizeof *descriptor);
  descriptor->idVendor = 0x1234;
  descriptor->idProduct = 0x5678;
  return LIBUSB_SUCCESS;
}

uint8_t
libusb_get_bus_number (libusb_device *device G_GNUC_UNUSED)
{
  return 1;
}

uint8_t
libusb_get_device_address (libusb_device *device G_GNUC_UNUSED)
{
  return 2;
}

uint8_t
libusb_get_port_number (libusb_device *device G_GNUC_UNUSED)
{
  return 3;
}

libusb_device *
libusb_get_parent (libusb_device *device G_GNUC_UNUSED)
{
  return NULL;
}

int
libusb_open (libusb_device *device G_GNUC_UNUSED, libusb_device_handle **handle)
{
  *handle = &the_handle;
  return LIBUSB_SUCCESS;
}

void
libusb_close (libusb_device_handle *handle G_GNUC_UNUSED)
{
}

struct libusb_transfer *
libusb_alloc_transfer (int n_packets G_GNUC_UNUSED)
{
  return g_new0 (struct libusb_transfer, 1);
}

void
libusb_free_transfer (struct libusb_transfer *transfer)
{
  g_free (transfer);
}

int
libusb_submit_transfer (struct libusb_transfer *transfer)
{
  switch (libusb_control_transfer_get_setup (transfer)->bRequest)
    {
    case USB_ANSWERS:
      transfer->actual_length = 4;
      memcpy (libusb_control_transfer_get_data (transfer), "\x01\x02\x03\x04", 4);
      transfer->status = LIBUSB_TRANSFER_COMPLETED;
      break;
    case USB_REFUSES:
      transfer->status = LIBUSB_TRANSFER_STALL;
      break;
    default:
      /* None: the transfer stays. */
      transfer->status = (enum libusb_transfer_status) -1;
    }
  g_mutex_lock (&mutex);
  g_queue_push_tail (&under_way, transfer);
  g_cond_broadcast (&cond);
  g_mutex_unlock (&mutex);
  return LIBUSB_SUCCESS;
}

int
libusb_cancel_transfer (struct libusb_transfer *transfer)
{
  g_mutex_lock (&mutex);
  if (g_queue_find (&under_way, transfer) != NULL)
    transfer->status = LIBUSB_TRANSFER_CANCELLED;
  g_cond_broadcast (&cond);
  g_mutex_unlock (&mutex);
  return LIBUSB_SUCCESS;
}

/* The first that has ended, or NULL. */
static struct libusb_transfer *
take_ended (void)
{
  for (GList *link = under_way.head; link != NULL; link = link->next)
    {
      struct libusb_transfer *transfer = link->data;

      if ((int) transfer->status == -1)
        continue;
      g_queue_delete_link (&under_way, link);
      return transfer;
    }
  return NULL;
}

int
libusb_handle_events_timeout_completed (libusb_context *context G_GNUC_UNUSED, struct timeval *timeout,
                                        int *completed G_GNUC_UNUSED)
{
  gint64 end = g_get_monotonic_time () + timeout->tv_sec * G_USEC_PER_SEC + timeout->tv_usec;
  struct libusb_transfer *transfer;

  g_mutex_lock (&mutex);
  while ((transfer = take_ended ()) == NULL && g_cond_wait_until (&cond, &mutex, end))
    ;
  g_mutex_unlock (&mutex);
  if (transfer != NULL)
    transfer->callback (transfer);
  return LIBUSB_SUCCESS;
}
