/* version: prints the version of the header that it was compiled with. It does not compile if the check of the version
 * is wrong. */
#include <asyncresult/asyncresult.h>

#include <stdio.h>

#define MAJOR ASYNCRESULT_MAJOR_VERSION
#define MINOR ASYNCRESULT_MINOR_VERSION
#define MICRO ASYNCRESULT_MICRO_VERSION

#if !ASYNCRESULT_CHECK_VERSION (MAJOR, MINOR, MICRO) || !ASYNCRESULT_CHECK_VERSION (MAJOR, MINOR - 1, MICRO + 1) || \
  !ASYNCRESULT_CHECK_VERSION (MAJOR - 1, MINOR + 1, MICRO + 1)
#error "This version is as new as itself, and newer than older ones."
#endif
#if ASYNCRESULT_CHECK_VERSION (MAJOR, MINOR, MICRO + 1) || ASYNCRESULT_CHECK_VERSION (MAJOR, MINOR + 1, 0) || \
  ASYNCRESULT_CHECK_VERSION (MAJOR + 1, 0, 0)
#error "This version is older than newer ones."
#endif

int
main (void)
{
  printf ("%d.%d.%d\n", MAJOR, MINOR, MICRO);
  return 0;
}
