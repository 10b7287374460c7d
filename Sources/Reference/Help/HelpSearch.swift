import PrimitiveKit

extension HelpBook {
  /// The primitives that every word of a text is found in, best first.
  ///
  /// A hit in the name counts most, then topics, summary, arguments.
  func search(_ text: String) -> [PrimitiveInfo] {
    let words = text.lowercased().split(separator: " ").map(String.init)
    guard !words.isEmpty else { return [] }
    var found: [(score: Int, info: PrimitiveInfo)] = []
    for info in infos {
      let scores = words.map { Self.score(of: $0, in: info) }
      if !scores.contains(0) { found.append((scores.reduce(0, +), info)) }
    }
    found.sort { $0.score != $1.score ? $0.score > $1.score : $0.info.name < $1.info.name }
    return found.map(\.info)
  }

  private static func score(of word: String, in info: PrimitiveInfo) -> Int {
    let parts = info.name.lowercased().split(separator: ".")
    if parts.contains(where: { $0 == word }) { return 16 }
    if info.name.lowercased().contains(word) { return 8 }
    if info.topics.contains(where: { $0.lowercased().contains(word) }) { return 4 }
    if info.summary.lowercased().contains(word) { return 2 }
    let arguments =
      info.parameters.map { "\($0.name) \($0.help)" } + info.returns.fields.map { "\($0.name) \($0.help)" }
    return arguments.contains { $0.lowercased().contains(word) } ? 1 : 0
  }
}
