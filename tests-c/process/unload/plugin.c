/* A plug-in with a static libasyncresult in it: linked with the whole library, it needs no code of its own. */
extern int plugin_of_asyncresult;
int plugin_of_asyncresult;
