import CCrypto

/// The two numbers of an ECDSA signature.
package enum ECDSASignature {
  /// Takes a DER signature apart into its numbers, big-endian without leading zeroes; nil when it is not one.
  package static func numbers(der: [UInt8]) -> (r: [UInt8], s: [UInt8])? {
    let signature = der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      return d2i_ECDSA_SIG(nil, &position, bytes.count)
    }
    guard let signature else { return nil }
    defer { ECDSA_SIG_free(signature) }
    return (bytes(ECDSA_SIG_get0_r(signature)), bytes(ECDSA_SIG_get0_s(signature)))
  }

  private static func bytes(_ number: OpaquePointer?) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
    BN_bn2bin(number, &bytes)
    return bytes
  }
}
