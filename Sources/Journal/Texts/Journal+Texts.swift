package import PrimitiveKit

extension Journal {
  /// A long text by its hash; nil when the journal has none.
  package func text(_ hash: String) async throws(CallFailure) -> String? {
    try await look { (session) throws(CallFailure) in
      try await session.query("SELECT content FROM texts WHERE hash = $1", [.text(hash)]).first?.first?.text
    }
  }

  /// Brings the texts that some words name into `texts`, where they stay as long as the answer is held.
  func hold(_ hashes: Set<String>, _ session: any DatabaseSession) async throws(CallFailure) -> HeldTexts {
    var (held, missing) = texts.hold(hashes)
    var rest = missing.sorted()[...]
    while !rest.isEmpty {
      // A few lengths only, so that the statements are prepared once.
      let size = rest.count >= 50 ? 50 : rest.count >= 5 ? 5 : 1
      let places = (1...size).map { "$\($0)" }.joined(separator: ", ")
      let rows = try await session.query(
        "SELECT hash, content FROM texts WHERE hash IN (\(places))",
        rest.prefix(size).map { .text($0) }
      )
      rest = rest.dropFirst(size)
      var found: [String: String] = [:]
      for row in rows {
        if let hash = row[0].text, let content = row[1].text { found[hash] = content }
      }
      held = held.joined(with: texts.add(found))
    }
    return held
  }
}
