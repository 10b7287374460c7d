package import PrimitiveKit
package import Site

extension Host {
  /// Where transports find it; a host without a user is logged in to as the user who runs opsh.
  package var hostAddress: HostAddress { hostAddress(defaultUser: LoginName.current) }
}
