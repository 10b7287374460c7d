import Glibc

/// Probes until nothing is missing any more; `probe` says what still is.
///
/// It blocks its thread, which is never one of the cooperative pool.
func wait(for what: String, seconds: Double, until probe: () throws -> String?) throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while let missing = try probe() {
    if ContinuousClock.now > deadline { throw LabError.notReady(what: what, detail: missing) }
    usleep(10_000)
  }
}

extension Files {
  /// The last line of a log, for an error text.
  static func lastLine(_ path: String) -> String? {
    read(path)?.split(separator: "\n").last.map(String.init)
  }
}

extension HostServer {
  /// Whether something accepts connections there, or answers with a refusal.
  static func accepts(_ address: String, port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withSocketAddress(address, port) { connect(descriptor, $0, $1) } == 0
  }

  static func awaitAnswer(_ host: LabHost, _ layout: Layout, port: Int) throws {
    try wait(for: "sshd of \(host.name)", seconds: 30) {
      if accepts(host.address, port: port) { return nil }
      return Files.lastLine(layout.serverLog(of: host.name)) ?? "it does not listen on \(host.address):\(port)"
    }
  }
}
