/* For the programs of this folder when they are built for libgio. */
#include <gio/gio.h>
