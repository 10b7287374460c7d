#include "COptions.h"

#include <getopt.h>
#include <string.h>

enum { MOST_OPTIONS = 64, LONG_BASE = 256 };

void opsh_options_begin(void) {
  optind = 0;  // getopt(3): 0 makes glibc start afresh
  opterr = 0;
}

int opsh_options_next(int argc, char *const argv[], const opsh_option *options, size_t count, const char **text) {
  struct option table[MOST_OPTIONS + 1] = {0};
  char letters[2 * MOST_OPTIONS + 2] = ":";
  size_t length = 1;
  if (count > MOST_OPTIONS) count = MOST_OPTIONS;
  for (size_t i = 0; i < count; i++) {
    table[i] = (struct option){options[i].name, options[i].takes_value, NULL, LONG_BASE + (int)i};
    if (options[i].letter == 0) continue;
    letters[length++] = options[i].letter;
    if (options[i].takes_value) letters[length++] = ':';
  }
  letters[length] = 0;

  int code = getopt_long(argc, argv, letters, table, NULL);
  *text = optarg;
  if (code == -1) return OPSH_OPTION_END;
  if (code >= LONG_BASE) return code - LONG_BASE;
  if (code != ':' && code != '?') {
    for (size_t i = 0; i < count; i++)
      if (options[i].letter == code) return (int)i;
  }
  // A cluster of letters (-yz) is still the current argument until its last letter is read.
  int last = optind > 1 ? optind - 1 : 1;
  *text = optind < argc && optopt > 0 && optopt < LONG_BASE && argv[optind][0] == '-' && argv[optind][1] != '-' &&
                  strchr(argv[optind] + 1, optopt) != NULL
              ? argv[optind]
              : argv[last];
  if (code == ':') return OPSH_OPTION_LACKS_VALUE;
  return optopt >= LONG_BASE ? OPSH_OPTION_UNWANTED_VALUE : OPSH_OPTION_UNKNOWN;
}

int opsh_options_rest(void) { return optind; }
