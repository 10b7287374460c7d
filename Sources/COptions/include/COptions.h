#ifndef OPSH_COPTIONS_H
#define OPSH_COPTIONS_H

#include <stdbool.h>
#include <stddef.h>

// getopt_long(3) for Swift: no macros, no global variables in sight. One thread, one command line at a time.

typedef struct {
  const char *name;
  char letter;  // 0: none
  bool takes_value;
} opsh_option;

enum {
  OPSH_OPTION_END = -1,
  OPSH_OPTION_UNKNOWN = -2,         // *text: the argument as given
  OPSH_OPTION_LACKS_VALUE = -3,     // *text: the argument as given
  OPSH_OPTION_UNWANTED_VALUE = -4,  // *text: the argument as given
};

// Forgets the last command line.
void opsh_options_begin(void);

// The index of the next option, its value in *text (NULL without one), or one of the results above.
// Moves what is no option behind the options, as GNU getopt does. At most 64 options.
int opsh_options_next(int argc, char *const argv[], const opsh_option *options, size_t count, const char **text);

// Where in argv the rest begins, once OPSH_OPTION_END was answered.
int opsh_options_rest(void);

#endif
