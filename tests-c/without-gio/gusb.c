/* libgusb: makes a context, looks for devices, transfers, cancels, fails. With the argument "device" there is one device, and
 * no other: of usb-double.c, with which the program is linked. */
#include "without-gio.h"

#include <gusb.h>
#include <string.h>

#include "usb-double.h"

static void
transfer (GUsbDevice *device, const char *what, UsbRequest request, GCancellable *cancellable, gboolean cancels)
{
  Wait wait = { NULL, NULL };
  guint8 data[4] = { 0 };
  GError *error = NULL;
  GAsyncResult *result;
  gssize length;

  g_usb_device_control_transfer_async (device, G_USB_DEVICE_DIRECTION_DEVICE_TO_HOST, G_USB_DEVICE_REQUEST_TYPE_VENDOR,
                                       G_USB_DEVICE_RECIPIENT_DEVICE, request, 0, 0, data, sizeof data, 0, cancellable,
                                       wait_done, &wait);
  if (cancels)
    g_cancellable_cancel (cancellable);
  g_print ("%s: %s\n", what, wait.result == NULL ? "is under way" : "called back at once");
  result = wait_for_result (&wait);
  length = g_usb_device_control_transfer_finish (device, result, &error);
  if (length >= 0)
    g_print ("%s: %d bytes, %02x %02x %02x %02x\n", what, (int) length, data[0], data[1], data[2], data[3]);
  print_outcome (what, length >= 0, error);
  g_object_unref (result);
}

/* Waits until nobody else holds it: libgusb's thread drops its tasks after it has returned their results. */
static void
let_go (GCancellable *cancellable)
{
  for (guint i = 0; i < 10000 && g_atomic_int_get (&G_OBJECT (cancellable)->ref_count) > 1; i++)
    g_usleep (1000);
}

static void
with_device (GUsbContext *context)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  GUsbDevice *device = g_usb_context_find_by_vid_pid (context, 0x1234, 0x5678, &error);

  print_outcome ("find", device != NULL, error);
  error = NULL;
  transfer (device, "not open", USB_ANSWERS, NULL, FALSE);
  print_outcome ("open", g_usb_device_open (device, &error), error);
  transfer (device, "answered", USB_ANSWERS, NULL, FALSE);
  transfer (device, "answered, cancellable", USB_ANSWERS, cancellable, FALSE);
  transfer (device, "refused", USB_REFUSES, cancellable, FALSE);
  transfer (device, "silent, then cancelled", USB_IS_SILENT, cancellable, TRUE);
  transfer (device, "cancelled before", USB_IS_SILENT, cancellable, FALSE);
  g_cancellable_reset (cancellable);
  transfer (device, "reset", USB_ANSWERS, cancellable, FALSE);
  transfer (device, "answered, and cancelled", USB_ANSWERS, cancellable, TRUE);
  error = NULL;
  print_outcome ("close", g_usb_device_close (device, &error), error);
  g_object_unref (device);
  let_go (cancellable);
  g_print ("cancellable: %u references\n", G_OBJECT (cancellable)->ref_count);
  g_object_unref (cancellable);
}

int
main (int argc, char **argv)
{
  gboolean doubled = argc > 1 && strcmp (argv[1], "device") == 0;
  GError *error = NULL;
  GUsbContext *context;
  GPtrArray *devices;

  usb_double_fails = doubled;
  if (doubled)
    {
      context = g_usb_context_new (&error);
      print_outcome ("no bus", context != NULL, error);
      usb_double_fails = FALSE;
      error = NULL;
    }
  context = g_usb_context_new (&error);
  print_outcome ("context", context != NULL, error);
  g_print ("initable: %d\n", G_IS_INITABLE (context));
  g_usb_context_enumerate (context);
  devices = g_usb_context_get_devices (context);
  g_print ("%u devices\n", devices->len);
  g_ptr_array_unref (devices);
  error = NULL;
  print_outcome ("no such device", g_usb_context_find_by_vid_pid (context, 1, 1, &error) != NULL, error);
  if (doubled)
    with_device (context);
  g_object_add_weak_pointer (G_OBJECT (context), (gpointer *) &context);
  g_object_unref (context);
  g_print ("context is %s\n", context == NULL ? "freed" : "alive");
  return finish ();
}
