/* For C that valac has made: it includes <gio/gio.h>. Here that is this library's header, and the rest of GIO is not there.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef ASYNCRESULT_VALA_GIO_H
#define ASYNCRESULT_VALA_GIO_H

#include <asyncresult/asyncresult.h>

#endif /* ASYNCRESULT_VALA_GIO_H */
