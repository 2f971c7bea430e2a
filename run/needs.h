/* --needs: what files take from libgio, and we do not have. They are read, and neither loaded nor run. */
#ifndef NEEDS_H
#define NEEDS_H

#include <stdbool.h>

/* Files up to a NULL; --deep may stand among them. The exit status: 0, 1 if something is needed, 125 if that cannot be
 * said. */
int needs_list (char **files, bool deep);

#endif
