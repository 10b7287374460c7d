import PrimitiveKit

/// The words of a program: no shell reads them.
struct ProgramWords: ValueConvertible {
  let words: [String]

  static var luaType: String { "string[]" }

  init(_ value: Value) throws(ConversionError) {
    guard case .array(let items) = value, !items.isEmpty else {
      throw ConversionError(
        expected: "a list of words",
        found: value,
        hint: #"for example { "git", "rev-parse", "HEAD" }; no shell reads them"#
      )
    }
    var words: [String] = []
    for item in items {
      switch item {
      case .string(let text) where !text.utf8.contains(0): words.append(text)
      case .int(let number): words.append("\(number)")
      default: throw ConversionError(expected: "a list of texts without NUL bytes", found: item)
      }
    }
    guard words[0] != "" else { throw ConversionError(expected: "a program as its first word", found: .string("")) }
    self.words = words
  }

  var value: Value { words.value }
}

/// What a program does, as the script that runs it declares.
struct ProgramEffect: ValueConvertible {
  let effect: Effect

  static var luaType: String { "string" }
  static var completion: Completion { .choices(["reads", "changes"]) }

  init(_ value: Value) throws(ConversionError) {
    switch value {
    case .string("reads"): effect = .reads
    case .string("changes"): effect = .changes
    default: throw ConversionError(expected: "\"reads\" or \"changes\"", found: value)
    }
  }

  var value: Value { .string(effect.rawValue) }
}

/// Variables of a program's environment.
struct ProgramVariables: ValueConvertible {
  let variables: [String: String]

  static var luaType: String { "table<string, string>" }

  init(_ variables: [String: String] = [:]) { self.variables = variables }

  init(_ value: Value) throws(ConversionError) {
    var variables: [String: String] = [:]
    switch value {
    case .table(let fields):
      for (name, field) in fields {
        guard !name.isEmpty, !name.contains("="), !name.utf8.contains(0) else {
          throw ConversionError(expected: "names of variables without = in them", found: .string(name))
        }
        switch field {
        case .string(let text) where !text.utf8.contains(0): variables[name] = text
        case .int(let number): variables[name] = "\(number)"
        default: throw ConversionError(expected: "a table of texts", found: field)
        }
      }
    case .array(let items) where items.isEmpty: break
    default: throw ConversionError(expected: #"a table of texts such as { TZ = "UTC" }"#, found: value)
    }
    self.variables = variables
  }

  var value: Value { .table(variables.mapValues(Value.string)) }
}
