package import PrimitiveKit

extension Host {
  /// Where transports find it; a host without a user is logged in to as the user who runs opsh.
  package var hostAddress: HostAddress {
    HostAddress(
      name: name,
      address: address,
      port: port,
      user: user ?? LoginName.current,
      kind: transport == .local ? .local : .ssh
    )
  }
}
