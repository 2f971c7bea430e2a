/* In the place of libusb: one device, which answers by the number of a control request. */
#pragma once

#include <glib.h>

typedef enum
{
  USB_ANSWERS = 1,
  USB_REFUSES,
  USB_IS_SILENT,
} UsbRequest;

/* Whether there is no bus at all. Without usb-double.c it is nobody's. */
extern gboolean usb_double_fails;
