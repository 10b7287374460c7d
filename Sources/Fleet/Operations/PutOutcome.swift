package import PrimitiveKit

/// What lies at a path after a file was put there.
package struct PutOutcome: ValueConvertible, Codable, Sendable, Equatable {
  /// The SHA-256 of the content, in hex.
  package let digest: String
  /// Permission bits in octal; nil in what earlier versions wrote down.
  package var mode: String?
  /// In a prediction, what lay there when it was made; nil when nothing did, and afterwards.
  package var before: Before?

  /// What a file replaces; one that is another when a plan is applied is not replaced.
  package struct Before: Codable, Sendable, Equatable {
    /// The SHA-256 of its content; nil where it cannot be read.
    package var digest: String?
    package var mode: String?
    package var owner: String?
    package var bytes: Int?
    /// Where it lies, when the path is a link.
    package var link: String?

    init(digest: String? = nil, mode: String? = nil, owner: String? = nil, bytes: Int? = nil, link: String? = nil) {
      (self.digest, self.mode, self.owner, self.bytes, self.link) = (digest, mode, owner, bytes, link)
    }
  }

  package static var luaType: String { "fleet.PutOutcome" }

  init(digest: String, mode: String? = nil, before: Before? = nil) {
    self.digest = digest
    self.mode = mode
    self.before = before
  }

  package init(_ value: Value) throws(ConversionError) {
    guard case .string(let digest) = value["digest"] else {
      throw ConversionError(expected: "the outcome of a file", found: value)
    }
    self.init(digest: digest, mode: try String?(value["mode"]), before: try Before?(value["before"]))
  }

  package var value: Value {
    .table(["digest": digest.value, "mode": mode.value, "before": before.value])
  }

  /// What a plan says where an earlier step of it may leave something else there.
  static var unforeseen: String { "writes the file; an earlier step may change what it replaces" }

  /// What changes, in words.
  var change: String {
    guard let before else { return "a new file, mode \(mode ?? "unknown")" }
    let place = before.link.map { "through the link to \($0), " } ?? ""
    let owner = before.owner.map { ", owner \($0)" } ?? ""
    let kept = before.mode == mode ? "mode \(mode ?? "unknown")\(owner) kept" : nil
    let bits = kept ?? "mode \(before.mode ?? "unknown") → \(mode ?? "unknown")\(owner.isEmpty ? "" : "\(owner) kept")"
    if before.digest == digest { return "\(place)the same content, \(bits)" }
    return "\(place)replaces \(before.bytes.map { "\($0) bytes" } ?? "a file"), \(bits)"
  }
}

extension PutOutcome.Before: ValueConvertible {
  package static var luaType: String { "table" }

  package init(_ value: Value) throws(ConversionError) {
    // Earlier versions kept the digest alone.
    if case .string(let digest) = value {
      self.init(digest: digest)
    } else {
      self.init(
        digest: try String?(value["digest"]),
        mode: try String?(value["mode"]),
        owner: try String?(value["owner"]),
        bytes: try Int?(value["bytes"]),
        link: try String?(value["link"])
      )
    }
  }

  package var value: Value {
    .table([
      "digest": digest.value, "mode": mode.value, "owner": owner.value, "bytes": bytes.value, "link": link.value,
    ])
  }

  package init(from decoder: any Decoder) throws {
    if let digest = try? decoder.singleValueContainer().decode(String.self) {
      self.init(digest: digest)
      return
    }
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      digest: try fields.decodeIfPresent(String.self, forKey: .digest),
      mode: try fields.decodeIfPresent(String.self, forKey: .mode),
      owner: try fields.decodeIfPresent(String.self, forKey: .owner),
      bytes: try fields.decodeIfPresent(Int.self, forKey: .bytes),
      link: try fields.decodeIfPresent(String.self, forKey: .link)
    )
  }

  private enum CodingKeys: String, CodingKey { case digest, mode, owner, bytes, link }
}
