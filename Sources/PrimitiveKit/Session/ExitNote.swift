/// What a call says of itself where it did not go wholly well: the exit code, and why in words.
package struct ExitNote: Sendable, Equatable {
  package var code: ExitCode
  /// One sentence without a full stop, such as `3 of 18 bots not on v2`; nil where the code says it all.
  ///
  /// Beside a good code it says what the caller tolerated.
  package var why: String?
  /// Whether nothing of it succeeded, so that it failed and was no partial success.
  package var isTotal: Bool

  package init(_ code: ExitCode, why: String? = nil, isTotal: Bool = false) {
    self.code = code
    self.why = why
    self.isTotal = isTotal
  }

  /// The same where it is a part of something larger, which then succeeded in part.
  package var asPart: ExitNote { ExitNote(code, why: why) }

  /// Everything went well.
  package static let ok = ExitNote(.ok)
}

extension ExitNote: Codable {
  private enum Field: String, CodingKey {
    case code, why
    case isTotal = "total"
  }

  /// Reads the bare code of an older journal, too.
  package init(from decoder: any Decoder) throws {
    if let code = try? decoder.singleValueContainer().decode(ExitCode.self) {
      self.init(code)
      return
    }
    let fields = try decoder.container(keyedBy: Field.self)
    self.init(
      try fields.decode(ExitCode.self, forKey: .code),
      why: try fields.decodeIfPresent(String.self, forKey: .why),
      isTotal: try fields.decodeIfPresent(Bool.self, forKey: .isTotal) ?? false
    )
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(code, forKey: .code)
    try fields.encodeIfPresent(why, forKey: .why)
    if isTotal { try fields.encode(isTotal, forKey: .isTotal) }
  }
}
