package import PrimitiveKit

/// Reaches every host the way its address says.
package struct HostTransport: Transport {
  private let ssh: any Transport
  private let local: any Transport
  private let programs: [String: any Transport]

  /// `programs` are the transports of plugins, by name.
  package init(ssh: any Transport, local: any Transport, programs: [String: any Transport] = [:]) {
    self.ssh = ssh
    self.local = local
    self.programs = programs
  }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    try await transport(for: host).execute(request, on: host)
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    try await transport(for: host).put(file, on: host)
  }

  private func transport(for host: HostAddress) throws(TransportError) -> any Transport {
    switch host.kind {
    case .ssh: return ssh
    case .local: return local
    default:
      if let program = programs[host.kind.rawValue] { return program }
      throw .unreachable(
        host: host.name,
        reason: "no plugin that is loaded has the transport '\(host.kind.rawValue)'",
        hint: "`plugins()` says why"
      )
    }
  }
}
