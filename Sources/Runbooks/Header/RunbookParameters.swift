package import PrimitiveKit

/// Binds what was given to the parameters of a runbook.
package struct RunbookParameters: Sendable {
  /// One argument as it was given.
  package enum Given: Sendable, Equatable {
    /// A word of the command line.
    case text(String)
    /// A value of Lua.
    case value(Value)
  }

  package let list: [RunbookParameter]
  /// The name of the runbook, for messages.
  private let name: String
  private let command: String

  /// `path` is the file, as it is typed on the command line.
  package init(_ header: RunbookHeader, path: String) {
    list = header.params
    name = RunbookFile.name(of: path)
    command = path
  }

  /// The call on the command line, optional parameters in brackets.
  package var usage: String {
    let words = list.map { parameter in
      let word = "\(parameter.name)=\(parameter.placeholder)"
      return parameter.isRequired ? word : "[\(word)]"
    }
    return (["opsh", command] + words).joined(separator: " ")
  }

  /// Binds `name=value` words; throws `runbook.argument`.
  package func bind(words: [String]) throws(CallFailure) -> RunbookArguments {
    var given: [String: Given] = [:]
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw failure("\(name): what follows the runbook is name=value, got '\(word)'")
      }
      let key = String(word[..<equals])
      guard given.updateValue(.text(String(word[word.index(after: equals)...])), forKey: key) == nil else {
        throw failure("\(name): '\(key)' is given twice")
      }
    }
    return try bind(given)
  }

  /// Binds values of Lua; throws `runbook.argument`.
  package func bind(values: [String: Value]) throws(CallFailure) -> RunbookArguments {
    try bind(values.filter { $0.value != .null }.mapValues(Given.value))
  }

  /// Checks names and values, and adds the defaults.
  ///
  /// Throws `runbook.argument`; the hint ends with the usage line.
  package func bind(_ given: [String: Given]) throws(CallFailure) -> RunbookArguments {
    let names = list.map(\.name)
    for name in given.keys.sorted() where !names.contains(name) {
      let near = NearestName.question(for: name, in: names)
      throw failure("\(self.name): there is no parameter '\(name)'", hint: near)
    }
    var values: [String: Value] = [:]
    for parameter in list {
      if let given = given[parameter.name] {
        values[parameter.name] = try value(given, of: parameter)
      } else if let fallback = parameter.fallback {
        values[parameter.name] = fallback
      }
    }
    let missing = list.filter { $0.isRequired && values[$0.name] == nil }
    if let first = missing.first {
      let words = missing.map { "'\($0.name)'" }
      let subject =
        words.count == 1 ? "\(words[0]) is" : "\(words.dropLast().joined(separator: ", ")) and \(words.last ?? "") are"
      throw failure("\(name): \(subject) missing", hint: missing.count == 1 ? first.help : nil)
    }
    return try RunbookArguments(values)
  }

  private func value(_ given: Given, of parameter: RunbookParameter) throws(CallFailure) -> Value {
    do throws(ConversionError) {
      let value =
        switch given {
        case .text(let text): try parameter.type.value(ofText: text)
        case .value(let value): try parameter.type.value(of: value)
        }
      try parameter.check(value)
      return value
    } catch {
      let message = "\(name): '\(parameter.name)' should be \(error.expected), got \(error.found)"
      throw failure(message, hint: error.hint ?? parameter.help)
    }
  }

  private func failure(_ message: String, hint: String? = nil) -> CallFailure {
    let usage = "usage: \(usage)"
    return CallFailure(code: "runbook.argument", message: message, hint: hint.map { "\($0)\n\(usage)" } ?? usage)
  }
}
