package import PrimitiveKit

/// A file to be written on a host.
package struct SSHUpload: Sendable {
  /// Where it goes: absolute, or relative to the login directory; the directory must exist.
  package var path: HostPath
  package var content: [UInt8]
  /// The permission bits, exactly; the file is never wider, not even for a moment.
  package var mode: UInt32
  /// How long it may take once a connection stands; nil waits for ever.
  package var timeout: Duration?

  /// Describes a file.
  package init(path: HostPath, content: [UInt8], mode: UInt32 = 0o644, timeout: Duration? = nil) {
    self.path = path
    self.content = content
    self.mode = mode
    self.timeout = timeout
  }
}
