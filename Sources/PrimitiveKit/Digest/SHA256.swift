import Cryptography
import Glibc

/// The SHA-256 digest of RFC 6234, for targets that know nothing but this one.
package struct SHA256: Sendable, Equatable {
  /// The 32 bytes of the digest.
  package let bytes: [UInt8]

  /// Hashes a message.
  package init(hashing message: some Sequence<UInt8>) { bytes = Digest.sha256(Array(message)) }

  /// Hashes a file piece by piece; nil when it cannot be read.
  package init?(hashingFile path: String) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let digest = RunningDigest()
    var count = 0
    withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
      repeat {
        count = read(file, buffer.baseAddress, buffer.count)
        if count > 0 { digest.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
      } while count > 0 || (count < 0 && errno == EINTR)
    }
    guard count == 0 else { return nil }
    bytes = digest.finish()
  }

  /// The digest in 64 lower-case hexadecimal digits.
  package var hex: String { Digest.hexadecimal(bytes) }
}
