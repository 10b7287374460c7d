import Drivers
import Foundation
import OpshTesting
import PrimitiveKit
import Testing

/// Digests that tell whether a value changed and nothing else.
struct SecretDigestTests {
  @Test func `the code is HMAC-SHA-256`() {
    // RFC 4231, test cases 2 and 6.
    let short = DigestKey(Array("Jefe".utf8)).code(of: "what do ya want for nothing?".utf8)
    #expect(hex(short) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let long = DigestKey([UInt8](repeating: 0xaa, count: 131))
      .code(of: "Test Using Larger Than Block-Size Key - Hash Key First".utf8)
    #expect(hex(long) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  private func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

  @Test func `each installation has its own key, in a file of its owner`() async throws {
    let (one, other) = (try Safe(["key": .table(["env": "K".value])], environment: ["K": "1234"]), try Safe([:]))
    let path = ".local/state/opsh/digest.key"
    let sealed = try await one.store.seal(Secret("key"))
    #expect(try await one.store.seal(Secret("key")) == sealed)
    #expect(try await one.store.key().id != other.store.key().id)
    #expect(try one.scratch.mode(path) == 0o600)
    #expect(sealed.digest.hasPrefix("hmac:") && sealed.content.hasPrefix("hmac:") && sealed.digest != sealed.content)
    #expect(!sealed.content.contains(SHA256(hashing: "1234".utf8).hex.prefix(16)))
    // Several processes that come at once agree on one.
    let third = try Safe([:])
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 { group.addTask { try await third.store.key().id } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
  }

  @Test(arguments: [(0o644, 32), (0o600, 31), (0o600, 33), (0o600, 0)])
  func `a key that others read, or that is damaged, is refused`(mode: Int, size: Int) async throws {
    let safe = try Safe([:])
    let folder = "\(safe.scratch.path)/.local/state/opsh"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try safe.scratch.write(".local/state/opsh/digest.key", String(repeating: "k", count: size), mode: mode)
    let failure = await #expect(throws: CallFailure.self) { try await safe.store.key() }
    #expect(failure?.code == "secret.key" && failure?.failureClass == .refused)
  }

  @Test func `a text that a change is given stays out of what is written down`() throws {
    let text = SealedText(Array("swordfish".utf8), key: DigestKey([1]))
    let json = try OperationCoding().encode(text)
    #expect(!json.contains("swordfish") && !json.contains(SHA256(hashing: "swordfish".utf8).hex.prefix(12)))
    #expect(try OperationCoding().decode(SealedText.self, from: json) == text)
    #expect(text != SealedText(Array("swordfisj".utf8), key: DigestKey([1])))
  }

  @Test func `a run that began under another key is not continued`() async throws {
    let (here, there) = (try Safe([:]), try Safe([:]))
    let record = MemoryRecord()
    try await Run(id: "r1", world: there.world(), record: record).keepDigestKey()
    try await Run(id: "r1", world: there.world(), record: record, replay: record.replay).keepDigestKey()
    let failure = await #expect(throws: CallFailure.self) {
      try await Run(id: "r1", world: here.world(), record: record, replay: record.replay).keepDigestKey()
    }
    #expect(failure?.code == "secret.key" && failure?.failureClass == .refused)
  }
}
