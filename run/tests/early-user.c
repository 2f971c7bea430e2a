/* A library that uses another one. */
int THIS (void);
int NEXT (void);

int
THIS (void)
{
  return NEXT ();
}
