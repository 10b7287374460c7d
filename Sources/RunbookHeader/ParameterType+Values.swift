import Foundations
import PrimitiveKit

extension ParameterType {
  /// The value that a word of the command line stands for, in the form that runbooks get.
  func value(ofText text: String) throws(ConversionError) -> Value {
    guard isList else { return try element(ofText: text) }
    var values: [Value] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
      values.append(try element(ofText: String(word.trimmingPrefix { $0 == " " })))
    }
    return .array(values)
  }

  /// A value of Lua in the form that runbooks get.
  func value(of value: Value) throws(ConversionError) -> Value {
    guard isList else { return try element(of: value) }
    var values: [Value] = []
    for element in try [Value](value) { values.append(try self.element(of: element)) }
    return .array(values)
  }

  private func element(ofText text: String) throws(ConversionError) -> Value {
    let found = Value.string(text)
    switch kind {
    case .integer:
      guard let int = Int(text) else { throw ConversionError(expected: "a whole number", found: found) }
      return .int(int)
    case .number:
      guard let number = Double(text), number.isFinite else {
        throw ConversionError(expected: "a number", found: found)
      }
      return .number(number)
    case .boolean:
      switch text {
      case "true", "yes": return .bool(true)
      case "false", "no": return .bool(false)
      default: throw ConversionError(expected: "true or false", found: found)
      }
    case .duration: return try ParameterType.seconds(Double(text).map(Value.number) ?? found)
    default: return try element(of: found)
    }
  }

  private func element(of value: Value) throws(ConversionError) -> Value {
    switch kind {
    case .string: return try String(value).value
    case .integer: return try Int(value).value
    case .number:
      let number = try Double(value)
      guard number.isFinite else { throw ConversionError(expected: "a finite number", found: value) }
      return number.value
    case .boolean: return try Bool(value).value
    case .duration: return try ParameterType.seconds(value)
    case .hosts, .bots: return try selector(value)
    case .reason:
      guard case .string(let text) = value, text.contains(where: { !$0.isWhitespace }) else {
        throw ConversionError(expected: "a reason in a few words", found: value)
      }
      return value
    case .digest:
      guard case .string(let text) = value, ParameterType.isDigest(text) else {
        throw ConversionError(expected: "\"sha256:\" and 64 hexadecimal digits", found: value)
      }
      return value
    case .secret:
      switch value {
      case .secret: return value
      case .string(let name) where PlainName.isPlain(name): return .secret(Secret(name))
      // What was given may be a value itself, and is not repeated.
      default: throw ConversionError(expected: "the name of a secret of the site", found: .bytes([]))
      }
    case .image, .run, .speed, .system:
      guard case .string(let text) = value, ParameterType.isWord(text) else {
        throw ConversionError(
          expected: kind == .system
            ? "a system or its name" : "the name of \(kind == .image ? "an image" : "a \(kind.rawValue)")",
          found: value
        )
      }
      return value
    }
  }

  // Seconds in one spelling, so that `2m` and `120s` are the same argument.
  private static func seconds(_ value: Value) throws(ConversionError) -> Value {
    let seconds = try Duration(value).seconds
    return Int(exactly: seconds).map(Value.int) ?? .number(seconds)
  }

  // The names in it are looked up where it is used; here it only has to be well formed.
  private func selector(_ value: Value) throws(ConversionError) -> Value {
    let expected = "a set of \(kind.rawValue)"
    let text: String
    switch value {
    case .string(let given): text = kind == .bots && Int(given).map { $0 >= 0 } ?? false ? "bot\(given)" : given
    case .int(let number) where kind == .bots && number >= 0: text = "bot\(number)"
    case .array(let names):
      var words: [String] = []
      for name in names { words.append(try String(name)) }
      text = words.joined(separator: ",")
    default: throw ConversionError(expected: expected, found: value, hint: "for example \"web[1-9]\"")
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw ConversionError(expected: expected, found: value, hint: "for example \"web[1-9]\"")
    }
    do throws(NameSetError) {
      _ = try NameSet(parsing: text, resolver: nil, requiringMatches: false)
    } catch {
      // Words such as `@staging` need the site; only what is malformed everywhere is refused here.
      switch error {
      case .syntax, .badRange: throw ConversionError(expected: expected, found: value, hint: error.message)
      default: break
      }
    }
    return .string(text)
  }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 32 && $0.value != 127 }
  }

  private static func isDigest(_ text: String) -> Bool {
    let digits = text.dropFirst("sha256:".count)
    return text.hasPrefix("sha256:") && digits.utf8.count == 64
      && digits.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}
