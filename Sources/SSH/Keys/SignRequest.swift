import CSSH2
import Cryptography
import Glibc

/// The signature one login needs.
///
/// A key file signs on the spot. An agent needs a moment: libssh2 is told to come back, and finds the answer then.
final class SignRequest {
  let credential: Credential
  private(set) var wanted: [UInt8]?
  private var answer: [UInt8]?
  private var isRefused = false

  init(_ credential: Credential) { self.credential = credential }

  /// Notes the agent's answer; nil means that it refused.
  func settle(_ signature: [UInt8]?) {
    wanted = nil
    answer = signature
    isRefused = signature == nil
  }

  fileprivate enum Outcome {
    case signature([UInt8])
    case later
    case refused
  }

  fileprivate func sign(_ message: UnsafeRawBufferPointer) -> Outcome {
    switch credential.signer {
    case .key(let key, let type):
      return key.sign(message, hash: type.hash).flatMap { type.encode($0) }.map(Outcome.signature) ?? .refused
    case .agent:
      if let answer { return .signature(answer) }
      if isRefused { return .refused }
      wanted = Array(message)
      return .later
    }
  }
}

extension KeyType {
  /// The signature as SSH sends it: ECDSA's two numbers are written as such (RFC 5656 section 3.1.2).
  fileprivate func encode(_ signature: [UInt8]) -> [UInt8]? {
    guard curve != nil else { return signature }
    guard let numbers = ECDSASignature.numbers(der: signature) else { return nil }
    var writer = SSHWriter()
    writer.number(numbers.r)
    writer.number(numbers.s)
    return writer.bytes
  }
}

/// What libssh2 calls to have the login data signed.
func signForSession(
  _ session: OpaquePointer?,
  _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
  _ signatureLength: UnsafeMutablePointer<Int>?,
  _ message: UnsafePointer<UInt8>?,
  _ messageLength: Int,
  _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
  guard let pointer = abstract?.pointee else { return -1 }
  let request = Unmanaged<SignRequest>.fromOpaque(pointer).takeUnretainedValue()
  switch request.sign(UnsafeRawBufferPointer(start: message, count: messageLength)) {
  case .later: return LIBSSH2_ERROR_EAGAIN
  case .refused: return -1
  case .signature(let bytes):
    // libssh2 frees it with its allocator, which is malloc.
    guard let copy = malloc(max(1, bytes.count)) else { return -1 }
    copy.copyMemory(from: bytes, byteCount: bytes.count)
    signature?.pointee = copy.assumingMemoryBound(to: UInt8.self)
    signatureLength?.pointee = bytes.count
    return 0
  }
}
