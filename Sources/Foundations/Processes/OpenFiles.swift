import Glibc

/// How many files this process may have open, and what for.
///
/// A process without a free descriptor cannot even report so: libraries end it in the middle of a change. Connections and
/// children are therefore counted against a share each; what is left belongs to the journal, the event loops, key files,
/// known_hosts and the libraries.
package struct OpenFiles: Sendable, Equatable {
  /// Connections to hosts at once.
  package let connections: Int
  /// Connections being opened at once: agent and key file take descriptors of their own meanwhile.
  package let dials: Int
  /// Commands at once on hosts that are this machine.
  package let children: Int

  /// What no connection and no child may take (measured: a deploy of 60 hosts holds 28).
  package static let reserve = 32
  /// Descriptors that a child holds (`Subprocess`: three streams, a pipe to end it, a pidfd).
  private static let perChild = 6
  /// Above this nothing gains, and a child that closes every number it might have loses.
  private static let enough: rlim_t = 65_536

  /// The shares of `free` descriptors; never less than one connection and two children.
  package init(free: Int) {
    let rest = max(0, free - OpenFiles.reserve)
    children = max(2, rest / 4 / OpenFiles.perChild)
    let others = rest - min(rest, children * OpenFiles.perChild)
    dials = min(30, max(1, others / 8))
    connections = max(1, others - 2 * dials)
  }

  /// The shares of this process, from its limit at the first use.
  package static let shares = OpenFiles(free: limit - open)

  /// Connections to hosts in this process.
  package static let connectionPlaces = Places(shares.connections)
  /// Names being looked up in this process: each look-up opens files and sockets.
  package static let lookupPlaces = Places(2 * shares.dials)
  /// Commands of this process on this machine.
  package static let childPlaces = Places(shares.children)

  /// Raises the limit to what this process may raise it to by itself.
  package static func raiseLimit() {
    var limit = rlimit()
    guard getrlimit(number, &limit) == 0 else { return }
    let wanted = min(limit.rlim_max, max(enough, limit.rlim_cur))
    guard wanted > limit.rlim_cur else { return }
    limit.rlim_cur = wanted
    setrlimit(number, &limit)
  }

  /// How many files may be open (`ulimit -n`).
  package static var limit: Int {
    var limit = rlimit()
    return getrlimit(number, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 0
  }

  /// How many are open, of the first 1024 numbers.
  package static var open: Int { (0..<Int32(min(limit, 1024))).count { fcntl($0, F_GETFD) >= 0 } }

  /// RLIMIT_NOFILE, of a type that differs between systems.
  private static let number = __rlimit_resource_t(7)
}
