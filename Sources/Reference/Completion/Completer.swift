package import PrimitiveKit

/// What Tab may put in place of the text before the cursor.
package struct CompletionAnswer: Equatable, Sendable {
  /// Where the replaced text begins, in UTF-8 units; it ends at the cursor.
  package var start: Int
  /// What may stand there, in alphabetical order.
  package var candidates: [CompletionCandidate]
}

/// One text that may stand at the cursor.
package struct CompletionCandidate: Equatable, Sendable {
  /// What is inserted.
  package var text: String
  /// A few words about it; may be empty.
  package var summary: String

  init(_ text: String, summary: String = "") {
    self.text = text
    self.summary = summary
  }
}

/// Completes Lua source from the catalog, the names Lua knows and the names of the site.
package struct Completer: Sendable {
  private let infos: [String: PrimitiveInfo]
  private let source: any CandidateSource
  private let names: @Sendable (String) -> [String]

  /// Takes the catalog, the site's names, and a look-up of the fields of a Lua table by its path ("" for globals).
  package init(
    _ infos: [PrimitiveInfo],
    candidates: any CandidateSource,
    names: @escaping @Sendable (String) -> [String] = { _ in [] }
  ) {
    self.infos = Dictionary(infos.map { ($0.name, $0) }) { first, _ in first }
    source = candidates
    self.names = names
  }

  /// What may stand at the end of the source, which is everything before the cursor.
  package func complete(_ source: some Sequence<UInt8>) -> CompletionAnswer {
    let bytes = Array(source)
    if let place = RunbookPlace(String(decoding: bytes, as: UTF8.self)),
      let info = self.source.runbook(named: place.name)
    {
      // Read as a call of the runbook itself.
      let call = "_{"
      var answer = complete(Array((call + place.arguments).utf8)) { $0 == "_" ? info : infos[$0] }
      answer.start += place.start - call.utf8.count
      return answer
    }
    return complete(bytes) { infos[$0] }
  }

  private func complete(_ source: [UInt8], _ look: @escaping (String) -> PrimitiveInfo?) -> CompletionAnswer {
    var scanner = PlaceScanner(source) { look($0) }
    switch scanner.place() {
    case .nowhere: return CompletionAnswer(start: 0, candidates: [])
    case .name(let typed, let start): return CompletionAnswer(start: start, candidates: path(typed))
    case .key(let info, let taken, let typed, let start):
      let keys = keys(of: info, taken: taken, typed: typed)
      return CompletionAnswer(start: start, candidates: keys)
    case .value(let info, let parameter, let typed, let start):
      return CompletionAnswer(start: start, candidates: values(for: parameter, of: info, typed: typed))
    case .quoted(let parameter, let typed, let start, let quote):
      return quoted(parameter, typed: typed, start: start, quote: quote)
    }
  }

  private func keys(of info: PrimitiveInfo, taken: Set<String>, typed: String) -> [CompletionCandidate] {
    info.parameters.filter { $0.name.hasPrefix(typed) && !taken.contains($0.name) }
      .sorted { $0.name < $1.name }
      .map { CompletionCandidate($0.name + "=", summary: $0.help) }
  }

  private func values(for parameter: ParameterInfo, of info: PrimitiveInfo, typed: String) -> [CompletionCandidate] {
    var texts = offers(for: parameter, typed: typed).map { Value.string($0).literal }
    if parameter.type.hasPrefix("boolean") { texts += ["false", "true"].filter { $0.hasPrefix(typed) } }
    let found = texts.map { CompletionCandidate($0) }
    return typed.isEmpty ? found : found + path(typed)
  }

  private func quoted(_ parameter: ParameterInfo, typed: String, start: Int, quote: UInt8) -> CompletionAnswer {
    switch parameter.completion {
    case .hosts, .bots, .selectors:
      // Only the last operand of a set expression is under way.
      let operators: Set<Character> = [",", "!", "&", "^", " "]
      let operand = typed.lastIndex(where: operators.contains).map { typed[typed.index(after: $0)...] } ?? typed[...]
      let offset = start + typed.utf8.count - operand.utf8.count
      return CompletionAnswer(start: offset, candidates: candidates(offers(for: parameter, typed: String(operand))))
    default:
      let found = offers(for: parameter, typed: typed)
      let closing = String(UnicodeScalar(quote))
      return CompletionAnswer(start: start, candidates: candidates(found.count == 1 ? [found[0] + closing] : found))
    }
  }

  private func candidates(_ texts: [String]) -> [CompletionCandidate] { texts.map { CompletionCandidate($0) } }

  private func offers(for parameter: ParameterInfo, typed: String) -> [String] {
    switch parameter.completion {
    case .none: []
    case .choices(let choices): choices.filter { $0.hasPrefix(typed) }.sorted()
    default: source.candidates(for: parameter.completion, startingWith: typed).sorted()
    }
  }

  /// Completes the last part of a dotted path; a module gets its dot.
  private func path(_ typed: String) -> [CompletionCandidate] {
    let dot = typed.lastIndex(of: ".")
    let parent = dot.map { String(typed[..<$0]) } ?? ""
    let prefix = dot.map { String(typed[...$0]) } ?? ""
    var found: Set<String> = []
    for name in infos.keys where name.hasPrefix(typed) {
      let rest = name.dropFirst(prefix.count)
      guard let end = rest.firstIndex(of: ".") else {
        found.insert(name)
        continue
      }
      found.insert(prefix + rest[...end])
    }
    for name in names(parent) where (prefix + name).hasPrefix(typed) && Self.isName(name) {
      if !found.contains(prefix + name + ".") { found.insert(prefix + name) }
    }
    if dot == nil, !typed.isEmpty { found.formUnion(Self.keywords.filter { $0.hasPrefix(typed) }) }
    return found.sorted().map { CompletionCandidate($0, summary: infos[$0]?.summary ?? "") }
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return text.utf8.allSatisfy(PlaceScanner.isNameByte)
  }

  private static let keywords = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]
}
