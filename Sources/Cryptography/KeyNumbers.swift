import CCrypto
import Glibc

/// Collects the numbers of a key for libcrypto.
///
/// libcrypto keeps pointers to names and bytes (`man 3 OSSL_PARAM_BLD`), so copies of them live as long as this value.
struct KeyNumbers: ~Copyable {
  private let builder: OpaquePointer?
  private var numbers: [OpaquePointer] = []
  private var copies: [UnsafeMutableRawPointer] = []

  private init() { builder = OSSL_PARAM_BLD_new() }

  deinit {
    for number in numbers { BN_clear_free(number) }
    for copy in copies { free(copy) }
    OSSL_PARAM_BLD_free(builder)
  }

  static func makeKey(_ algorithm: String, _ fill: (inout KeyNumbers) -> Void) -> OpaquePointer? {
    var numbers = KeyNumbers()
    fill(&numbers)
    return numbers.key(algorithm)
  }

  mutating func add(_ name: String, number bytes: [UInt8]) {
    guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { return }
    numbers.append(number)
    OSSL_PARAM_BLD_push_BN(builder, copy(name), number)
  }

  mutating func add(_ name: String, text: String) {
    OSSL_PARAM_BLD_push_utf8_string(builder, copy(name), copy(text), 0)
  }

  mutating func add(_ name: String, bytes: [UInt8]) {
    OSSL_PARAM_BLD_push_octet_string(builder, copy(name), copy(bytes), bytes.count)
  }

  private borrowing func key(_ algorithm: String) -> OpaquePointer? {
    let parameters = OSSL_PARAM_BLD_to_param(builder)
    defer { OSSL_PARAM_free(parameters) }
    let context = EVP_PKEY_CTX_new_from_name(nil, algorithm, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_fromdata_init(context) == 1,
      EVP_PKEY_fromdata(context, &key, opsh_keypair, parameters) == 1
    else { return nil }
    return key
  }

  private mutating func copy(_ text: String) -> UnsafePointer<CChar>? {
    UnsafePointer(copy(Array(text.utf8) + [0])?.assumingMemoryBound(to: CChar.self))
  }

  private mutating func copy(_ bytes: [UInt8]) -> UnsafeMutableRawPointer? {
    guard let copy = malloc(max(1, bytes.count)) else { return nil }
    copy.copyMemory(from: bytes, byteCount: bytes.count)
    copies.append(copy)
    return copy
  }
}
