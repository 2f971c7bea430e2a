/* Where the command begins: the rest of it is Rust, and linked like every library. */
int asyncresult_trace_main (int argc, char **argv);

int
main (int argc, char **argv)
{
  return asyncresult_trace_main (argc, argv);
}
