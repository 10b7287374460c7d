package import PrimitiveKit

/// Reaches every host the way its address says.
package struct HostTransport: Transport {
  private let ssh: any Transport
  private let local: any Transport

  package init(ssh: any Transport, local: any Transport) {
    self.ssh = ssh
    self.local = local
  }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    try await transport(for: host).execute(request, on: host)
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    try await transport(for: host).put(file, on: host)
  }

  private func transport(for host: HostAddress) -> any Transport {
    switch host.kind {
    case .ssh: ssh
    case .local: local
    }
  }
}
