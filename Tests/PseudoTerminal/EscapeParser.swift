/// Splits terminal output into characters, controls and escape sequences.
struct EscapeParser: Sendable {
  enum Token {
    case character(Unicode.Scalar)
    case control(UInt8)
    case sequence(parameters: [Int], isPrivate: Bool, final: Character)
  }

  private enum State {
    case ground
    case escape
    case skipOne
    case control
    case operatingSystem
  }

  private var state = State.ground
  private var body = ""
  private var utf8: [UInt8] = []

  mutating func consume(_ byte: UInt8) -> Token? {
    switch state {
    case .ground: return ground(byte)
    case .escape:
      body = ""
      state =
        switch byte {
        case UInt8(ascii: "["): .control
        case UInt8(ascii: "]"): .operatingSystem
        case UInt8(ascii: "("), UInt8(ascii: ")"): .skipOne
        default: .ground
        }
    case .skipOne: state = .ground
    case .operatingSystem: if byte == 7 || byte == 0x5C { state = .ground }
    case .control:
      guard (0x40...0x7E).contains(byte) else {
        body.unicodeScalars.append(Unicode.Scalar(byte))
        return nil
      }
      state = .ground
      let parameters = body.drop { $0 == "?" }.split(separator: ";").map { Int($0) ?? 0 }
      return .sequence(
        parameters: parameters,
        isPrivate: body.hasPrefix("?"),
        final: Character(Unicode.Scalar(byte))
      )
    }
    return nil
  }

  private mutating func ground(_ byte: UInt8) -> Token? {
    if byte == 0x1B {
      state = .escape
      return nil
    }
    if byte < 0x20 || byte == 0x7F { return .control(byte) }
    if byte < 0x80 { return .character(Unicode.Scalar(byte)) }
    if byte >= 0xC0 { utf8 = [] }
    utf8.append(byte)
    guard let first = utf8.first, utf8.count >= (first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2) else { return nil }
    defer { utf8 = [] }
    return String(decoding: utf8, as: UTF8.self).unicodeScalars.first.map { .character($0) }
  }
}
