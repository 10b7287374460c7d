import Foundations
import Testing

struct UserDirectoryTests {
  @Test func `a tilde is the home directory of the environment`() {
    #expect(UserDirectory.expanding("~/keys", ["HOME": "/home/ann"]) == "/home/ann/keys")
    for path in ["~ann/keys", "/etc/~/x", "keys", "~"] {
      #expect(UserDirectory.expanding(path, ["HOME": "/home/ann"]) == path)
    }
    #expect(UserDirectory.expanding("~/keys", [:]) == "~/keys")
  }

  @Test func `the XDG variables count when they are absolute`() {
    #expect(UserDirectory.state(["HOME": "/h", "XDG_STATE_HOME": "/s"]) == "/s")
    #expect(UserDirectory.state(["HOME": "/h", "XDG_STATE_HOME": "s"]) == "/h/.local/state")
    #expect(UserDirectory.config(["HOME": "/h"]) == "/h/.config")
    #expect(UserDirectory.config(["HOME": "h"]) == nil && UserDirectory.config([:]) == nil)
  }
}
