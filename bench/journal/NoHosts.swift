import PrimitiveKit

/// A transport that reaches nobody.
struct NoHosts: Transport {
  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    throw .unreachable(host: host.name, reason: "there are no hosts", hint: nil)
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    throw .unreachable(host: host.name, reason: "there are no hosts", hint: nil)
  }
}
