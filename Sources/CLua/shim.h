// The system's Lua 5.4. Only CLuaBridge may import it: 90 of its functions raise with longjmp.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
