/* All that is in gio-2.0.vapi and asyncresult.vapi beside this file: the name is that of the pkg-config module.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
