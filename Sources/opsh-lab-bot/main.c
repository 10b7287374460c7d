// opsh-lab-bot: the small programs a lab runs in large numbers, in C because 534 of them share two cores.
//
//   bot                        a trading bot that trades nothing: heartbeat, log, login (started by a bot host)
//   login-service OPTIONS      the rate-limited service bots log in to
//   keeper DIR                 starts and reaps every process of a lab
#include "lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: opsh-lab-bot bot                        (in a bot's home, with BOT_ID and BOT_HOME set)\n"
    "       opsh-lab-bot login-service --listen ADDRESS:PORT --port-file FILE [--rate N] [--burst M] [--ban SECONDS]\n"
    "       opsh-lab-bot keeper DIR\n"
    "The parts of a lab; `opsh-lab` starts them.\n";

int main(int argc, char **argv) {
  // Inside an image the program is bin/bot and takes no arguments.
  const char *name = strrchr(argv[0], '/');
  name = name == NULL ? argv[0] : name + 1;
  if (strcmp(name, "bot") == 0) return bot_main();
  const char *verb = argc > 1 ? argv[1] : "";
  if (strcmp(verb, "bot") == 0) return bot_main();
  if (strcmp(verb, "keeper") == 0) return keeper_main(argc - 1, argv + 1);
  if (strcmp(verb, "login-service") == 0) return login_service_main(argc - 1, argv + 1);
  if (strcmp(verb, "--help") == 0) {
    fputs(usage, stdout);
    return 0;
  }
  fputs(usage, stderr);
  return 64;
}
