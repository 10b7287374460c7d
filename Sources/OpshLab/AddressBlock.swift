import Glibc

/// The loopback addresses of one lab, picked by its directory so that two labs rarely meet.
package struct AddressBlock: Sendable, Equatable {
  /// Second and third number of 127.x.y.z; hosts beyond the 250th use the next y.
  let second: Int
  let third: Int
  /// Where the search for a free port begins, below the ephemeral range (ip(7): 32768 and up).
  let firstPort: Int

  init(directory: String) {
    // FNV-1a, 64 bits: any even spread will do, but it must be the same in every process.
    let hash = directory.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    second = 16 + Int(hash % 200)
    third = Int((hash >> 16) % 200)
    firstPort = 20_000 + Int((hash >> 32) % 10_000)
  }

  func host(_ index: Int) -> String { "127.\(second).\(third + index / 250).\(1 + index % 250)" }

  /// The login service's address: no host has a last number above 250.
  var login: String { "127.\(second).\(third).251" }

  /// A port nobody uses on any of the addresses; ports are tried by binding.
  func freePort(for addresses: [String], wanted: Int?) throws(LabError) -> Int {
    if let wanted {
      if let taken = addresses.first(where: { !canBind($0, wanted) }) {
        throw .portInUse(port: wanted, address: taken)
      }
      return wanted
    }
    for port in firstPort..<(firstPort + 200) where addresses.allSatisfy({ canBind($0, port) }) { return port }
    throw .noFreePort(address: addresses.first ?? login)
  }

  private func canBind(_ address: String, _ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // As sshd does: connections of an earlier lab in TIME_WAIT do not hold the port.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout.size(ofValue: on)))
    return withSocketAddress(address, port) { bind(descriptor, $0, $1) } == 0
  }
}

/// Calls the body with an IPv4 address for the socket calls; -1 when the text is no address.
func withSocketAddress(_ address: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var value = sockaddr_in()
  value.sin_family = sa_family_t(AF_INET)
  value.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
  guard inet_pton(AF_INET, address, &value.sin_addr) == 1 else { return -1 }
  return withUnsafePointer(to: &value) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}
