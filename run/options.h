/* What the launcher and the libraries of asyncresult-run agree on. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBGIO "libgio-2.0.so.0"

/* Words with commas between. Children inherit it beside LD_AUDIT, and so does what they start. */
#define OPTIONS_VARIABLE "ASYNCRESULT_RUN"
#define WORD_VERBOSE "verbose"
/* --verbose for the second time. */
#define WORD_ALL "all"
#define WORD_STRICT "strict"

/* Exit statuses; the last two are the shell's. */
enum
{
  STATUS_REFUSED = 125,
  STATUS_NOT_EXECUTABLE = 126,
  STATUS_NOT_FOUND = 127,
};

enum
{
  OPTION_VERBOSE = 1 << 0,
  OPTION_ALL = 1 << 1,
  OPTION_STRICT = 1 << 2,
  /* Does nothing: a libgio that is loaded later was not reached without it. */
  OPTION_GIO = 1 << 3,
};

static const struct
{
  const char *word;
  unsigned option;
} option_words[] = {
  { WORD_VERBOSE, OPTION_VERBOSE },
  { WORD_ALL, OPTION_ALL },
  { WORD_STRICT, OPTION_STRICT },
  { "gio", OPTION_GIO },
};

enum { N_OPTION_WORDS = sizeof option_words / sizeof option_words[0] };

/* The options whose words stand in text; the first word that means nothing goes into *unknown. */
static inline unsigned
options_parse (const char *text, const char **unknown, size_t *unknown_length)
{
  unsigned options = 0;

  *unknown = NULL;
  while (*text != '\0')
    {
      size_t length = strcspn (text, ","), i = 0;

      while (i < N_OPTION_WORDS &&
             (strlen (option_words[i].word) != length || strncmp (option_words[i].word, text, length) != 0))
        i++;
      if (i < N_OPTION_WORDS)
        options |= option_words[i].option;
      else if (length > 0 && *unknown == NULL)
        {
          *unknown = text;
          *unknown_length = length;
        }
      text += length;
      text += strspn (text, ",");
    }
  return options;
}

#endif
