/* The library that ends last. */
#ifndef LAST_H
#define LAST_H

/* `function` is called when everything else that the program needs has ended. */
void call_last (void (*function) (void));

#endif
