import PrimitiveKit

/// Where in the source the cursor stands, as far as completion cares.
enum CompletionPlace: Equatable {
  /// In a comment, in a number, in an unknown string: there is nothing to offer.
  case nowhere
  /// At a name, perhaps empty, that starts at the offset.
  case name(String, start: Int)
  /// Where the name of an argument belongs; `taken` are given already.
  case key(PrimitiveInfo, taken: Set<String>, typed: String, start: Int)
  /// Where the value of an argument belongs.
  case value(PrimitiveInfo, ParameterInfo, typed: String, start: Int)
  /// Inside the quotes of an argument; the offset is that of the first character after the quote.
  case quoted(ParameterInfo, typed: String, start: Int, quote: UInt8)
}

/// Reads Lua source up to the cursor and finds what is being typed.
///
/// Knows strings, comments, brackets and the command form `name<…>`; offsets are in UTF-8.
struct PlaceScanner {
  /// An open bracket.
  private struct Frame {
    let opener: UInt8
    let callee: PrimitiveInfo?
    var position = 0
    var key: String?
    var taken: Set<String> = []
    /// Whether nothing of the current element was read yet.
    var isFresh = true

    var isNamed: Bool { opener != UInt8(ascii: "(") }
  }

  private let source: [UInt8]
  private let find: (String) -> PrimitiveInfo?
  private var index = 0
  private var frames: [Frame] = []
  /// The name that ended directly before `index`, blanks aside.
  private var lastName: String?

  init(_ source: some Sequence<UInt8>, find: @escaping (String) -> PrimitiveInfo?) {
    self.source = Array(source)
    self.find = find
  }

  mutating func place() -> CompletionPlace {
    while index < source.count {
      let byte = source[index]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): index += 1
      case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
        guard skipComment() else { return .nowhere }
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let start = index + 1
        guard skipString(byte) else { return quotedPlace(start, byte) }
        finishToken()
      case UInt8(ascii: "[") where longBracketLevel() != nil:
        guard skipLongBracket() else { return .nowhere }
        finishToken()
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard skipNumber() else { return .nowhere }
        finishToken()
      case _ where Self.isNameByte(byte):
        let start = index
        while index < source.count, Self.isNameByte(source[index]) || source[index] == UInt8(ascii: ".") { index += 1 }
        let name = String(decoding: source[start..<index], as: UTF8.self)
        if index == source.count { return namePlace(name, start) }
        finishToken(name)
      default: readPunctuation(byte)
      }
    }
    return namePlace("", index)
  }

  private mutating func readPunctuation(_ byte: UInt8) {
    let name = lastName
    index += 1
    switch byte {
    case UInt8(ascii: "("): open(byte, name.flatMap(find))
    case UInt8(ascii: "{"):
      let outer = frames.last.flatMap { $0.isNamed ? nil : $0.callee }
      open(byte, name.map { find($0) } ?? outer)
    case UInt8(ascii: "["): open(byte, nil)
    case UInt8(ascii: "<"):
      // The command form wants the bracket right at the name of a primitive; all else compares.
      if let callee = name.flatMap(find), index >= 2, Self.isNameByte(source[index - 2]) {
        open(byte, callee)
      } else {
        finishToken()
      }
    case UInt8(ascii: ">"):
      if frames.last?.opener == UInt8(ascii: "<") { frames.removeLast() }
      finishToken()
    case UInt8(ascii: ")"): close(UInt8(ascii: "("))
    case UInt8(ascii: "}"): close(UInt8(ascii: "{"))
    case UInt8(ascii: "]"): close(UInt8(ascii: "["))
    case UInt8(ascii: ","), UInt8(ascii: ";"): nextElement()
    case UInt8(ascii: "=") where !isComparison: assign(name)
    default: finishToken()
    }
  }

  private mutating func open(_ opener: UInt8, _ callee: PrimitiveInfo?) {
    finishToken()
    frames.append(Frame(opener: opener, callee: callee))
    lastName = nil
  }

  private mutating func close(_ opener: UInt8) {
    if let last = frames.lastIndex(where: { $0.opener == opener }) { frames.removeSubrange(last...) }
    finishToken()
  }

  private mutating func nextElement() {
    lastName = nil
    guard !frames.isEmpty else { return }
    frames[frames.count - 1].position += 1
    frames[frames.count - 1].key = nil
    frames[frames.count - 1].isFresh = true
  }

  private mutating func assign(_ name: String?) {
    lastName = nil
    guard let name, let frame = frames.last, frame.isNamed, frame.callee != nil else { return finishToken() }
    frames[frames.count - 1].key = name
    frames[frames.count - 1].taken.insert(name)
    frames[frames.count - 1].isFresh = true
  }

  private mutating func finishToken(_ name: String? = nil) {
    lastName = name
    if !frames.isEmpty { frames[frames.count - 1].isFresh = false }
  }

  private func peek(_ distance: Int) -> UInt8? {
    index + distance < source.count ? source[index + distance] : nil
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
      true
    default: false
    }
  }

  /// Whether the `=` that ends before the index belongs to `==`, `~=`, `<=` or `>=`.
  private var isComparison: Bool {
    if peek(0) == UInt8(ascii: "=") { return true }
    guard index >= 2 else { return false }
    // The `<` that opens a command form cannot stand before `=`: a name comes first.
    return "=~<>".utf8.contains(source[index - 2])
  }
}

extension PlaceScanner {
  private func namePlace(_ name: String, _ start: Int) -> CompletionPlace {
    guard let frame = frames.last, let callee = frame.callee, frame.isFresh else { return .name(name, start: start) }
    if frame.isNamed, frame.key == nil { return .key(callee, taken: frame.taken, typed: name, start: start) }
    guard let parameter = parameter(of: frame) else { return .name(name, start: start) }
    return .value(callee, parameter, typed: name, start: start)
  }

  private func quotedPlace(_ start: Int, _ quote: UInt8) -> CompletionPlace {
    let typed = String(decoding: source[start...], as: UTF8.self)
    // Lua's call without parentheses: help "deploy".
    if let callee = lastName.flatMap(find), let first = callee.parameters.first {
      return .quoted(first, typed: typed, start: start, quote: quote)
    }
    guard let frame = frames.last, frame.isFresh, let parameter = parameter(of: frame) else { return .nowhere }
    return .quoted(parameter, typed: typed, start: start, quote: quote)
  }

  private func parameter(of frame: Frame) -> ParameterInfo? {
    guard let callee = frame.callee else { return nil }
    if frame.isNamed { return callee.parameters.first { $0.name == frame.key } }
    return frame.position < callee.parameters.count ? callee.parameters[frame.position] : nil
  }
}

// What can be skipped whole; false when the cursor stands inside it.
extension PlaceScanner {
  private mutating func skipComment() -> Bool {
    index += 2
    if peek(0) == UInt8(ascii: "["), longBracketLevel() != nil { return skipLongBracket() }
    while index < source.count, source[index] != UInt8(ascii: "\n") { index += 1 }
    return index < source.count
  }

  private mutating func skipString(_ quote: UInt8) -> Bool {
    index += 1
    while index < source.count {
      switch source[index] {
      case quote:
        index += 1
        return true
      case UInt8(ascii: "\\"): index += 2
      default: index += 1
      }
    }
    return false
  }

  private mutating func skipNumber() -> Bool {
    while index < source.count, Self.isNameByte(source[index]) || source[index] == UInt8(ascii: ".") { index += 1 }
    return index < source.count
  }

  /// The number of `=` in a long bracket that starts at the index; nil when none does.
  private func longBracketLevel() -> Int? {
    var level = 0
    while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
    return peek(1 + level) == UInt8(ascii: "[") ? level : nil
  }

  private mutating func skipLongBracket() -> Bool {
    let level = longBracketLevel() ?? 0
    let end = [UInt8(ascii: "]")] + Array(repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    index += level + 2
    while index + end.count <= source.count {
      if source[index..<(index + end.count)].elementsEqual(end) {
        index += end.count
        return true
      }
      index += 1
    }
    index = source.count
    return false
  }
}
